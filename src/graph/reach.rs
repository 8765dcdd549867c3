//! Who can reach a service: the shortest path from every way in.
//!
//! A service can open connections to all that share a network with it; whether it does so is up to it. This
//! is a search backwards from the service, so it visits everything once, and gives one path per way in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::model::{Change, Drift, Graph, Service, Zone, shared_with};

/// The ways to a service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reach {
    /// The service.
    pub(crate) service: String,
    /// The hosts that have it.
    pub(crate) hosts: Vec<String>,
    /// The paths, those from the widest zone first.
    pub(crate) paths: Vec<Path>,
}

/// A path from outside to a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Path {
    /// Where it begins.
    pub(crate) from: Origin,
    /// The steps; the last is the service.
    pub(crate) hops: Vec<Hop>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// Everywhere.
    Internet,
    /// A private network of the machine.
    PrivateNetwork,
    /// Another host, by a route.
    OtherHost,
    /// A container that does not belong to the project.
    ForeignContainer,
    /// The machine itself.
    Loopback,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Hop {
    /// A published port.
    Port { host: String, port: String },
    /// A service, or a container that does not belong to the project.
    Service { host: String, name: String },
    /// A network.
    Network { host: String, name: String },
    /// The machine, by whose network a service without a network of its own reaches all others.
    Machine { host: String },
    /// A route from another host.
    Route { host: String, name: String },
}

/// Something that can be on a path, by its place in the graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Service(usize, usize),
    Network(usize, usize),
    Machine(usize),
    Route(usize, usize),
}

/// What of a picture is on a path.
#[derive(Debug, Default)]
pub(super) struct OnPath {
    pub(super) services: BTreeSet<(usize, usize)>,
    pub(super) ports: BTreeSet<(usize, usize, usize)>,
    /// The steps between two nodes, of each graph.
    pub(super) steps: BTreeSet<(Node, Node)>,
}

/// The ways to a service of these hosts.
pub(crate) fn reach(graphs: &[Graph], service: &str) -> Reach {
    let search = Search::to(graphs, service);
    let host = |node: &Node| match node {
        Node::Service(graph, _) => graphs.get(*graph).map(|graph| graph.title().to_owned()),
        _ => None,
    };
    let mut paths: Vec<Path> = search.entries().map(|(path, _)| path).collect();
    paths.sort();
    paths.dedup();
    Reach {
        service: service.to_owned(),
        hosts: search.targets.iter().filter_map(host).collect(),
        paths,
    }
}

/// What of a picture is on a path to a service.
pub(super) fn on_path(graphs: &[Graph], service: &str) -> OnPath {
    let search = Search::to(graphs, service);
    let mut on = OnPath::default();
    for target in &search.targets {
        if let Node::Service(graph, service) = *target {
            on.services.insert((graph, service));
        }
    }
    for (_, (start, port)) in search.entries() {
        if let (Node::Service(graph, service), Some(port)) = (start, port) {
            on.ports.insert((graph, service, port));
        }
        for (node, next) in search.steps(start) {
            if let Node::Service(graph, service) = node {
                on.services.insert((graph, service));
            }
            if let Some(next) = next {
                on.steps.insert((node, next));
            }
        }
    }
    on
}

/// Whether something is there.
fn is_there(drift: Option<&Drift>) -> bool {
    drift.is_none_or(|drift| drift.change != Change::Missing)
}

/// The services of a host by what they share, for steps from one to the next.
struct Search<'a> {
    graphs: &'a [Graph],
    targets: Vec<Node>,
    /// The next node towards the service.
    next: BTreeMap<Node, Option<Node>>,
}

/// Who precedes whom in a graph.
struct Neighbours<'a> {
    /// The services on each network.
    members: BTreeMap<(usize, &'a str), Vec<usize>>,
    /// The networks of a graph by name.
    networks: BTreeMap<(usize, &'a str), usize>,
    /// The services by name.
    services: BTreeMap<(usize, &'a str), usize>,
    /// The services that share the network of each.
    sharing: BTreeMap<(usize, usize), Vec<usize>>,
    /// The services of each graph that have the network of the machine.
    on_machine: BTreeMap<usize, Vec<usize>>,
    /// The routes that lead to a service of a host.
    leading: BTreeMap<(&'a str, &'a str), Vec<(usize, usize)>>,
    /// The services that use each route.
    using: BTreeMap<(usize, &'a str), Vec<usize>>,
}

impl<'a> Neighbours<'a> {
    fn of(graphs: &'a [Graph]) -> Self {
        let mut all = Self {
            members: BTreeMap::new(),
            networks: BTreeMap::new(),
            services: BTreeMap::new(),
            sharing: BTreeMap::new(),
            on_machine: BTreeMap::new(),
            leading: BTreeMap::new(),
            using: BTreeMap::new(),
        };
        for (at, graph) in graphs.iter().enumerate() {
            for (index, network) in graph.networks.iter().enumerate() {
                all.networks.insert((at, &network.name), index);
            }
            for (index, service) in graph.services.iter().enumerate() {
                all.service((at, index), service);
            }
            for (index, service) in graph.services.iter().enumerate() {
                let shared = shared_with(service.network_mode.as_deref());
                let root = shared.and_then(|name| all.services.get(&(at, name)).copied());
                if let Some(root) = root {
                    all.sharing.entry((at, root)).or_default().push(index);
                }
            }
            for (index, route) in graph.routes.iter().enumerate() {
                for service in &route.services {
                    if let Some(host) = &route.host {
                        let leading = all.leading.entry((host, service)).or_default();
                        leading.push((at, index));
                    }
                }
            }
        }
        all
    }

    fn service(&mut self, (at, index): (usize, usize), service: &'a Service) {
        if !service.foreign {
            self.services.insert((at, &service.name), index);
        }
        if !is_there(service.drift.as_ref()) {
            return;
        }
        for attached in service
            .networks
            .iter()
            .filter(|one| is_there(one.drift.as_ref()))
        {
            let members = self.members.entry((at, &attached.name)).or_default();
            members.push(index);
        }
        if service.network_mode.as_deref() == Some("host") {
            self.on_machine.entry(at).or_default().push(index);
        }
        for route in &service.routes {
            self.using.entry((at, route)).or_default().push(index);
        }
    }

    /// What can open connections to a node.
    fn before(&self, graphs: &'a [Graph], node: Node) -> Vec<Node> {
        let Some(graph) = graphs.get(node.graph()) else {
            return Vec::new();
        };
        let services = |at: usize, found: Option<&Vec<usize>>| -> Vec<Node> {
            let found = found.into_iter().flatten();
            found.map(|index| Node::Service(at, *index)).collect()
        };
        match node {
            Node::Service(at, index) => {
                let Some(service) = graph.services.get(index) else {
                    return Vec::new();
                };
                let mut before = services(at, self.sharing.get(&(at, index)));
                if let Some(root) = shared_with(service.network_mode.as_deref()) {
                    let root = self.services.get(&(at, root));
                    before.extend(root.map(|root| Node::Service(at, *root)));
                }
                let networks = service.networks.iter();
                let networks = networks.filter(|one| is_there(one.drift.as_ref()));
                let networks = networks.filter_map(|one| self.networks.get(&(at, &*one.name)));
                before.extend(networks.map(|network| Node::Network(at, *network)));
                let is_published = |port: &super::Port| port.reach != Zone::Nowhere;
                if service.ports.iter().any(is_published) {
                    before.push(Node::Machine(at));
                }
                let leading = self.leading.get(&(graph.title(), &*service.name));
                let leading = leading.into_iter().flatten();
                before.extend(leading.map(|(at, route)| Node::Route(*at, *route)));
                before
            }
            Node::Network(at, index) => {
                let name = graph
                    .networks
                    .get(index)
                    .map_or("", |network| &network.name);
                let mut before = services(at, self.members.get(&(at, name)));
                before.push(Node::Machine(at));
                before
            }
            Node::Machine(at) => services(at, self.on_machine.get(&at)),
            Node::Route(at, index) => {
                let name = graph.routes.get(index).map_or("", |route| &route.name);
                services(at, self.using.get(&(at, name)))
            }
        }
    }
}

impl Node {
    pub(super) fn graph(self) -> usize {
        match self {
            Self::Service(graph, _)
            | Self::Network(graph, _)
            | Self::Machine(graph)
            | Self::Route(graph, _) => graph,
        }
    }
}

impl<'a> Search<'a> {
    fn to(graphs: &'a [Graph], service: &str) -> Self {
        let neighbours = Neighbours::of(graphs);
        let targets: Vec<Node> = graphs
            .iter()
            .enumerate()
            .flat_map(|(at, graph)| {
                let services = graph.services.iter().enumerate();
                let named = services.filter(|(_, one)| one.name == service);
                named.map(move |(index, _)| Node::Service(at, index))
            })
            .collect();
        let mut next: BTreeMap<Node, Option<Node>> =
            targets.iter().map(|target| (*target, None)).collect();
        let mut open: VecDeque<Node> = targets.iter().copied().collect();
        while let Some(node) = open.pop_front() {
            for before in neighbours.before(graphs, node) {
                if let std::collections::btree_map::Entry::Vacant(entry) = next.entry(before) {
                    entry.insert(Some(node));
                    open.push_back(before);
                }
            }
        }
        Self {
            graphs,
            targets,
            next,
        }
    }

    /// Every node from one to the service, each with the one after it.
    fn steps(&self, start: Node) -> impl Iterator<Item = (Node, Option<Node>)> {
        let after = |node: Node| self.next.get(&node).copied().flatten();
        std::iter::successors(Some(start), move |node| after(*node))
            .map(move |node| (node, after(node)))
    }

    /// Every way in, as a path; with the service where it begins, and the place of its port.
    fn entries(&self) -> impl Iterator<Item = (Path, (Node, Option<usize>))> {
        let known: BTreeSet<&str> = self
            .graphs
            .iter()
            .filter_map(|graph| graph.host.as_deref())
            .collect();
        self.next.keys().flat_map(move |node| {
            let mut found = Vec::new();
            let Node::Service(at, index) = *node else {
                return found;
            };
            let Some(graph) = self.graphs.get(at) else {
                return found;
            };
            let Some(service) = graph.services.get(index) else {
                return found;
            };
            if !is_there(service.drift.as_ref()) {
                return found;
            }
            let host = graph.title().to_owned();
            let mut add = |from, first: Option<Hop>, port| {
                let hops = first.into_iter().chain(self.hops(*node)).collect();
                found.push((Path { from, hops }, (*node, port)));
            };
            for (at, port) in service.ports.iter().enumerate() {
                let from = match port.reach {
                    Zone::Internet => Origin::Internet,
                    Zone::PrivateNetwork => Origin::PrivateNetwork,
                    Zone::Loopback => Origin::Loopback,
                    Zone::Nowhere => continue,
                };
                if !is_there(port.drift.as_ref()) {
                    continue;
                }
                let text = port.text();
                let hop = |host: &str| Hop::Port {
                    host: host.to_owned(),
                    port: text.clone(),
                };
                add(from, Some(hop(&host)), Some(at));
                // Callers among the graphs are on paths of their own.
                let others = port.callers.iter();
                for caller in others.filter(|caller| !known.contains(caller.host.as_str())) {
                    let hop = Hop::Route {
                        host: caller.host.clone(),
                        name: caller.route.clone(),
                    };
                    add(Origin::OtherHost, Some(hop), Some(at));
                }
            }
            if service.foreign {
                add(Origin::ForeignContainer, None, None);
            }
            found
        })
    }

    /// The steps from a node to the service.
    fn hops(&self, start: Node) -> Vec<Hop> {
        let hop = |(node, _): (Node, Option<Node>)| {
            let graph = self.graphs.get(node.graph())?;
            let host = graph.title().to_owned();
            Some(match node {
                Node::Service(_, index) => Hop::Service {
                    host,
                    name: graph.services.get(index)?.name.clone(),
                },
                Node::Network(_, index) => Hop::Network {
                    host,
                    name: graph.networks.get(index)?.name.clone(),
                },
                Node::Machine(_) => Hop::Machine { host },
                Node::Route(_, index) => Hop::Route {
                    host,
                    name: graph.routes.get(index)?.name.clone(),
                },
            })
        };
        self.steps(start).filter_map(hop).collect()
    }
}
