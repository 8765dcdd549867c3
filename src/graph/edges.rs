//! The nodes and edges of graphs that other programs draw: Graphviz and Mermaid.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Drift, DriftKind, Graph, Route, Zone, shared_with};
use super::neighbours::Node;
use super::reach::OnPath;
use crate::severity::Severity;

/// The zones that ports are in.
pub(super) fn zones(graphs: &[Graph]) -> BTreeSet<Zone> {
    graphs
        .iter()
        .flat_map(|graph| &graph.services)
        .flat_map(|service| &service.ports)
        .map(|port| port.reach)
        .collect()
}

/// What a route says.
pub(super) fn route(route: &Route) -> String {
    let to = match (&route.host, route.services.as_slice()) {
        (Some(host), []) => format!(" → {host}"),
        (Some(host), services) => format!(" → {host}: {}", services.join(", ")),
        (None, _) => String::new(),
    };
    format!("{} {}{to}", route.name, route.address)
}

/// How something is drawn that differs on the live host, or is on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Mark {
    /// Whether it is an exposure; nothing where it does not differ.
    pub(super) exposes: Option<bool>,
    pub(super) is_missing: bool,
    pub(super) is_on: bool,
}

impl Mark {
    pub(super) fn of(drift: Option<&Drift>, is_on: bool) -> Self {
        let shown = drift.filter(|drift| drift.severity != Severity::Notice);
        Self {
            exposes: shown
                .map(|drift| matches!(drift.severity, Severity::Exposure | Severity::Error)),
            is_missing: shown.is_some_and(|drift| drift.change == DriftKind::Missing),
            is_on,
        }
    }

    /// The words for it.
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        let drift = |exposes| if exposes { "exposure" } else { "drift" };
        let drift = self.exposes.map(drift);
        let missing = self.is_missing.then_some("missing");
        let path = self.is_on.then_some("path");
        [drift, missing, path].into_iter().flatten()
    }
}

/// A text, and how what it says differs.
pub(super) fn marked(text: &str, drift: Option<&Drift>) -> String {
    match drift {
        Some(drift) => format!("{text} ({})", drift.change.as_str()),
        None => text.to_owned(),
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Service,
    Network,
    Volume,
    Route,
}

/// A node of a host.
pub(super) struct Drawn {
    pub(super) id: String,
    pub(super) shape: NodeKind,
    pub(super) label: String,
    pub(super) mark: Mark,
}

/// Nodes that are drawn together: a network and services on it, or what is on none.
pub(super) struct NodeGroup {
    pub(super) title: Option<String>,
    pub(super) nodes: Vec<Drawn>,
}

/// The nodes of a host: a group for each network, with the services of which it is the one with the fewest.
pub(super) fn groups(at: usize, graph: &Graph, on: Option<&OnPath>) -> Vec<NodeGroup> {
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for attached in graph.services.iter().flat_map(|service| &service.networks) {
        *members.entry(&attached.name).or_default() += 1;
    }
    let is_step = |node: Node| {
        on.is_some_and(|on| {
            on.steps
                .iter()
                .any(|(from, to)| *from == node || *to == node)
        })
    };
    let networks = graph.networks.iter().enumerate();
    let mut groups: Vec<NodeGroup> = networks
        .map(|(index, network)| {
            let mut label = network.name.clone();
            for (is_it, word) in [
                (network.internal, " (internal)"),
                (network.external, " (external)"),
            ] {
                label.push_str(if is_it { word } else { "" });
            }
            let drift = network.drift.as_ref();
            NodeGroup {
                title: Some(format!("network {}", network.name)),
                nodes: vec![Drawn {
                    id: format!("h{at}n{index}"),
                    shape: NodeKind::Network,
                    label: marked(&label, drift),
                    mark: Mark::of(drift, is_step(Node::Network(at, index))),
                }],
            }
        })
        .collect();
    let mut alone = Vec::new();
    for (index, service) in graph.services.iter().enumerate() {
        let own = service
            .networks
            .iter()
            .min_by_key(|one| (members.get(&*one.name), &one.name));
        let place = own.and_then(|own| graph.networks.iter().position(|one| one.name == own.name));
        let drift = service.drift.as_ref();
        let node = Drawn {
            id: format!("h{at}s{index}"),
            shape: NodeKind::Service,
            label: match drift {
                Some(_) if service.foreign => format!("{} (not of this project)", service.name),
                drift => marked(&service.name, drift),
            },
            mark: Mark::of(
                drift,
                on.is_some_and(|on| on.services.contains(&(at, index))),
            ),
        };
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.nodes.push(node),
            None => alone.push(node),
        }
    }
    let volumes = graph.volumes.iter().enumerate().map(|(index, volume)| {
        let drift = volume.drift.as_ref();
        Drawn {
            id: format!("h{at}v{index}"),
            shape: NodeKind::Volume,
            label: marked(&volume.name, drift),
            mark: Mark::of(drift, false),
        }
    });
    alone.extend(volumes);
    let routes = graph.routes.iter().enumerate().map(|(index, one)| Drawn {
        id: format!("h{at}r{index}"),
        shape: NodeKind::Route,
        label: route(one),
        mark: Mark::of(None, is_step(Node::Route(at, index))),
    });
    alone.extend(routes);
    groups.push(NodeGroup {
        title: None,
        nodes: alone,
    });
    groups
}

/// What a legend explains of nodes, in the order of its list.
pub(super) fn legend(graphs: &[Graph], on: Option<&OnPath>) -> Vec<Drawn> {
    let any = |has: &dyn Fn(&Graph) -> bool| graphs.iter().any(has);
    let has_drift = any(&|graph| !graph.findings.is_empty());
    let drift = |is_exposure, is_missing| Mark {
        exposes: Some(is_exposure),
        is_missing,
        is_on: false,
    };
    let plain = Mark::default();
    let path = Mark {
        is_on: true,
        ..plain
    };
    let entries = [
        (true, NodeKind::Service, "service", plain),
        (
            any(&|graph| !graph.networks.is_empty()),
            NodeKind::Network,
            "network",
            plain,
        ),
        (
            any(&|graph| !graph.volumes.is_empty()),
            NodeKind::Volume,
            "volume",
            plain,
        ),
        (
            any(&|graph| !graph.routes.is_empty()),
            NodeKind::Route,
            "route to another host",
            plain,
        ),
        (
            on.is_some(),
            NodeKind::Service,
            "on a path from outside",
            path,
        ),
        (has_drift, NodeKind::Service, "exposure", drift(true, false)),
        (has_drift, NodeKind::Service, "drift", drift(false, false)),
        (has_drift, NodeKind::Service, "missing", drift(false, true)),
    ];
    entries
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .enumerate()
        .map(|(index, (_, shape, label, mark))| Drawn {
            id: format!("l{index}"),
            shape,
            label: label.to_owned(),
            mark,
        })
        .collect()
}

/// Where a line comes from.
pub(super) enum Start {
    /// From outside, by a port.
    Zone(Zone, String),
    /// From a node.
    Node(String),
}

/// What a line is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// A service, by a port.
    Port,
    /// A network that a service is on.
    Network,
    /// A volume that it mounts.
    Volume,
    /// What it reaches by a route, or whose network it shares.
    Route,
}

/// A line.
pub(super) struct Edge {
    pub(super) from: Start,
    pub(super) to: String,
    pub(super) kind: EdgeKind,
    pub(super) mark: Mark,
}

/// Every line of the graphs.
pub(super) fn edges(graphs: &[Graph], on: Option<&OnPath>) -> Vec<Edge> {
    let mut hosts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for (at, graph) in graphs.iter().enumerate() {
        for (index, service) in graph.services.iter().enumerate() {
            hosts.insert((graph.id.title(), &service.name), (at, index));
        }
    }
    let is_step = |a: Node, b: Node| {
        on.is_some_and(|on| on.steps.contains(&(a, b)) || on.steps.contains(&(b, a)))
    };
    let mut edges = Vec::new();
    for (at, graph) in graphs.iter().enumerate() {
        let places = |names: Vec<&'_ str>| -> BTreeMap<String, usize> {
            names
                .into_iter()
                .enumerate()
                .map(|(index, name)| (name.to_owned(), index))
                .collect()
        };
        let networks = places(graph.networks.iter().map(|one| &*one.name).collect());
        let volumes = places(graph.volumes.iter().map(|one| &*one.name).collect());
        let routes = places(graph.routes.iter().map(|one| &*one.name).collect());
        for (index, service) in graph.services.iter().enumerate() {
            let own = format!("h{at}s{index}");
            let node = Node::Service(at, index);
            let mut add = |to: String, kind, mark| {
                edges.push(Edge {
                    from: Start::Node(own.clone()),
                    to,
                    kind,
                    mark,
                });
            };
            for attached in &service.networks {
                if let Some(to) = networks.get(&attached.name) {
                    let is_on = is_step(node, Node::Network(at, *to));
                    let mark = Mark::of(attached.drift.as_ref(), is_on);
                    add(format!("h{at}n{to}"), EdgeKind::Network, mark);
                }
            }
            for mounted in &service.volumes {
                if let Some(to) = volumes.get(&mounted.name) {
                    let mark = Mark::of(mounted.drift.as_ref(), false);
                    add(format!("h{at}v{to}"), EdgeKind::Volume, mark);
                }
            }
            for to in service.routes.iter().filter_map(|name| routes.get(name)) {
                let mark = Mark::of(None, is_step(node, Node::Route(at, *to)));
                add(format!("h{at}r{to}"), EdgeKind::Route, mark);
            }
            let shared = shared_with(service.network_mode.as_deref());
            if let Some((to_at, to)) = shared.and_then(|name| hosts.get(&(graph.id.title(), name)))
            {
                let mark = Mark::of(None, is_step(node, Node::Service(*to_at, *to)));
                add(format!("h{to_at}s{to}"), EdgeKind::Route, mark);
            }
            for (number, port) in service.ports.iter().enumerate() {
                let is_on = on.is_some_and(|on| on.ports.contains(&(at, index, number)));
                edges.push(Edge {
                    from: Start::Zone(port.reach, marked(&port.text(), port.drift.as_ref())),
                    to: own.clone(),
                    kind: EdgeKind::Port,
                    mark: Mark::of(port.drift.as_ref(), is_on),
                });
            }
        }
        for (index, route) in graph.routes.iter().enumerate() {
            let Some(host) = &route.host else { continue };
            let services = route.services.iter();
            for (to_at, to) in services.filter_map(|name| hosts.get(&(&**host, &**name))) {
                let is_on = is_step(Node::Route(at, index), Node::Service(*to_at, *to));
                edges.push(Edge {
                    from: Start::Node(format!("h{at}r{index}")),
                    to: format!("h{to_at}s{to}"),
                    kind: EdgeKind::Route,
                    mark: Mark::of(None, is_on),
                });
            }
        }
    }
    edges
}
