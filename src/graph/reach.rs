//! Who can reach a service: the shortest path from every way in.
//!
//! A service can open connections to all that share a network with it; whether it does so is up to it. This
//! is a search backwards from the service, so it visits everything once, and gives one path per way in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::model::{Graph, Members, Network, Other, Port, Service, Zone, shared_with_container};
use super::neighbours::{Neighbours, Node, is_there};
use crate::state::is_default_network;

/// The ways to a service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reachability {
    /// The service.
    pub(crate) service: String,
    /// The hosts that have it.
    pub(crate) hosts: Vec<String>,
    /// The paths, those from the widest zone first.
    pub(crate) paths: Vec<AccessPath>,
    /// How many longer paths are left out, as all together have too many steps.
    pub(crate) omitted: usize,
}

/// The steps of all paths that are listed: in a long row of networks, each service has a path that is as long.
const MAX_HOPS: usize = 20_000;

/// A path from outside to a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct AccessPath {
    /// Where it begins.
    pub(crate) from: PathOrigin,
    /// The steps; the last is the service.
    pub(crate) hops: Vec<Hop>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PathOrigin {
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
    /// What cannot be known from the files: containers on a network that none of them creates, or one whose network a
    /// service shares; and what a variable without a value decides.
    Unknown,
}

impl PathOrigin {
    /// From where a published port is reached; nothing where it is from nowhere.
    fn of_port(port: &Port) -> Option<Self> {
        match port.reach {
            Zone::Internet => Some(Self::Internet),
            Zone::Unknown => Some(Self::Unknown),
            Zone::PrivateNetwork => Some(Self::PrivateNetwork),
            Zone::Loopback => Some(Self::Loopback),
            Zone::Nowhere => None,
        }
    }
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
    /// A container that is not in the files: one on the next network, or whose network the next service shares.
    Container { host: String, name: String },
}

/// What of a picture is on a path.
#[derive(Debug, Default)]
pub(super) struct OnPath {
    pub(super) services: BTreeSet<(usize, usize)>,
    pub(super) ports: BTreeSet<(usize, usize, usize)>,
    /// The steps between two nodes, of each graph.
    pub(super) steps: BTreeSet<(Node, Node)>,
}

impl OnPath {
    /// Whether a way leads from one node to the other, in either direction.
    pub(super) fn has_step(&self, one: Node, other: Node) -> bool {
        self.steps.contains(&(one, other)) || self.steps.contains(&(other, one))
    }

    /// Whether a way leads through a node.
    pub(super) fn has_node(&self, node: Node) -> bool {
        self.steps
            .iter()
            .any(|(from, to)| *from == node || *to == node)
    }
}

/// A way in: where its path begins, the steps up to the graphs, the node where it enters them, and the place of the port there.
struct Entrance {
    from: PathOrigin,
    first: Vec<Hop>,
    start: Node,
    port: Option<usize>,
}

/// The ways to a service of these hosts.
pub(crate) fn reach(graphs: &[Graph], service: &str) -> Reachability {
    let search = Search::to(graphs, service);
    let host = |node: &Node| match node {
        Node::Service(graph, _) => graphs.get(*graph).map(|graph| graph.id.title().to_owned()),
        _ => None,
    };
    let mut paths = Vec::new();
    let mut listed = 0;
    let mut omitted = 0;
    for entrance in search.entries() {
        if listed >= MAX_HOPS {
            omitted += 1;
            continue;
        }
        let mut hops = entrance.first;
        hops.extend(search.hops(entrance.start));
        listed += hops.len();
        let from = entrance.from;
        paths.push(AccessPath { from, hops });
    }
    paths.sort();
    paths.dedup();
    Reachability {
        service: service.to_owned(),
        hosts: search.targets.iter().filter_map(host).collect(),
        paths,
        omitted,
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
    for Entrance { start, port, .. } in search.entries() {
        if let (Node::Service(graph, service), Some(port)) = (start, port) {
            on.ports.insert((graph, service, port));
        }
        for (node, next) in search.steps(start) {
            if let Node::Service(graph, service) = node {
                on.services.insert((graph, service));
            }
            // Another way has the rest.
            if let Some(next) = next
                && !on.steps.insert((node, next))
            {
                break;
            }
        }
    }
    on
}

/// A search backwards from a service.
struct Search<'a> {
    graphs: &'a [Graph],
    neighbours: Neighbours<'a>,
    targets: Vec<Node>,
    /// The next node towards the service.
    next: BTreeMap<Node, Option<Node>>,
    /// All of these, the nearest to the service first.
    found: Vec<Node>,
}

impl<'a> Search<'a> {
    fn to(graphs: &'a [Graph], service: &str) -> Self {
        let neighbours = Neighbours::of(graphs);
        let targets: Vec<Node> = graphs
            .iter()
            .enumerate()
            .flat_map(|(at, graph)| {
                graph
                    .services
                    .iter()
                    .enumerate()
                    .filter(|(_, one)| one.name == service)
                    .map(move |(index, _)| Node::Service(at, index))
            })
            .collect();
        let mut next: BTreeMap<Node, Option<Node>> =
            targets.iter().map(|target| (*target, None)).collect();
        let mut found = targets.clone();
        let mut open: VecDeque<Node> = targets.iter().copied().collect();
        while let Some(node) = open.pop_front() {
            for before in neighbours.before(graphs, node) {
                if let std::collections::btree_map::Entry::Vacant(entry) = next.entry(before) {
                    entry.insert(Some(node));
                    found.push(before);
                    open.push_back(before);
                }
            }
        }
        Self {
            graphs,
            neighbours,
            targets,
            next,
            found,
        }
    }

    /// Every node from one to the service, each with the one after it.
    fn steps(&self, start: Node) -> impl Iterator<Item = (Node, Option<Node>)> {
        let after = |node: Node| self.next.get(&node).copied().flatten();
        std::iter::successors(Some(start), move |node| after(*node))
            .map(move |node| (node, after(node)))
    }

    /// Every way in, the shortest first.
    fn entries(&self) -> impl Iterator<Item = Entrance> {
        let known: BTreeSet<&str> = self
            .graphs
            .iter()
            .filter_map(|graph| graph.id.host.as_deref())
            .collect();
        self.found.iter().flat_map(move |node| match *node {
            Node::Service(at, index) => self.entries_of_service(*node, at, index, &known),
            _ => self.entries_of_network(*node),
        })
    }

    fn entries_of_network(&self, node: Node) -> Vec<Entrance> {
        match self.network(node) {
            Some(network) if self.is_open(node, network) => self.of_others(node, network),
            _ => Vec::new(),
        }
    }

    /// The ways into a service besides its networks; callers among the `known` hosts are on paths of their own.
    fn entries_of_service(
        &self,
        node: Node,
        at: usize,
        index: usize,
        known: &BTreeSet<&str>,
    ) -> Vec<Entrance> {
        let mut found = Vec::new();
        let Some(graph) = self.graphs.get(at) else {
            return found;
        };
        let Some(service) = graph.services.get(index) else {
            return found;
        };
        if !is_there(service.drift.as_ref()) {
            return found;
        }
        found.extend(Self::entries_of_ports(node, graph, service, known));
        let mut add = |from, first| found.push(entrance(node, from, first, None));
        let host = || graph.id.title().to_owned();
        if service.foreign {
            add(PathOrigin::ForeignContainer, None);
        }
        if service.has_unset_network {
            add(PathOrigin::Unknown, None);
        }
        let mode = service.network_mode.as_deref();
        let shared = shared_with_container(mode);
        if let Some(name) = shared.filter(|_| self.neighbours.root(node).is_none()) {
            let hop = Hop::Container {
                host: host(),
                name: name.to_owned(),
            };
            add(PathOrigin::Unknown, Some(hop));
        }
        // So is every other container without a network of its own.
        if mode.is_some_and(is_default_network) {
            let hop = Hop::Network {
                host: host(),
                name: "bridge".to_owned(),
            };
            add(PathOrigin::Unknown, Some(hop));
        }
        found
    }

    /// The ways in over the ports that a service publishes.
    fn entries_of_ports(
        node: Node,
        graph: &Graph,
        service: &Service,
        known: &BTreeSet<&str>,
    ) -> Vec<Entrance> {
        let mut found = Vec::new();
        for (at, port) in service.ports.iter().enumerate() {
            let Some(from) = PathOrigin::of_port(port) else {
                continue;
            };
            if !is_there(port.drift.as_ref()) {
                continue;
            }
            let hop = Hop::Port {
                host: graph.id.title().to_owned(),
                port: port.text(),
            };
            found.push(entrance(node, from, Some(hop), Some(at)));
            let others = port.callers.iter();
            for caller in others.filter(|caller| !known.contains(caller.host.as_str())) {
                let hop = Hop::Route {
                    host: caller.host.clone(),
                    name: caller.route.clone(),
                };
                found.push(entrance(node, PathOrigin::OtherHost, Some(hop), Some(at)));
            }
        }
        found
    }

    /// The ways in from containers of others on a network: those that a live host has, or what nobody knows.
    fn of_others(&self, node: Node, network: &Network) -> Vec<Entrance> {
        let unknown = || entrance(node, PathOrigin::Unknown, None, None);
        let Some(others) = &network.others else {
            return vec![unknown()];
        };
        // Those of the other graphs are on paths of their own.
        let machine = self.graphs.get(node.graph()).map(|graph| &graph.machine);
        let is_drawn = |project: &str| {
            self.graphs
                .iter()
                .any(|graph| graph.id.project == project && Some(&graph.machine) == machine)
        };
        let others = others
            .iter()
            .filter(|one| !one.project.as_deref().is_some_and(is_drawn));
        let host = self
            .graphs
            .get(node.graph())
            .map_or("", |graph| graph.id.title());
        let ways = |other: &Other| {
            let container = Hop::Container {
                host: host.to_owned(),
                name: other.name.clone(),
            };
            let ports = other.ports.iter().filter_map(|port| {
                let port_hop = Hop::Port {
                    host: host.to_owned(),
                    port: port.text(),
                };
                Some((PathOrigin::of_port(port)?, Some(port_hop)))
            });
            let ways = ports.chain([(PathOrigin::ForeignContainer, None)]);
            let entrances = ways.map(|(from, port)| Entrance {
                first: port.into_iter().chain([container.clone()]).collect(),
                ..entrance(node, from, None, None)
            });
            entrances.collect::<Vec<_>>()
        };
        let mut found: Vec<Entrance> = others.flat_map(ways).collect();
        if network.members == Members::Anyone {
            found.push(unknown());
        }
        found
    }

    fn network(&self, node: Node) -> Option<&'a Network> {
        let Node::Network(at, index) = node else {
            return None;
        };
        self.graphs.get(at)?.networks.get(index)
    }

    /// Whether containers of others may be on a network: none of the graphs creates it.
    fn is_open(&self, node: Node, network: &Network) -> bool {
        let mut others = self
            .neighbours
            .joined(self.graphs, node)
            .into_iter()
            .filter_map(|node| self.network(node));
        let is_first = !matches!(self.next.get(&node), Some(Some(Node::Network(..))));
        network.members != Members::Own
            && is_first
            && is_there(network.drift.as_ref())
            && others.all(|other| other.members != Members::Own)
    }

    /// The steps from a node to the service.
    fn hops(&self, start: Node) -> Vec<Hop> {
        let hop = |(node, _): (Node, Option<Node>)| {
            let graph = self.graphs.get(node.graph())?;
            let host = graph.id.title().to_owned();
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

fn entrance(start: Node, from: PathOrigin, first: Option<Hop>, port: Option<usize>) -> Entrance {
    Entrance {
        from,
        first: first.into_iter().collect(),
        start,
        port,
    }
}
