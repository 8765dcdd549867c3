//! Pictures are legible whatever is in them: no text covers another, and no line passes through a box.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use indoc::indoc;
use proptest::prelude::*;

use super::layout::{Anchor, Picture, Rect, Shape, picture};
use super::measure::Font;
use super::model::{
    Attachment, Change, Drift, Graph, Network, Note, Port, Route, Service, Volume, Zone,
};
use super::reach::on_path;
use super::svg::STYLE;
use super::{Live, Spec, Styles, Subject, connect, dot, mermaid, reach, svg};
use crate::compose::{self, Unset};
use crate::files::Root;
use crate::finding::{Code, Finding};
use crate::redact::Form;
use crate::render::{self, Plan, Selection, Templates};
use crate::severity::Severity;
use crate::source::Source;
use crate::spec::{self, PullRequest};
use crate::state::State;
use crate::target;
use crate::text::tests::nasty;
use crate::variables::Variables;

/// The graphs of all hosts of a project that have a file on every day.
fn project(folder: &str) -> Vec<Graph> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let root = Root::open(&path).unwrap();
    let number = PullRequest::SAMPLE;
    let catalog = spec::load(&root, number).unwrap();
    let templates = Templates::load(&root).unwrap();
    let plan = Plan::of(&catalog, &Selection::default(), Some(number)).unwrap();
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
            };
            Graph::of(Subject {
                expected: &expected,
                spec: Some(spec),
                live: None,
            })
        })
        .collect();
    connect(&mut graphs);
    graphs
}

fn text_rect(shape: &Shape) -> Option<Rect> {
    let Shape::Text {
        at: (x, y),
        text,
        font,
        anchor,
        ..
    } = shape
    else {
        return None;
    };
    let width = font.width(text);
    let x = match anchor {
        Anchor::Start => *x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    (!text.is_empty()).then_some(Rect {
        x,
        y: y - 0.75 * font.size(),
        width,
        height: 0.95 * font.size(),
    })
}

fn sign_rect(shape: &Shape) -> Option<Rect> {
    let (x, y, width, height) = match shape {
        Shape::Dot { at: (x, y), .. } => (x - 4.5, y - 4.5, 9.0, 9.0),
        Shape::Square { at: (x, y), .. } => (x - 4.0, y - 4.0, 8.0, 8.0),
        Shape::Cylinder { at: (x, y) } | Shape::Folder { at: (x, y) } => (*x, *y, 10.0, 11.0),
        Shape::Tip { at: (x, y), .. } => (x - 8.0, y - 4.5, 8.0, 9.0),
        _ => return None,
    };
    Some(Rect {
        x,
        y,
        width,
        height,
    })
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    let apart = a.x + a.width <= b.x + 0.5
        || b.x + b.width <= a.x + 0.5
        || a.y + a.height <= b.y + 0.5
        || b.y + b.height <= a.y + 0.5;
    !apart
}

fn is_inside(inner: &Rect, outer: &Rect) -> bool {
    inner.x >= outer.x - 0.5
        && inner.y >= outer.y - 0.5
        && inner.x + inner.width <= outer.x + outer.width + 0.5
        && inner.y + inner.height <= outer.y + outer.height + 0.5
}

/// Everything that makes a picture illegible.
fn problems(picture: &Picture) -> Vec<String> {
    let mut problems = Vec::new();
    let whole = Rect {
        x: 0.0,
        y: 0.0,
        width: picture.width,
        height: picture.height,
    };
    // Boxes, texts and signs, each with whether it is a box.
    let mut items: Vec<(Rect, bool, String)> = Vec::new();
    let mut lines: Vec<(Rect, usize, String)> = Vec::new();
    for (at, group) in picture.groups.iter().enumerate() {
        for shape in &group.shapes {
            match shape {
                Shape::Area { rect, .. } => {
                    if !is_inside(rect, &whole) {
                        problems.push(format!("{rect:?} is outside"));
                    }
                }
                Shape::Box { rect, class, .. } => items.push((*rect, true, class.clone())),
                Shape::Line { points, class } => {
                    let [(x1, y1), (x2, y2)] = points[..] else {
                        panic!("a line has two ends");
                    };
                    assert!(
                        (x1 - x2).abs().min((y1 - y2).abs()) < 0.01,
                        "lines are straight"
                    );
                    let rect = Rect {
                        x: x1.min(x2),
                        y: y1.min(y2),
                        width: (x1 - x2).abs(),
                        height: (y1 - y2).abs(),
                    };
                    lines.push((rect, at, class.clone()));
                }
                Shape::Text { text, .. } => {
                    items.extend(text_rect(shape).map(|rect| (rect, false, text.clone())));
                }
                _ => items.extend(sign_rect(shape).map(|rect| (rect, false, "sign".into()))),
            }
        }
    }
    items.sort_by(|(a, ..), (b, ..)| a.y.total_cmp(&b.y));
    for (at, (a, a_is_box, a_says)) in items.iter().enumerate() {
        if !is_inside(a, &whole) {
            problems.push(format!("`{a_says}` is outside"));
        }
        for (b, b_is_box, b_says) in &items[at + 1..] {
            if b.y >= a.y + a.height {
                break;
            }
            let is_within = *a_is_box && !b_is_box && is_inside(b, a)
                || *b_is_box && !a_is_box && is_inside(a, b);
            if overlap(a, b) && !is_within {
                problems.push(format!("`{a_says}` {a:?} overlaps `{b_says}` {b:?}"));
            }
        }
    }
    // A line ends at a box, and touches no text; dots are on lines.
    for (line, _, class) in &lines {
        for (item, _, says) in items.iter().filter(|(.., says)| says != "sign") {
            let is_through = line.x < item.x + item.width - 1.0
                && line.x + line.width > item.x + 1.0
                && line.y < item.y + item.height - 1.0
                && line.y + line.height > item.y + 1.0;
            if is_through {
                problems.push(format!(
                    "`{class}` {line:?} passes through `{says}` {item:?}"
                ));
            }
        }
    }
    // Two lines that run over each other look like one.
    let mut level: Vec<&(Rect, usize, String)> = lines
        .iter()
        .filter(|(line, _, class)| line.height < 0.01 && class.contains("cg-stub"))
        .collect();
    level.sort_by(|(a, ..), (b, ..)| a.y.total_cmp(&b.y));
    for (at, (a, of, _)) in level.iter().enumerate() {
        for (b, other, _) in &level[at + 1..] {
            if b.y > a.y + 5.0 {
                break;
            }
            if of != other && a.x < b.x + b.width - 1.0 && b.x < a.x + a.width - 1.0 {
                problems.push(format!("lines at {a:?} and {b:?} run over each other"));
            }
        }
    }
    problems.truncate(5);
    problems
}

fn assert_legible(graphs: &[Graph], reach: Option<&str>) {
    let on = reach.map(|service| on_path(graphs, service));
    let problems = problems(&picture(graphs, on.as_ref()));
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_hosts_of_this_repository_are_legible() {
    let graphs = project("");
    assert_eq!(graphs.len(), 6);
    assert_legible(&graphs, None);
    assert_legible(&graphs, Some("postgres"));
    for graph in graphs {
        let largest = graph.title() == "vps-prod";
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
    let by_name: BTreeMap<&str, &Graph> = graphs.iter().map(|one| (one.title(), one)).collect();
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

/// A host of many services.
fn large(services: usize, networks: usize) -> Graph {
    let name = |kind: &str, at: usize| format!("{kind}-{at}");
    Graph {
        project: "large".into(),
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
    let start = Instant::now();
    let graphs = [large(1000, 20)];
    let text = svg(&graphs, Some("service-999"), Styles::Own);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(text.contains("service-999"));
    assert_legible(&graphs, None);
}

#[test]
fn a_hundred_hosts_take_no_time() {
    let graphs: Vec<Graph> = (0..100).map(|_| large(20, 3)).collect();
    let start = Instant::now();
    let text = svg(&graphs, None, Styles::Own);
    // Without optimisation; a second of the program is a tenth of this.
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(text.matches("cg-heading").count(), 100);
}

fn drift() -> impl Strategy<Value = Option<Drift>> {
    let severity = prop_oneof![
        Just(Severity::Exposure),
        Just(Severity::Drift),
        Just(Severity::Notice)
    ];
    let change = prop_oneof![
        Just(Change::Missing),
        Just(Change::Extra),
        Just(Change::Differs)
    ];
    let some = (severity, change, nasty()).prop_map(|(severity, change, message)| Drift {
        severity,
        change,
        messages: vec![message],
    });
    proptest::option::weighted(0.2, some)
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z][a-z0-9-]{0,12}", 1 => nasty(), 1 => "[a-zA-Z]{60,90}"]
}

fn attachments(names: Vec<String>, most: usize) -> impl Strategy<Value = Vec<Attachment>> {
    let count = names.len();
    let chosen = proptest::sample::subsequence(names, 0..=most.min(count));
    (chosen, drift()).prop_map(|(names, drift)| {
        let attach = |name| Attachment {
            name,
            drift: drift.clone(),
        };
        names.into_iter().map(attach).collect()
    })
}

fn port() -> impl Strategy<Value = Port> {
    let zone = prop_oneof![
        Just(Zone::Internet),
        Just(Zone::PrivateNetwork),
        Just(Zone::Loopback),
        Just(Zone::Nowhere)
    ];
    let caller = (name(), name()).prop_map(|(host, route)| super::Caller { host, route });
    let callers = proptest::collection::vec(caller, 0..2);
    (zone, name(), 1..65535_u16, callers, drift()).prop_map(|(reach, from, to, callers, drift)| {
        Port {
            reach,
            from,
            to: to.to_string(),
            callers,
            drift,
        }
    })
}

fn service(
    networks: Vec<String>,
    volumes: Vec<String>,
    routes: Vec<String>,
) -> impl Strategy<Value = Service> {
    let mode = prop_oneof![
        4 => Just(None),
        1 => name().prop_map(|name| Some(format!("service:{name}"))),
        1 => Just(Some("host".to_owned()))
    ];
    let count = routes.len();
    (
        (
            name(),
            any::<bool>(),
            proptest::option::of(name()),
            0..4_u32,
            mode,
        ),
        attachments(networks, 6),
        attachments(volumes, 5),
        proptest::collection::vec(port(), 0..4),
        proptest::sample::subsequence(routes, 0..=count),
        (proptest::collection::vec(name(), 0..6), drift()),
    )
        .prop_map(
            |(own, networks, volumes, ports, routes, (binds, drift))| Service {
                name: own.0,
                foreign: own.1,
                image: own.2,
                replicas: own.3,
                network_mode: own.4,
                networks,
                ports,
                volumes,
                binds,
                routes,
                drift,
            },
        )
}

fn graph() -> impl Strategy<Value = Graph> {
    let names = |most| proptest::collection::btree_set(name(), 0..most);
    (names(9), names(5), names(4)).prop_flat_map(|(networks, volumes, routes)| {
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect();
        let one = service(list(&networks), list(&volumes), list(&routes));
        let services = proptest::collection::vec(one, 0..14);
        let flags = proptest::collection::vec((any::<bool>(), drift()), 9);
        let hosts = proptest::collection::vec(proptest::option::of(name()), 4);
        let notes = proptest::collection::vec(nasty(), 0..16);
        (services, flags, hosts, name(), notes).prop_map(
            move |(services, flags, hosts, title, notes)| Graph {
                host: Some(title.clone()),
                project: title,
                services,
                networks: networks
                    .iter()
                    .zip(&flags)
                    .map(|(name, (internal, drift))| Network {
                        name: name.clone(),
                        internal: *internal,
                        external: !internal,
                        drift: drift.clone(),
                    })
                    .collect(),
                volumes: volumes
                    .iter()
                    .zip(flags.iter().rev())
                    .map(|(name, (external, drift))| Volume {
                        name: name.clone(),
                        external: *external,
                        drift: drift.clone(),
                    })
                    .collect(),
                routes: routes
                    .iter()
                    .zip(&hosts)
                    .map(|(name, host)| Route {
                        name: name.clone(),
                        address: name.clone(),
                        host: host.clone(),
                        services: host.iter().cloned().collect(),
                    })
                    .collect(),
                findings: notes
                    .into_iter()
                    .map(|message| Note {
                        severity: Severity::Drift,
                        message,
                    })
                    .collect(),
                ..Graph::default()
            },
        )
    })
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

/// A file with services on networks, and what was found where it runs.
fn observed(findings: &[Finding]) -> Graph {
    let file = indoc! {"
        name: p
        services:
          db: { image: db, networks: [back, front], ports: ['127.0.0.1:5432:5432'], volumes: ['data:/data'] }
          web: { image: web, networks: [back, front], ports: ['80:80'] }
          side: { image: side, network_mode: 'service:web' }
        networks: { back: { internal: true }, front: {} }
        volumes: { data: {} }
    "};
    let expected = compose::read(
        &Source::of(Form::Compose, "compose.yml", file.to_owned()),
        &compose::Options {
            directory: "/p".into(),
            project: "/p".into(),
            variables: Variables::default(),
            unset: Unset::Keep,
            reads_files: false,
        },
    )
    .unwrap();
    Graph::of(Subject {
        expected: &expected,
        spec: None,
        live: Some(Live {
            observed: Ok(&State::empty("p")),
            findings,
        }),
    })
}

fn finding(code: Code, severity: Severity, place: &[&str]) -> Finding {
    let mut finding = Finding::new(code, severity, "db", format!("found {}", code.as_str()));
    finding.place = place.iter().map(|part| (*part).to_owned()).collect();
    finding
}

fn one<'a>(graph: &'a Graph, name: &str) -> &'a Service {
    let found = graph.services.iter().find(|service| service.name == name);
    found.unwrap()
}

#[test]
fn a_port_that_must_not_be_there_is_a_way_in() {
    let place = ["services", "db", "ports", "0.0.0.0:9000:9000/tcp"];
    let extra = finding(Code::PortExtra, Severity::Exposure, &place);
    let mut changed = finding(
        Code::PortChanged,
        Severity::Exposure,
        &[
            "services",
            "db",
            "ports",
            "127.0.0.1:5432:5432/tcp",
            "host_ip",
        ],
    );
    changed.observed = "0.0.0.0".into();
    let graph = observed(&[extra, changed]);
    let ports: Vec<(String, Zone, Change)> = one(&graph, "db")
        .ports
        .iter()
        .map(|port| (port.text(), port.reach, port.drift.as_ref().unwrap().change))
        .collect();
    let expected = [
        (
            "0.0.0.0:5432 → 5432".to_owned(),
            Zone::Internet,
            Change::Differs,
        ),
        (
            "0.0.0.0:9000 → 9000".to_owned(),
            Zone::Internet,
            Change::Extra,
        ),
    ];
    assert_eq!(ports, expected);
    let graphs = [graph];
    let found = reach(&graphs, "db");
    let direct = found
        .paths
        .iter()
        .filter(|path| path.from == super::Origin::Internet);
    assert_eq!(direct.count(), 3, "two ports of its own, and that of web");
    let text = svg(&graphs, None, Styles::OfPage);
    assert_eq!(
        text.matches("cg-port cg-internet cg-red").count(),
        2,
        "{text}"
    );
    assert_legible(&graphs, None);
}

#[test]
fn what_is_missing_is_no_way_in() {
    let port = ["services", "db", "ports", "127.0.0.1:5432:5432/tcp"];
    let findings = [
        finding(
            Code::ServiceMissing,
            Severity::Drift,
            &["services", "web", "replicas"],
        ),
        finding(Code::PortMissing, Severity::Drift, &port),
        finding(
            Code::NetworkDetached,
            Severity::Drift,
            &["services", "db", "networks", "back"],
        ),
        finding(Code::VolumeMissing, Severity::Drift, &["volumes", "data"]),
    ];
    let graph = observed(&findings);
    assert_eq!(
        one(&graph, "web").drift.as_ref().unwrap().change,
        Change::Missing
    );
    let graphs = [graph];
    assert_eq!(reach(&graphs, "db").paths, []);
    let text = svg(&graphs, None, Styles::OfPage);
    for missing in [
        "cg-card cg-amber cg-gone",
        "cg-port cg-loopback cg-amber cg-gone",
        "cg-dot cg-c",
    ] {
        assert!(text.contains(missing), "{missing}");
    }
    assert_legible(&graphs, None);
}

#[test]
fn a_foreign_container_is_where_a_path_begins() {
    let place = ["foreign", "debug", "networks", "back"];
    let graph = observed(&[finding(Code::NetworkForeign, Severity::Exposure, &place)]);
    assert!(one(&graph, "debug").foreign);
    let found = reach(std::slice::from_ref(&graph), "db");
    let path = found
        .paths
        .iter()
        .find(|path| path.from == super::Origin::ForeignContainer);
    assert_eq!(path.unwrap().hops.len(), 3, "debug, back, db");
    assert_legible(&[graph], None);
}

#[test]
fn a_network_that_is_no_longer_internal_is_shown_so() {
    let place = ["networks", "back", "internal"];
    let mut changed = finding(Code::NetworkChanged, Severity::Exposure, &place);
    changed.observed = false.into();
    let graph = observed(&[changed]);
    let back = graph
        .networks
        .iter()
        .find(|network| network.name == "back")
        .unwrap();
    assert!(!back.internal && back.drift.is_some());
    assert!(
        observed(&[])
            .networks
            .iter()
            .any(|network| network.internal)
    );
}

#[test]
fn a_project_that_is_not_there_is_missing() {
    let graph = observed(&[finding(
        Code::ProjectMissing,
        Severity::Drift,
        &["services"],
    )]);
    let gone = |one: &Service| {
        one.drift
            .as_ref()
            .is_some_and(|drift| drift.change == Change::Missing)
    };
    assert!(graph.services.iter().all(gone));
    assert_eq!(reach(&[graph], "db").paths, []);
}

#[test]
fn a_service_in_the_network_of_another_is_reached_through_it() {
    let graphs = [observed(&[])];
    let found = reach(&graphs, "side");
    let from_internet = found
        .paths
        .iter()
        .find(|path| path.from == super::Origin::Internet);
    let hops = &from_internet.unwrap().hops;
    assert_eq!(hops.len(), 3, "the port, web, side: {hops:?}");
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
            let problems = self::problems(&picture(&graphs, Some(&on)));
            prop_assert!(problems.is_empty(), "{problems:#?}");
        }
    }

    #[test]
    fn no_name_is_markup(graph in graph()) {
        let graphs = [graph];
        let text = svg(&graphs, None, Styles::OfPage);
        prop_assert_eq!(markup(&text), Vec::<String>::new());
        // Every line is one node or edge, whatever the names hold.
        for line in mermaid(&graphs).lines().chain(dot(&graphs).lines()) {
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
            prop_assert!(found.paths.len() <= ports);
            for path in &found.paths {
                let ends = matches!(path.hops.last(), Some(super::Hop::Service { name, .. }) if *name == service.name);
                prop_assert!(ends, "{path:?}");
            }
        }
    }
}
