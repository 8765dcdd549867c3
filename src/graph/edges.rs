//! The nodes and edges of graphs that other programs draw: Graphviz and Mermaid.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Drift, DriftKind, Graph, Network, Route, Service, Zone, shared_with};
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
pub(super) struct DrawnNode {
    pub(super) id: String,
    pub(super) shape: NodeKind,
    pub(super) label: String,
    pub(super) mark: Mark,
}

/// Nodes that are drawn together: a network and services on it, or what is on none.
pub(super) struct NodeGroup {
    pub(super) title: Option<String>,
    pub(super) nodes: Vec<DrawnNode>,
}

/// The nodes of a host: a group for each network. A service on several networks is in the group of the smallest.
pub(super) fn groups(at: usize, graph: &Graph, on: Option<&OnPath>) -> Vec<NodeGroup> {
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for attached in graph.services.iter().flat_map(|service| &service.networks) {
        *members.entry(&attached.name).or_default() += 1;
    }
    let is_step = |node: Node| on.is_some_and(|on| on.has_node(node));
    let networks = graph.networks.iter().enumerate();
    let mut groups: Vec<NodeGroup> = networks
        .map(|(index, network)| NodeGroup {
            title: Some(format!("network {}", network.name)),
            nodes: vec![drawn_network(
                format!("h{at}n{index}"),
                network,
                is_step(Node::Network(at, index)),
            )],
        })
        .collect();
    let mut alone = Vec::new();
    for (index, service) in graph.services.iter().enumerate() {
        let own = service
            .networks
            .iter()
            .min_by_key(|one| (members.get(&*one.name), &one.name));
        let place = own.and_then(|own| graph.networks.iter().position(|one| one.name == own.name));
        let is_on = on.is_some_and(|on| on.services.contains(&(at, index)));
        let node = drawn_service(format!("h{at}s{index}"), service, is_on);
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.nodes.push(node),
            None => alone.push(node),
        }
    }
    let volumes = graph.volumes.iter().enumerate().map(|(index, volume)| {
        let drift = volume.drift.as_ref();
        DrawnNode {
            id: format!("h{at}v{index}"),
            shape: NodeKind::Volume,
            label: marked(&volume.name, drift),
            mark: Mark::of(drift, false),
        }
    });
    alone.extend(volumes);
    let routes = graph
        .routes
        .iter()
        .enumerate()
        .map(|(index, one)| DrawnNode {
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

/// A network, and whether it is internal or external.
fn drawn_network(id: String, network: &Network, is_on: bool) -> DrawnNode {
    let mut label = network.name.clone();
    for (is_it, word) in [
        (network.internal, " (internal)"),
        (network.external, " (external)"),
    ] {
        label.push_str(if is_it { word } else { "" });
    }
    let drift = network.drift.as_ref();
    DrawnNode {
        id,
        shape: NodeKind::Network,
        label: marked(&label, drift),
        mark: Mark::of(drift, is_on),
    }
}

/// A service, or a container of another project.
fn drawn_service(id: String, service: &Service, is_on: bool) -> DrawnNode {
    let drift = service.drift.as_ref();
    DrawnNode {
        id,
        shape: NodeKind::Service,
        label: match drift {
            Some(_) if service.foreign => format!("{} (not of this project)", service.name),
            drift => marked(&service.name, drift),
        },
        mark: Mark::of(drift, is_on),
    }
}

/// What a legend explains of nodes, in the order of its list.
pub(super) fn legend(graphs: &[Graph], on: Option<&OnPath>) -> Vec<DrawnNode> {
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
        .map(|(index, (_, shape, label, mark))| DrawnNode {
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
    let lines = Lines::of(graphs, on);
    let mut edges = Vec::new();
    for (at, graph) in graphs.iter().enumerate() {
        let indexes = Indexes::of(graph);
        for (index, service) in graph.services.iter().enumerate() {
            lines.of_service(at, index, service, &indexes, &mut edges);
            lines.of_ports(at, index, service, &mut edges);
        }
        for (index, route) in graph.routes.iter().enumerate() {
            lines.of_route(at, index, route, &mut edges);
        }
    }
    edges
}

/// Where the nodes of a graph are in its lists, by their names.
struct Indexes<'a> {
    host: &'a str,
    networks: BTreeMap<&'a str, usize>,
    volumes: BTreeMap<&'a str, usize>,
    routes: BTreeMap<&'a str, usize>,
}

impl<'a> Indexes<'a> {
    fn of(graph: &'a Graph) -> Self {
        Self {
            host: graph.id.title(),
            networks: indexes(graph.networks.iter().map(|one| &*one.name)),
            volumes: indexes(graph.volumes.iter().map(|one| &*one.name)),
            routes: indexes(graph.routes.iter().map(|one| &*one.name)),
        }
    }
}

fn indexes<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    names.zip(0..).collect()
}

/// What is needed to draw the lines of all graphs.
struct Lines<'a> {
    /// Each service of a host: which graph has it, and where.
    services: BTreeMap<(&'a str, &'a str), (usize, usize)>,
    on: Option<&'a OnPath>,
}

impl<'a> Lines<'a> {
    fn of(graphs: &'a [Graph], on: Option<&'a OnPath>) -> Self {
        let mut services = BTreeMap::new();
        for (at, graph) in graphs.iter().enumerate() {
            for (index, service) in graph.services.iter().enumerate() {
                services.insert((graph.id.title(), &*service.name), (at, index));
            }
        }
        Self { services, on }
    }

    fn mark(&self, from: Node, to: Node, drift: Option<&Drift>) -> Mark {
        Mark::of(drift, self.on.is_some_and(|on| on.has_step(from, to)))
    }

    /// The lines from a service to the networks, volumes and routes that it uses, and to the service whose network it shares.
    fn of_service(
        &self,
        at: usize,
        index: usize,
        service: &Service,
        indexes: &Indexes<'_>,
        edges: &mut Vec<Edge>,
    ) {
        let node = Node::Service(at, index);
        let mut add = |to: String, kind, mark| {
            let from = Start::Node(format!("h{at}s{index}"));
            edges.push(Edge {
                from,
                to,
                kind,
                mark,
            });
        };
        for attached in &service.networks {
            if let Some(to) = indexes.networks.get(&*attached.name) {
                let mark = self.mark(node, Node::Network(at, *to), attached.drift.as_ref());
                add(format!("h{at}n{to}"), EdgeKind::Network, mark);
            }
        }
        for mounted in &service.volumes {
            if let Some(to) = indexes.volumes.get(&*mounted.name) {
                let mark = Mark::of(mounted.drift.as_ref(), false);
                add(format!("h{at}v{to}"), EdgeKind::Volume, mark);
            }
        }
        let routes = service.routes.iter();
        for to in routes.filter_map(|name| indexes.routes.get(&**name)) {
            let mark = self.mark(node, Node::Route(at, *to), None);
            add(format!("h{at}r{to}"), EdgeKind::Route, mark);
        }
        let shared = shared_with(service.network_mode.as_deref());
        if let Some((to_at, to)) = shared.and_then(|name| self.services.get(&(indexes.host, name)))
        {
            let mark = self.mark(node, Node::Service(*to_at, *to), None);
            add(format!("h{to_at}s{to}"), EdgeKind::Route, mark);
        }
    }

    /// The lines from outside to the ports of a service.
    fn of_ports(&self, at: usize, index: usize, service: &Service, edges: &mut Vec<Edge>) {
        for (number, port) in service.ports.iter().enumerate() {
            let is_on = |on: &OnPath| on.ports.contains(&(at, index, number));
            edges.push(Edge {
                from: Start::Zone(port.reach, marked(&port.text(), port.drift.as_ref())),
                to: format!("h{at}s{index}"),
                kind: EdgeKind::Port,
                mark: Mark::of(port.drift.as_ref(), self.on.is_some_and(is_on)),
            });
        }
    }

    /// The lines from a route to the services of another host that it leads to.
    fn of_route(&self, at: usize, index: usize, route: &Route, edges: &mut Vec<Edge>) {
        let Some(host) = &route.host else { return };
        let services = route.services.iter();
        for (to_at, to) in services.filter_map(|name| self.services.get(&(&**host, &**name))) {
            edges.push(Edge {
                from: Start::Node(format!("h{at}r{index}")),
                to: format!("h{to_at}s{to}"),
                kind: EdgeKind::Route,
                mark: self.mark(Node::Route(at, index), Node::Service(*to_at, *to), None),
            });
        }
    }
}
