//! A graph for Graphviz.

use std::fmt::Write as _;

use super::edges::{DrawnNode, EdgeKind, Mark, NodeKind, Start, edges, groups, legend, zones};
use super::model::Graph;
use super::reach::on_path;
use super::svg::title;
use crate::text::visible;

/// A text as a quoted string.
fn quoted(text: &str) -> String {
    let text = visible(text).replace('\\', "\\\\").replace('"', "\\\"");
    // Graphviz reads references to characters as HTML does.
    format!("\"{}\"", text.replace('&', "&amp;"))
}

/// How a mark looks.
fn style(mark: Mark, own: &str) -> String {
    let mut styles: Vec<&str> = Vec::from([own]);
    styles.retain(|style| !style.is_empty());
    let mut out = String::new();
    for word in mark.words() {
        match word {
            "exposure" => out.push_str(", color=\"#d1242f\", fontcolor=\"#d1242f\""),
            "drift" => out.push_str(", color=\"#9a6700\", fontcolor=\"#9a6700\""),
            "missing" => styles.push("dashed"),
            _ => out.push_str(", penwidth=3.5"),
        }
    }
    if !styles.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = write!(out, ", style={}", quoted(&styles.join(",")));
    }
    out
}

fn write_node(out: &mut String, indent: &str, node: &DrawnNode) {
    let shape = match node.shape {
        NodeKind::Service => "",
        NodeKind::Network => ", shape=hexagon",
        NodeKind::Volume => ", shape=cylinder",
        NodeKind::Route => ", shape=cds",
    };
    let (id, label) = (&node.id, quoted(&node.label));
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{indent}{id} [label={label}{shape}{}];",
        style(node.mark, "")
    );
}

/// Nodes in a frame.
fn write_cluster(out: &mut String, indent: &str, name: &str, title: &str, nodes: &[DrawnNode]) {
    let title = quoted(title);
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{indent}subgraph cluster_{name} {{\n{indent}  label={title};"
    );
    for node in nodes {
        write_node(out, &format!("{indent}  "), node);
    }
    let _ = writeln!(out, "{indent}}}");
}

/// The graphs of hosts as one graph of Graphviz; with the name of a service, of the ways to it.
pub(crate) fn dot(graphs: &[Graph], reach: Option<&str>) -> String {
    let on = reach.map(|service| on_path(graphs, service));
    let on = on.as_ref();
    let mut out = format!(
        "digraph composegen {{\n  label={};\n  labelloc=t;\n  rankdir=LR;\n  fontname=\"sans-serif\";\n  \
         node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
        quoted(&title(graphs, reach))
    );
    // Writing to a `String` cannot fail.
    for zone in zones(graphs) {
        let (name, title) = (quoted(zone.as_str()), quoted(zone.title()));
        let _ = writeln!(out, "  {name} [label={title}, shape=oval];");
    }
    for (at, graph) in graphs.iter().enumerate() {
        let title = quoted(graph.id.title());
        let _ = writeln!(out, "  subgraph cluster_{at} {{\n    label={title};");
        for (index, group) in groups(at, graph, on).iter().enumerate() {
            match &group.title {
                Some(title) => {
                    let name = format!("{at}_{index}");
                    write_cluster(&mut out, "    ", &name, title, &group.nodes);
                }
                None => {
                    for node in &group.nodes {
                        write_node(&mut out, "    ", node);
                    }
                }
            }
        }
        out.push_str("  }\n");
    }
    for edge in edges(graphs, on) {
        let to = &edge.to;
        let dashed = matches!(edge.kind, EdgeKind::Volume | EdgeKind::Route);
        let marked = style(edge.mark, if dashed { "dashed" } else { "" });
        let _ = match (&edge.from, edge.kind) {
            (Start::Zone(zone, port), _) => {
                let (zone, port) = (quoted(zone.as_str()), quoted(port));
                writeln!(out, "  {zone} -> {to} [label={port}{marked}];")
            }
            (Start::Node(from), EdgeKind::Network | EdgeKind::Volume) => {
                writeln!(out, "  {from} -> {to} [dir=none{marked}];")
            }
            (Start::Node(from), _) => writeln!(out, "  {from} -> {to} [dir=forward{marked}];"),
        };
    }
    write_cluster(&mut out, "  ", "legend", "Legend", &legend(graphs, on));
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
