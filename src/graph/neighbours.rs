//! What can open connections to what, in the graphs of several hosts.

use std::collections::BTreeMap;

use super::model::{Drift, DriftKind, Graph, Service, Zone, shared_with, shared_with_container};
use crate::state::{container_name, is_default_network};

/// Something that can be on a path, by its place in the graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Service(usize, usize),
    Network(usize, usize),
    Machine(usize),
    Route(usize, usize),
}

/// Whether something is there.
pub(super) fn is_there(drift: Option<&Drift>) -> bool {
    drift.is_none_or(|drift| drift.change != DriftKind::Missing)
}

/// Who precedes whom in a graph.
#[derive(Default)]
pub(super) struct Neighbours<'a> {
    /// The services on each network.
    members: BTreeMap<(usize, &'a str), Vec<usize>>,
    /// The networks of a graph by name.
    networks: BTreeMap<(usize, &'a str), usize>,
    /// The services by name.
    services: BTreeMap<(usize, &'a str), usize>,
    /// The services that share the network of each.
    sharing: BTreeMap<Node, Vec<Node>>,
    /// The service whose network another shares.
    roots: BTreeMap<Node, Node>,
    /// The networks of a machine by their names on the engine, which projects share.
    on_engine: BTreeMap<(&'a str, &'a str), Vec<Node>>,
    /// The graphs of hosts on one machine.
    machines: BTreeMap<&'a str, Vec<usize>>,
    /// The services of each graph that have the network of the machine.
    on_machine: BTreeMap<usize, Vec<usize>>,
    /// The routes that lead to a service of a host.
    leading: BTreeMap<(&'a str, &'a str), Vec<(usize, usize)>>,
    /// The services that use each route.
    using: BTreeMap<(usize, &'a str), Vec<usize>>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(graphs: &'a [Graph]) -> Self {
        let mut all = Self::default();
        for (at, graph) in graphs.iter().enumerate() {
            if let Some(machine) = &graph.machine {
                all.machines.entry(machine).or_default().push(at);
            }
            for (index, network) in graph.networks.iter().enumerate() {
                all.networks.insert((at, &network.name), index);
                let machine = graph.machine.as_deref();
                if let Some(machine) = machine.filter(|_| is_there(network.drift.as_ref())) {
                    let key = (machine, network.on_engine.as_str());
                    let joined = all.on_engine.entry(key).or_default();
                    joined.push(Node::Network(at, index));
                }
            }
            for (index, service) in graph.services.iter().enumerate() {
                all.service(at, index, service);
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
        all.share(graphs);
        all
    }

    /// Finds the services whose networks others share: those of the same file, and those whose container one names.
    fn share(&mut self, graphs: &'a [Graph]) {
        let mut containers: BTreeMap<String, Node> = BTreeMap::new();
        for ((at, name), index) in &self.services {
            let graph = graphs.get(*at);
            let project = graph.map_or("", |graph| &graph.id.project);
            let service = graph.and_then(|graph| graph.services.get(*index));
            let own = service.and_then(|service| service.container.clone());
            let container = own.unwrap_or_else(|| container_name(project, name, 1));
            containers
                .entry(container)
                .or_insert(Node::Service(*at, *index));
        }
        for (at, graph) in graphs.iter().enumerate() {
            for (index, service) in graph.services.iter().enumerate() {
                let mode = service.network_mode.as_deref();
                let of_file = shared_with(mode)
                    .and_then(|name| self.services.get(&(at, name)))
                    .map(|root| Node::Service(at, *root));
                let by_name = || {
                    let root = *containers.get(shared_with_container(mode)?)?;
                    let other = graphs.get(root.graph())?;
                    let is_here = root.graph() == at
                        || graph.machine.is_some() && graph.machine == other.machine;
                    is_here.then_some(root)
                };
                let own = Node::Service(at, index);
                if let Some(root) = of_file.or_else(by_name) {
                    self.roots.insert(own, root);
                    if is_there(service.drift.as_ref()) {
                        self.sharing.entry(root).or_default().push(own);
                    }
                }
            }
        }
    }

    /// The service whose network a service shares, where it is in the graphs.
    pub(super) fn root(&self, service: Node) -> Option<Node> {
        self.roots.get(&service).copied()
    }

    /// The same network in the graphs of the other projects on its machine.
    pub(super) fn joined(&self, graphs: &[Graph], node: Node) -> Vec<Node> {
        let Node::Network(at, index) = node else {
            return Vec::new();
        };
        let key = graphs.get(at).and_then(|graph| {
            let network = graph.networks.get(index)?;
            Some((graph.machine.as_deref()?, network.on_engine.as_str()))
        });
        let all = key.and_then(|key| self.on_engine.get(&key));
        all.into_iter()
            .flatten()
            .copied()
            .filter(|other| *other != node)
            .collect()
    }

    fn service(&mut self, at: usize, index: usize, service: &'a Service) {
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
    pub(super) fn before(&self, graphs: &'a [Graph], node: Node) -> Vec<Node> {
        let Some(graph) = graphs.get(node.graph()) else {
            return Vec::new();
        };
        let services = |at: usize, found: Option<&Vec<usize>>| -> Vec<Node> {
            found
                .into_iter()
                .flatten()
                .map(|index| Node::Service(at, *index))
                .collect()
        };
        match node {
            Node::Service(at, index) => {
                let Some(service) = graph.services.get(index) else {
                    return Vec::new();
                };
                let mut before = self.sharing.get(&node).cloned().unwrap_or_default();
                before.extend(self.root(node));
                let networks = service
                    .networks
                    .iter()
                    .filter(|one| is_there(one.drift.as_ref()));
                let networks = networks.filter_map(|one| self.networks.get(&(at, &*one.name)));
                before.extend(networks.map(|network| Node::Network(at, *network)));
                let is_published = |port: &super::Port| port.reach != Zone::Nowhere;
                // The network of the engine, too, is one of the machine.
                let is_default = service
                    .network_mode
                    .as_deref()
                    .is_some_and(is_default_network);
                if is_default || service.ports.iter().any(is_published) {
                    before.push(Node::Machine(at));
                }
                let leading = self
                    .leading
                    .get(&(graph.id.title(), &*service.name))
                    .into_iter()
                    .flatten();
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
                before.extend(self.joined(graphs, node));
                before
            }
            Node::Machine(at) => {
                let machine = graph.machine.as_deref();
                let others = machine
                    .and_then(|machine| self.machines.get(machine))
                    .map_or(std::slice::from_ref(&at), Vec::as_slice);
                others
                    .iter()
                    .flat_map(|at| services(*at, self.on_machine.get(at)))
                    .collect()
            }
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
