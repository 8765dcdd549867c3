//! Pictures are legible whatever is in them: no text covers another, and no line passes through a box.

mod geometry;
mod live;
mod stack;
mod strategies;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use geometry::{assert_legible, problems};
use strategies::graph;

use super::input::GraphInput;
use super::layout::picture;
use super::measure::Font;
use super::model::{Attachment, Graph, Network, Port, Service, Zone};
use super::reach::on_path;
use super::svg::STYLE;
use super::{Spec, Styles, connect, dot, mermaid, reach, svg};
use crate::compose;
use crate::files::Root;
use crate::host_id::HostId;
use crate::render::{self, RenderPlan, Templates};
use crate::spec::{self, PullRequest};
use crate::target;
use crate::variables::Variables;

/// The graphs of all hosts of a project that have a file on every day.
fn project(folder: &str) -> Vec<Graph> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let root = Root::open(&path).unwrap();
    let number = PullRequest::SAMPLE;
    let catalog = spec::load(&root, number).unwrap();
    let templates = Templates::load(&root).unwrap();
    let plan = RenderPlan::whole(&catalog, Some(number));
    let rendered = render::render(&catalog, &templates, &plan, Some(number)).unwrap();
    let variables = compose::with_files(Variables::default(), &[]).unwrap();
    let mut graphs: Vec<Graph> = rendered
        .iter()
        .map(|one| {
            let (expected, _) = target::expected(&root, one, &variables).unwrap();
            let spec = Spec {
                catalog: &catalog,
                environment: one.planned.environment,
                host: one.planned.host,
                is_pattern: false,
            };
            Graph::of(GraphInput {
                expected: &expected,
                spec: Some(spec),
                live: None,
                folders: None,
            })
        })
        .collect();
    connect(&mut graphs);
    graphs
}

#[test]
fn the_hosts_of_this_repository_are_legible() {
    let graphs = project("");
    assert_eq!(graphs.len(), 7);
    assert_legible(&graphs, None);
    assert_legible(&graphs, Some("postgres"));
    for graph in graphs {
        let largest = graph.id.title() == "vps-prod";
        let graphs = [graph];
        assert_legible(&graphs, None);
        let picture = picture(&graphs, None);
        assert!(picture.width <= 1280.0, "{}", picture.width);
        if largest {
            assert_eq!(graphs[0].services.len(), 17);
            assert_eq!(graphs[0].networks.len(), 3);
        }
    }
    // No text is so small that it cannot be read.
    for font in [Font::Title, Font::Name, Font::Small, Font::Mono] {
        assert!(font.size() >= 11.0);
        assert!(STYLE.contains(&format!(
            ".{} {{ font-size: {}px",
            font.class(),
            font.size()
        )));
    }
}

#[test]
fn the_hosts_of_the_bookstore_are_legible() {
    let graphs = project("examples/bookstore");
    assert_legible(&graphs, None);
    assert_legible(&graphs, Some("mysql"));
    let by_name: BTreeMap<&str, &Graph> = graphs.iter().map(|one| (one.id.title(), one)).collect();
    // `extra_hosts` with the address of a machine lead to the host there.
    let routes = &by_name["prod-app"].routes;
    let mysql = routes.iter().find(|route| route.name == "mysql").unwrap();
    assert_eq!(mysql.host.as_deref(), Some("prod-data"));
    assert_eq!(mysql.services, ["mysql"]);
    let services = &by_name["prod-data"].services;
    let mysql = services.iter().find(|one| one.name == "mysql").unwrap();
    assert_eq!(mysql.ports[0].reach, Zone::PrivateNetwork);
    assert_eq!(mysql.ports[0].callers[0].host, "prod-app");
}

#[test]
fn no_address_is_cut_and_no_arrow_passes_another_zone() {
    let port = |reach, from: &str, to: &str| Port {
        reach,
        from: from.into(),
        to: to.into(),
        callers: Vec::new(),
        drift: None,
    };
    let long = "[2001:db8:1234:5678:9abc:def0:1234:5678]:20000-24999";
    let mut graph = large(3, 1);
    graph.services[0].ports = vec![
        port(Zone::Internet, long, "20000-24999/sctp"),
        port(Zone::PrivateNetwork, "10.0.0.1:80", "80"),
        port(Zone::Loopback, "127.0.0.1:80", "80"),
    ];
    graph.services[1].ports = vec![
        port(Zone::Internet, "*:443", "443"),
        port(Zone::Nowhere, "*:1", "1"),
    ];
    let graphs = [graph];
    assert_legible(&graphs, None);
    assert!(svg(&graphs, None, Styles::Own).contains(&format!("{long} → 20000-24999/sctp</text>")));
}

/// A host of many services.
fn large(services: usize, networks: usize) -> Graph {
    let name = |kind: &str, at: usize| format!("{kind}-{at}");
    Graph {
        id: HostId {
            host: None,
            environment: None,
            project: "large".into(),
        },
        services: (0..services)
            .map(|at| Service {
                name: name("service", at),
                image: Some(format!("registry.example/image-{at}:1.2.3")),
                replicas: 1,
                networks: BTreeSet::from([at % networks, at * 7 % networks])
                    .into_iter()
                    .map(|at| Attachment {
                        name: name("network", at),
                        drift: None,
                    })
                    .collect(),
                ports: (0..usize::from(at % 5 == 0))
                    .map(|_| Port {
                        reach: Zone::Loopback,
                        from: format!("127.0.0.1:{at}"),
                        to: "80".into(),
                        callers: Vec::new(),
                        drift: None,
                    })
                    .collect(),
                ..Service::default()
            })
            .collect(),
        networks: (0..networks)
            .map(|at| Network {
                name: name("network", at),
                ..Network::default()
            })
            .collect(),
        ..Graph::default()
    }
}

#[test]
fn a_host_of_a_thousand_services_is_legible() {
    let graphs = [large(1000, 20)];
    let text = svg(&graphs, Some("service-999"), Styles::Own);
    assert!(text.contains("service-999"));
    assert_legible(&graphs, None);
}

#[test]
fn a_hundred_hosts_fit_one_picture() {
    let graphs: Vec<Graph> = (0..100).map(|_| large(20, 3)).collect();
    let text = svg(&graphs, None, Styles::Own);
    assert_eq!(text.matches("cg-heading").count(), 100);
}

/// What is left of a picture without its own elements and without references to characters.
fn markup(svg: &str) -> Vec<String> {
    let mut left = Vec::new();
    for part in svg.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else {
            left.push(part.to_owned());
            continue;
        };
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let known = [
            "svg", "g", "title", "desc", "style", "rect", "path", "circle", "text",
        ];
        if !known.contains(&name.as_str()) {
            left.push(part.to_owned());
        }
        for entity in text.split('&').skip(1) {
            let end = ["amp;", "lt;", "gt;", "quot;", "apos;"];
            if !end.iter().any(|end| entity.starts_with(end)) {
                left.push(entity.to_owned());
            }
        }
    }
    left
}

#[test]
fn a_hostile_name_is_text() {
    let mut graph = large(2, 1);
    for hostile in [
        "<script>alert(1)</script>",
        "\"];",
        "]]>",
        "&amp;",
        "a\nb\u{202e}",
    ] {
        graph.services[0].name = hostile.into();
        graph.networks[0].name = hostile.into();
        let graphs = [graph.clone()];
        let text = svg(&graphs, None, Styles::OfPage);
        assert_eq!(markup(&text), Vec::<String>::new());
        assert!(!text.contains("<script"), "{text}");
        assert_legible(&graphs, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_picture_is_legible(graphs in proptest::collection::vec(graph(), 0..3)) {
        let problems = problems(&picture(&graphs, None));
        prop_assert!(problems.is_empty(), "{problems:#?}");
        let service = graphs.iter().find_map(|graph| graph.services.first());
        if let Some(service) = service {
            let on = on_path(&graphs, &service.name);
            let problems = geometry::problems(&picture(&graphs, Some(&on)));
            prop_assert!(problems.is_empty(), "{problems:#?}");
        }
    }

    #[test]
    fn no_name_is_markup(graph in graph()) {
        let graphs = [graph];
        let text = svg(&graphs, None, Styles::OfPage);
        prop_assert_eq!(markup(&text), Vec::<String>::new());
        // Every line is one node or edge, whatever the names hold.
        for line in mermaid(&graphs, None).lines().chain(dot(&graphs, None).lines()) {
            prop_assert!(!line.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_path_ends_at_the_service(graphs in proptest::collection::vec(graph(), 1..3)) {
        let services: Vec<&Service> = graphs.iter().flat_map(|graph| &graph.services).collect();
        if let Some(service) = services.first() {
            let found = reach(&graphs, &service.name);
            // One for each way in.
            let ports: usize = services.iter().map(|one| one.ports.iter().map(|port| 1 + port.callers.len()).sum::<usize>() + 1).sum();
            let networks: usize = graphs.iter().map(|graph| graph.networks.len()).sum();
            prop_assert!(found.paths.len() <= ports + networks);
            for path in &found.paths {
                let ends = matches!(path.hops.last(), Some(super::Hop::Service { name, .. }) if *name == service.name);
                prop_assert!(ends, "{path:?}");
            }
        }
    }
}
