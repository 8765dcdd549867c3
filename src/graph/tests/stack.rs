//! What a graph shows of a stack on a live swarm.

use indoc::indoc;

use super::super::LiveHost;
use super::super::input::GraphInput;
use super::super::model::{DriftKind, Graph, Zone};
use super::geometry::assert_legible;
use super::live::{expected, finding, one};
use crate::fields::Value;
use crate::finding::{Code, Finding};
use crate::orchestrator::Orchestrator;
use crate::severity::Severity;
use crate::state::{self, State};

/// A stack: what a manager of its swarm has.
fn stack_there() -> State {
    let text = |text: &str| Some(crate::redact::Sensitive::public(text));
    let service = |networks: &[&str], ports: &[&str]| {
        let networks = networks
            .iter()
            .map(|&name| (name.to_owned(), text("attached")));
        let ports = ports.iter().map(|&port| port.to_owned());
        let aliases = ("p_back,aliases".to_owned(), text("web"));
        state::StackService {
            image: Some("w".to_owned()),
            fields: [
                ("networks", Value::Map(networks.chain([aliases]).collect())),
                ("ports", Value::List(ports.collect())),
                (
                    "volumes",
                    Value::Map(
                        [
                            ("/data".to_owned(), text("volume p_data")),
                            ("/sock".to_owned(), text("bind /var/run/docker.sock")),
                            ("/sock,read_only".to_owned(), text("true")),
                        ]
                        .into(),
                    ),
                ),
            ]
            .into_iter()
            .collect(),
            ..state::StackService::default()
        }
    };
    let services = [
        (
            "web",
            service(&["p_back"], &["80:80/tcp", "90:90/tcp", "53:53/udp (host)"]),
        ),
        ("old", service(&["p_front"], &["60:60/tcp"])),
    ];
    State {
        stack: Some(state::Stack {
            services: services.map(|(name, one)| (name.to_owned(), one)).into(),
            live: Some(state::Swarm::default()),
            ..state::Stack::default()
        }),
        live: Some(state::Live::default()),
        ..State::empty("p")
    }
}

/// What is drawn of a stack on a live swarm.
fn live_graph(expected: &State, there: &State, findings: &[Finding]) -> Graph {
    Graph::of(GraphInput {
        expected,
        spec: None,
        live: Some(LiveHost {
            observed: Ok(there),
            findings,
        }),
        folders: None,
    })
}

#[test]
fn a_stack_is_drawn_as_its_swarm_has_it() {
    let file = indoc! {"
        services:
          web: { image: w, networks: [front, back, shared], ports: ['80:80', '70:70'], volumes: ['data:/data'] }
        networks: { front: {}, back: {}, shared: { external: true } }
        volumes: { data: {} }
    "};
    let expected = expected(file, Orchestrator::Swarm);
    let places = [
        (Code::PortExtra, ["services", "web", "ports", "90:90/tcp"]),
        (Code::PortMissing, ["services", "web", "ports", "70:70/tcp"]),
        (
            Code::ServiceConfig,
            ["services", "web", "networks", "p_back,aliases"],
        ),
        (
            Code::NetworkForeign,
            ["foreign", "debug", "networks", "p_back"],
        ),
        (Code::ServiceOrphan, ["services", "old", "name", ""]),
    ];
    let findings = places.map(|(code, place)| finding(code, Severity::Drift, &place));
    let there = stack_there();
    let graph = live_graph(&expected, &there, &findings);
    let web = one(&graph, "web");
    let ports: Vec<_> = web
        .ports
        .iter()
        .map(|port| {
            (
                port.text(),
                port.reach,
                port.drift.as_ref().map(|drift| drift.change),
            )
        })
        .collect();
    assert_eq!(
        ports,
        [
            ("*:80 → 80".to_owned(), Zone::Internet, None),
            (
                "*:90 → 90".to_owned(),
                Zone::Internet,
                Some(DriftKind::Extra)
            ),
            (
                "*:70 → 70".to_owned(),
                Zone::Nowhere,
                Some(DriftKind::Missing)
            ),
        ],
        "no task runs that could publish a port of its node"
    );
    let ways = super::super::reach(std::slice::from_ref(&graph), "web");
    let is_unknown = ways
        .paths
        .iter()
        .any(|path| path.from == super::super::PathOrigin::Unknown);
    assert!(!is_unknown, "it is on no network that others may join");
    let networks: Vec<&str> = web.networks.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        networks,
        ["back"],
        "`front` is gone, and an alias is not a network"
    );
    assert_eq!(web.binds, ["/var/run/docker.sock"]);
    assert_eq!(web.volumes[0].name, "data");
    let old = one(&graph, "old");
    assert_eq!(
        (old.ports.len(), old.networks[0].name.as_str()),
        (1, "front")
    );
    assert!(one(&graph, "debug").foreign);
    let shared = graph.networks.iter().find(|one| one.name == "shared");
    assert!(
        shared.unwrap().others.is_none(),
        "a manager does not know them"
    );
    assert_legible(&[graph], None);
}

#[test]
fn who_is_on_a_network_that_everyone_may_join_is_unknown() {
    let ways = |networks: &str, live: bool| {
        let file = format!(
            "services: {{ db: {{ image: d, networks: [back] }} }}\nnetworks: {{ back: {networks} }}\n"
        );
        let expected = expected(&file, Orchestrator::Swarm);
        let mut there = stack_there();
        let web = there
            .stack
            .as_mut()
            .unwrap()
            .services
            .remove("web")
            .unwrap();
        let db = state::StackService {
            fields: [(
                "networks",
                Value::Map(
                    ["p_back", "alien"]
                        .map(|name| {
                            let attached = crate::redact::Sensitive::public("attached");
                            (name.to_owned(), Some(attached))
                        })
                        .into(),
                ),
            )]
            .into_iter()
            .collect(),
            ..web
        };
        there
            .stack
            .as_mut()
            .unwrap()
            .services
            .insert("db".to_owned(), db);
        let live = live.then_some(LiveHost {
            observed: Ok(&there),
            findings: &[],
        });
        let graph = Graph::of(GraphInput {
            expected: &expected,
            spec: None,
            live,
            folders: None,
        });
        let found = super::super::reach(&[graph], "db");
        found.paths.iter().map(|path| path.from).collect::<Vec<_>>()
    };
    let unknown = super::super::PathOrigin::Unknown;
    assert_eq!(ways("{ internal: true }", false), []);
    assert_eq!(
        ways("{ internal: true, attachable: true }", false),
        [unknown]
    );
    assert_eq!(
        ways("{ internal: true }", true),
        [unknown],
        "`alien` is not in the file"
    );
}

#[test]
fn a_task_publishes_its_ports_before_it_is_healthy() {
    let file = "services: { web: { image: w, ports: [{ target: 53, published: 53, protocol: udp, mode: host }] } }\n";
    let expected = expected(file, Orchestrator::Swarm);
    for (starting, reach) in [(None, Zone::Nowhere), (Some(1), Zone::Internet)] {
        let mut there = stack_there();
        let stack = there.stack.as_mut().unwrap();
        let web = stack.services.get_mut("web").unwrap();
        web.fields.take("networks");
        let running = state::Running {
            starting,
            ..state::Running::default()
        };
        let live = stack.live.as_mut().unwrap();
        live.running.insert("web".to_owned(), running);
        let graph = live_graph(&expected, &there, &[]);
        let port = one(&graph, "web")
            .ports
            .iter()
            .find(|port| port.to == "53/udp");
        assert_eq!(port.unwrap().reach, reach);
    }
}

#[test]
fn no_node_publishes_a_port_of_an_internal_network() {
    for (mode, reach) in [("host", Zone::Nowhere), ("ingress", Zone::Internet)] {
        let file = format!(
            "services: {{ web: {{ image: w, networks: [back], ports: [{{ target: 80, published: 80, mode: {mode} }}] }} }}\n\
             networks: {{ back: {{ internal: true }} }}\n"
        );
        let expected = expected(&file, Orchestrator::Swarm);
        let graph = Graph::of(GraphInput {
            expected: &expected,
            spec: None,
            live: None,
            folders: None,
        });
        assert_eq!(one(&graph, "web").ports[0].reach, reach, "{mode}");
    }
}

#[test]
fn services_of_others_lead_to_a_service_by_the_ports_that_they_publish() {
    let ways = |attachable: bool| {
        let file = indoc! {"
            services:
              db: { image: d, networks: [back, shared] }
            networks: { back: { internal: true }, shared: { external: true } }
        "};
        let expected = expected(file, Orchestrator::Swarm);
        let mut there = stack_there();
        let shared = state::Network {
            name: "shared".to_owned(),
            fields: [("attachable", Value::Flag(attachable))]
                .into_iter()
                .collect(),
            ..state::Network::default()
        };
        there.networks.insert("shared".to_owned(), shared);
        let own = there.stack.as_mut().unwrap();
        let attached = ["p_back", "shared"].map(|name| {
            let attached = crate::redact::Sensitive::public("attached");
            (name.to_owned(), Some(attached))
        });
        let db = state::StackService {
            fields: [("networks", Value::Map(attached.into()))]
                .into_iter()
                .collect(),
            ..state::StackService::default()
        };
        own.services = [("db".to_owned(), db)].into();
        let live = own.live.as_mut().unwrap();
        live.sharing = Some([("edge_proxy".to_owned(), ["shared".to_owned()].into())].into());
        live.ports = [
            ("edge_proxy".to_owned(), vec!["443:443/tcp".to_owned()]),
            ("debug_shell".to_owned(), vec!["22:22/tcp".to_owned()]),
        ]
        .into();
        let place = ["foreign", "debug_shell", "networks", "p_back"];
        let findings = [finding(Code::NetworkForeign, Severity::Exposure, &place)];
        let graph = live_graph(&expected, &there, &findings);
        let ways = super::super::reach(&[graph], "db");
        let ways = ways.paths.iter().map(|path| {
            let hops = path.hops.iter().map(|hop| match hop {
                super::super::Hop::Port { port, .. } => port.as_str(),
                super::super::Hop::Service { name, .. }
                | super::super::Hop::Network { name, .. }
                | super::super::Hop::Container { name, .. } => name,
                _ => "",
            });
            format!("{:?}: {}", path.from, hops.collect::<Vec<_>>().join(", "))
        });
        ways.collect::<Vec<_>>()
    };
    let mut known = vec![
        "Internet: *:22 → 22, debug_shell, back, db",
        "Internet: *:443 → 443, edge_proxy, shared, db",
        "ForeignContainer: debug_shell, back, db",
        "ForeignContainer: edge_proxy, shared, db",
    ];
    assert_eq!(ways(false), known);
    known.push("Unknown: shared, db");
    assert_eq!(ways(true), known, "whoever runs a container may join it");
}
