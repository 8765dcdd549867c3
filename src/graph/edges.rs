//! The nodes and edges of graphs that other programs draw: Graphviz and Mermaid.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Graph, Route, Zone, shared_with};

/// The zones that ports are in.
pub(super) fn zones(graphs: &[Graph]) -> BTreeSet<Zone> {
    let services = graphs.iter().flat_map(|graph| &graph.services);
    let ports = services.flat_map(|service| &service.ports);
    ports.map(|port| port.reach).collect()
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

/// A line between two nodes, by their names.
pub(super) enum Edge<'a> {
    /// From a zone by a port to a service.
    Port(Zone, &'a str, String),
    /// A service on a network.
    Network(String, String),
    /// A service with a volume.
    Volume(String, String),
    /// From a service by a route, or to whose network it shares.
    Route(String, String),
}

/// Every line of the graphs.
pub(super) fn edges(graphs: &[Graph], mut each: impl FnMut(Edge<'_>)) {
    let mut hosts: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for (at, graph) in graphs.iter().enumerate() {
        for (index, service) in graph.services.iter().enumerate() {
            hosts.insert((graph.title(), &service.name), format!("h{at}s{index}"));
        }
    }
    for (at, graph) in graphs.iter().enumerate() {
        let places = |kind: char, names: Vec<&'_ str>| -> BTreeMap<String, String> {
            let places = names.into_iter().enumerate();
            places
                .map(|(index, name)| (name.to_owned(), format!("h{at}{kind}{index}")))
                .collect()
        };
        let networks = places('n', graph.networks.iter().map(|one| &*one.name).collect());
        let volumes = places('v', graph.volumes.iter().map(|one| &*one.name).collect());
        let routes = places('r', graph.routes.iter().map(|one| &*one.name).collect());
        for (index, service) in graph.services.iter().enumerate() {
            let own = format!("h{at}s{index}");
            for port in &service.ports {
                each(Edge::Port(port.reach, &port.text(), own.clone()));
            }
            for to in service
                .networks
                .iter()
                .filter_map(|one| networks.get(&one.name))
            {
                each(Edge::Network(own.clone(), to.clone()));
            }
            for to in service
                .volumes
                .iter()
                .filter_map(|one| volumes.get(&one.name))
            {
                each(Edge::Volume(own.clone(), to.clone()));
            }
            for to in service.routes.iter().filter_map(|name| routes.get(name)) {
                each(Edge::Route(own.clone(), to.clone()));
            }
            let shared = shared_with(service.network_mode.as_deref());
            if let Some(to) = shared.and_then(|name| hosts.get(&(graph.title(), name))) {
                each(Edge::Route(own, to.clone()));
            }
        }
        for (index, route) in graph.routes.iter().enumerate() {
            let Some(host) = &route.host else { continue };
            for to in route
                .services
                .iter()
                .filter_map(|name| hosts.get(&(&**host, &**name)))
            {
                each(Edge::Route(format!("h{at}r{index}"), to.clone()));
            }
        }
    }
}
