//! What a graph shows of a live host.

use indoc::indoc;

use super::super::input::GraphInput;
use super::super::model::{DriftKind, Graph, Service, Zone};
use super::super::{LiveHost, PathOrigin, Styles, reach, svg};
use super::geometry::assert_legible;
use crate::compose::{self, Unset};
use crate::finding::{Code, Finding};
use crate::orchestrator::Orchestrator;
use crate::redact::TextForm;
use crate::severity::Severity;
use crate::source::Source;
use crate::state::{self, Container, State};
use crate::variables::Variables;

/// What a file asks for.
pub(super) fn expected(file: &str, orchestrator: Orchestrator) -> State {
    compose::read(
        &Source::of(TextForm::Compose, "compose.yml", file.to_owned()),
        &compose::Options {
            directory: "/p".into(),
            project: "/p".into(),
            variables: Variables::default(),
            unset: Unset::Keep,
            orchestrator,
            name: orchestrator.is_swarm().then(|| "p".to_owned()),
            profiles: Vec::new(),
            reads_files: false,
        },
    )
    .unwrap()
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
    let expected = expected(file, Orchestrator::Docker);
    Graph::of(GraphInput {
        expected: &expected,
        spec: None,
        live: Some(LiveHost {
            observed: Ok(&State::empty("p")),
            findings,
        }),
        folders: None,
    })
}

pub(super) fn finding(code: Code, severity: Severity, place: &[&str]) -> Finding {
    let mut finding = Finding::new(code, severity, "db", format!("found {}", code.as_str()));
    finding.place = place.iter().map(|part| (*part).to_owned()).collect();
    finding
}

pub(super) fn one<'a>(graph: &'a Graph, name: &str) -> &'a Service {
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
    let ports: Vec<(String, Zone, DriftKind)> = one(&graph, "db")
        .ports
        .iter()
        .map(|port| (port.text(), port.reach, port.drift.as_ref().unwrap().change))
        .collect();
    let expected = [
        (
            "0.0.0.0:5432 → 5432".to_owned(),
            Zone::Internet,
            DriftKind::Differs,
        ),
        (
            "0.0.0.0:9000 → 9000".to_owned(),
            Zone::Internet,
            DriftKind::Extra,
        ),
    ];
    assert_eq!(ports, expected);
    let graphs = [graph];
    let found = reach(&graphs, "db");
    let direct = found
        .paths
        .iter()
        .filter(|path| path.from == PathOrigin::Internet);
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
fn what_is_missing_is_not_a_way_in() {
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
        DriftKind::Missing
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
        .find(|path| path.from == PathOrigin::ForeignContainer);
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
            .is_some_and(|drift| drift.change == DriftKind::Missing)
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
        .find(|path| path.from == PathOrigin::Internet);
    let hops = &from_internet.unwrap().hops;
    assert_eq!(hops.len(), 3, "the port, web, side: {hops:?}");
}

#[test]
fn a_stack_publishes_on_every_address() {
    let file = "services: { web: { image: w, networks: [back], ports: ['127.0.0.1:80:80'] } }\n\
                networks: { back: { internal: true } }\n";
    let graph = on_engine(file, Orchestrator::Swarm);
    let port = &one(&graph, "web").ports[0];
    assert_eq!(
        (port.text().as_str(), port.reach),
        ("*:80 → 80", Zone::Internet)
    );
}

/// The graph of a file.
fn of_file(file: &str) -> Graph {
    on_engine(file, Orchestrator::Docker)
}

fn on_engine(file: &str, orchestrator: Orchestrator) -> Graph {
    let expected = expected(file, orchestrator);
    Graph::of(GraphInput {
        expected: &expected,
        spec: None,
        live: None,
        folders: Some(&super::super::Folders {
            project: "/p".into(),
            compose: "/p".into(),
        }),
    })
}

fn ways(graphs: &[Graph], service: &str) -> Vec<PathOrigin> {
    let found = reach(graphs, service);
    found.paths.iter().map(|path| path.from).collect()
}

#[test]
fn what_is_on_a_network_of_others_is_unknown() {
    let graph = of_file(indoc! {"
        name: p
        services:
          db: { image: db, networks: [shared] }
          side: { image: s, network_mode: 'container:elsewhere' }
          own: { image: o, network_mode: 'container:p-job-1' }
          job: { image: j }
          gate: { image: g, container_name: gate }
          behind: { image: b, network_mode: 'container:gate' }
        networks: { shared: { external: true } }
    "});
    let graphs = [graph];
    assert_eq!(ways(&graphs, "db"), [PathOrigin::Unknown]);
    assert_eq!(ways(&graphs, "side"), [PathOrigin::Unknown]);
    assert_eq!(ways(&graphs, "own"), [], "the container is in the file");
    assert_eq!(ways(&graphs, "job"), []);
    assert_eq!(ways(&graphs, "behind"), [], "the file names the container");
}

#[test]
fn a_live_host_says_who_is_on_a_network_of_others() {
    let file = indoc! {"
        name: p
        services: { db: { image: db, networks: [shared] } }
        networks: { shared: { external: true, name: theirs } }
    "};
    let expected = expected(file, Orchestrator::Docker);
    let graph = |foreign: Vec<Container>| {
        let observed = State {
            live: Some(state::Live {
                foreign,
                ..state::Live::default()
            }),
            ..State::empty("p")
        };
        Graph::of(GraphInput {
            expected: &expected,
            spec: None,
            live: Some(LiveHost {
                observed: Ok(&observed),
                findings: &[],
            }),
            folders: None,
        })
    };
    let on = |name: &str, network: &str, state: &str, project: &str| Container {
        name: name.into(),
        state: state.into(),
        project: Some(project.into()),
        networks: [(network.to_owned(), state::Attached::default())].into(),
        ..Container::default()
    };
    let graphs = [graph(vec![
        on("spy", "theirs", "running", "others"),
        on("gone", "theirs", "exited", "others"),
        on("apart", "bridge", "running", "others"),
    ])];
    let found = reach(&graphs, "db").paths;
    let [path] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(path.from, PathOrigin::ForeignContainer);
    assert!(format!("{:?}", path.hops).contains("spy"), "{path:?}");
    assert_eq!(ways(&[graph(Vec::new())], "db"), []);
    // What another picture draws is on a path of its own.
    let with_others = [
        graph(vec![on("web", "theirs", "running", "q")]),
        of_file(
            "name: q\nservices: { web: { image: w, networks: [n] } }\nnetworks: { n: { name: theirs, external: true } }\n",
        ),
    ];
    assert_eq!(
        ways(&with_others[..1], "db"),
        [PathOrigin::ForeignContainer]
    );
    assert_eq!(ways(&with_others, "db"), []);
}

#[test]
fn projects_on_one_machine_share_a_network_by_its_name() {
    let on = |machine: &str, file: &str| Graph {
        machine: Some(machine.to_owned()),
        ..of_file(file)
    };
    let data = "name: data\nservices: { db: { image: d, networks: [back] } }\nnetworks: { back: { name: shared } }\n";
    let app = "name: app\nservices: { web: { image: w, networks: [n], ports: ['80:80'] } }\n\
               networks: { n: { name: shared, external: true } }\n";
    let graphs = [on("one", data), on("one", app)];
    assert_eq!(ways(&graphs, "db"), [PathOrigin::Internet]);
    assert_legible(&graphs, Some("db"));
    let apart = [on("one", data), on("two", app)];
    assert_eq!(ways(&apart, "db"), []);
}

#[test]
fn addresses_of_its_own_are_ways_to_a_service() {
    let graph = of_file(indoc! {"
        name: p
        services:
          lan: { image: a, networks: { lan: { ipv4_address: 192.168.1.9 } }, ports: ['80:80'] }
          open: { image: a, networks: [open] }
          routed: { image: a, networks: [routed], ports: ['127.0.0.1:8080:80'] }
          shut: { image: a, networks: [shut] }
        networks:
          lan: { driver: macvlan, ipam: { config: [{ subnet: 192.168.1.0/24 }] } }
          open: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: nat-unprotected } }
          routed:
            driver_opts: { com.docker.network.bridge.gateway_mode_ipv6: routed }
            ipam: { config: [{ subnet: '2001:db8::/64' }] }
          shut: { driver: ipvlan, internal: true }
    "});
    let ports = |name: &str| -> Vec<(String, Zone)> {
        one(&graph, name)
            .ports
            .iter()
            .map(|port| (port.text(), port.reach))
            .collect()
    };
    let private = Zone::PrivateNetwork;
    assert_eq!(
        ports("lan"),
        [
            ("192.168.1.9:any → any".to_owned(), private),
            ("*:80 → 80".to_owned(), Zone::Nowhere)
        ]
    );
    assert_eq!(ports("open"), [("open:any → any".to_owned(), private)]);
    assert_eq!(
        ports("routed"),
        [
            ("[2001:db8::/64]:80 → 80".to_owned(), Zone::Internet),
            ("127.0.0.1:8080 → 80".to_owned(), Zone::Loopback)
        ]
    );
    assert_eq!(ports("shut"), []);
    let graphs = [graph];
    assert_eq!(ways(&graphs, "lan"), [PathOrigin::PrivateNetwork]);
}

#[test]
fn a_bind_mount_of_the_project_is_relative() {
    let graph = of_file(
        "name: p\nservices: { a: { image: a, volumes: ['./conf:/c', '.:/all', '/var/log:/l'] } }\n",
    );
    assert_eq!(one(&graph, "a").binds, [".", "./conf", "/var/log"]);
}

#[test]
fn the_network_of_the_engine_is_open_to_others() {
    for mode in ["bridge", "default"] {
        let graph = of_file(&format!(
            "name: p\nservices: {{ db: {{ image: db, network_mode: {mode}, ports: ['80:80'] }} }}\n"
        ));
        assert_eq!(
            ways(&[graph], "db"),
            [PathOrigin::Internet, PathOrigin::Unknown],
            "{mode}"
        );
    }
}
