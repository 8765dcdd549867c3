//! A graph for Graphviz.

use std::fmt::Write as _;

use super::edges::{Edge, edges, route, zones};
use super::model::Graph;
use crate::text::visible;

/// A text as a quoted string.
fn quoted(text: &str) -> String {
    let text = visible(text).replace('\\', "\\\\").replace('"', "\\\"");
    // Graphviz reads references to characters as HTML does.
    format!("\"{}\"", text.replace('&', "&amp;"))
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
