//! A graph for Mermaid.

use std::fmt::Write as _;

use super::edges::{DrawnNode, EdgeKind, NodeKind, Start, edges, groups, legend, zones};
use super::model::{Graph, Zone};
use super::reach::on_path;
use super::svg::title;
use crate::text::visible;

/// A text as a label: everything but letters, digits and plain punctuation as a character reference of Mermaid.
fn label(text: &str) -> String {
    let mut out = String::from("\"");
    for c in visible(text).chars() {
        match c {
            c if c.is_alphanumeric() => out.push(c),
            ' ' | '.' | '-' | '_' | '/' | ':' | ',' | '→' => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// The node of a zone; no other node begins with this letter.
fn id(zone: Zone) -> String {
    format!("z{}", zone.as_str().replace('-', ""))
}

/// How marks look, by their words; a chart has one look for light and dark pages.
const STYLES: [(&str, &str); 4] = [
    ("exposure", "stroke:#d1242f,stroke-width:3px"),
    ("drift", "stroke:#bf8700,stroke-width:3px"),
    ("missing", "stroke-dasharray:6 4"),
    ("path", "stroke-width:5px"),
];

/// A node, and its class.
fn write_node(out: &mut String, indent: &str, node: &DrawnNode) {
    let (open, close) = match node.shape {
        NodeKind::Service => ("[", "]"),
        NodeKind::Network => ("{{", "}}"),
        NodeKind::Volume => ("[(", ")]"),
        NodeKind::Route => (">", "]"),
    };
    let (id, label) = (&node.id, label(&node.label));
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{indent}{id}{open}{label}{close}");
    for word in node.mark.words() {
        let _ = writeln!(out, "{indent}class {id} {word}");
    }
}

/// The graphs of hosts as one flowchart; with the name of a service, of the ways to it.
pub(crate) fn mermaid(graphs: &[Graph], reach: Option<&str>) -> String {
    let on = reach.map(|service| on_path(graphs, service));
    let on = on.as_ref();
    let title = label(&title(graphs, reach));
    let mut out = format!("---\ntitle: {title}\n---\nflowchart LR\n");
    // Writing to a `String` cannot fail.
    for zone in zones(graphs) {
        let _ = writeln!(out, "  {}([{}])", id(zone), label(zone.title()));
    }
    for (at, graph) in graphs.iter().enumerate() {
        let _ = writeln!(out, "  subgraph h{at} [{}]", label(graph.id.title()));
        for (index, group) in groups(at, graph, on).iter().enumerate() {
            match &group.title {
                Some(title) => {
                    let _ = writeln!(out, "    subgraph h{at}g{index} [{}]", label(title));
                    for node in &group.nodes {
                        write_node(&mut out, "      ", node);
                    }
                    out.push_str("    end\n");
                }
                None => {
                    for node in &group.nodes {
                        write_node(&mut out, "    ", node);
                    }
                }
            }
        }
        out.push_str("  end\n");
    }
    let mut links = String::new();
    for (number, edge) in edges(graphs, on).iter().enumerate() {
        let to = &edge.to;
        let _ = match (&edge.from, edge.kind) {
            (Start::Zone(zone, port), _) => {
                writeln!(out, "  {} -->|{}| {to}", id(*zone), label(port))
            }
            (Start::Node(from), EdgeKind::Network) => writeln!(out, "  {from} --- {to}"),
            (Start::Node(from), EdgeKind::Volume) => writeln!(out, "  {from} -.- {to}"),
            (Start::Node(from), _) => writeln!(out, "  {from} -.-> {to}"),
        };
        let styles = STYLES
            .iter()
            .filter(|(word, _)| edge.mark.words().any(|one| one == *word));
        let styles: Vec<&str> = styles.map(|(_, style)| *style).collect();
        if !styles.is_empty() {
            let _ = writeln!(links, "  linkStyle {number} {}", styles.join(","));
        }
    }
    out.push_str("  subgraph legend [\"Legend\"]\n    direction LR\n");
    for node in legend(graphs, on) {
        write_node(&mut out, "    ", &node);
    }
    out.push_str("  end\n");
    for (word, style) in STYLES {
        let _ = writeln!(out, "  classDef {word} {style}");
    }
    out + &links
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_label_is_text() {
        assert_eq!(
            label("ops-api 0.0.0.0:80 → 80"),
            "\"ops-api 0.0.0.0:80 → 80\""
        );
        assert_eq!(label("\"];"), "\"#34;#93;#59;\"");
        assert_eq!(label("<script>"), "\"#60;script#62;\"");
        assert_eq!(
            label("`**a**`#quot;"),
            "\"#96;#42;#42;a#42;#42;#96;#35;quot#59;\""
        );
    }
}
