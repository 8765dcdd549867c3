//! A graph for Graphviz; and the nodes and edges that it has in common with Mermaid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::model::{Graph, Route, Zone, shared_with};
use crate::text::visible;

/// A text as a quoted string.
fn quoted(text: &str) -> String {
    let text = visible(text).replace('\\', "\\\\").replace('"', "\\\"");
    // Graphviz reads references to characters as HTML does.
    format!("\"{}\"", text.replace('&', "&amp;"))
}

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

/// The graphs of hosts as one graph of Graphviz.
pub(crate) fn dot(graphs: &[Graph]) -> String {
    let mut out = String::from(
        "digraph composegen {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
    );
    // Writing to a `String` cannot fail.
    for zone in zones(graphs) {
        let _ = writeln!(
            out,
            "  {} [label={}, shape=oval];",
            quoted(zone.as_str()),
            quoted(zone.title())
        );
    }
    for (at, graph) in graphs.iter().enumerate() {
        let _ = writeln!(
            out,
            "  subgraph cluster_{at} {{\n    label={};",
            quoted(graph.title())
        );
        for (index, service) in graph.services.iter().enumerate() {
            let _ = writeln!(out, "    h{at}s{index} [label={}];", quoted(&service.name));
        }
        for (index, network) in graph.networks.iter().enumerate() {
            let style = if network.internal { ", style=bold" } else { "" };
            let _ = writeln!(
                out,
                "    h{at}n{index} [label={}, shape=hexagon{style}];",
                quoted(&network.name)
            );
        }
        for (index, volume) in graph.volumes.iter().enumerate() {
            let _ = writeln!(
                out,
                "    h{at}v{index} [label={}, shape=cylinder];",
                quoted(&volume.name)
            );
        }
        for (index, one) in graph.routes.iter().enumerate() {
            let _ = writeln!(
                out,
                "    h{at}r{index} [label={}, shape=cds];",
                quoted(&route(one))
            );
        }
        out.push_str("  }\n");
    }
    edges(graphs, |edge| {
        let _ = match edge {
            Edge::Port(zone, port, service) => {
                writeln!(
                    out,
                    "  {} -> {service} [label={}];",
                    quoted(zone.as_str()),
                    quoted(port)
                )
            }
            Edge::Network(service, network) => {
                writeln!(out, "  {service} -> {network} [dir=none];")
            }
            Edge::Volume(service, volume) => {
                writeln!(out, "  {service} -> {volume} [dir=none, style=dashed];")
            }
            Edge::Route(from, to) => writeln!(out, "  {from} -> {to} [style=dashed];"),
        };
    });
    out.push_str("}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_string_is_text() {
        assert_eq!(quoted("ops-api"), "\"ops-api\"");
        assert_eq!(quoted("\"];\\"), "\"\\\"];\\\\\"");
        assert_eq!(quoted("a\nb"), "\"a\\\\nb\"");
        assert_eq!(quoted("<&lt;"), "\"<&amp;lt;\"");
    }
}
