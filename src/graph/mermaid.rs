//! A graph for Mermaid.

use std::fmt::Write as _;

use super::edges::{Edge, edges, route as described, zones};
use super::model::{Graph, Zone};
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

/// The graphs of hosts as one flowchart.
pub(crate) fn mermaid(graphs: &[Graph]) -> String {
    let mut out = String::from("flowchart LR\n");
    let zones = zones(graphs);
    // Writing to a `String` cannot fail.
    for zone in &zones {
        let _ = writeln!(out, "  {}([{}])", id(*zone), label(zone.title()));
    }
    for (at, graph) in graphs.iter().enumerate() {
        let _ = writeln!(out, "  subgraph h{at} [{}]", label(graph.title()));
        for (index, service) in graph.services.iter().enumerate() {
            let _ = writeln!(out, "    h{at}s{index}[{}]", label(&service.name));
        }
        for (index, network) in graph.networks.iter().enumerate() {
            let name = if network.internal {
                format!("{} (internal)", network.name)
            } else {
                network.name.clone()
            };
            let _ = writeln!(out, "    h{at}n{index}{{{{{}}}}}", label(&name));
        }
        for (index, volume) in graph.volumes.iter().enumerate() {
            let _ = writeln!(out, "    h{at}v{index}[({})]", label(&volume.name));
        }
        for (index, route) in graph.routes.iter().enumerate() {
            let _ = writeln!(out, "    h{at}r{index}>{}]", label(&described(route)));
        }
        out.push_str("  end\n");
    }
    edges(graphs, |edge| {
        let _ = match edge {
            Edge::Port(zone, port, service) => {
                writeln!(out, "  {} -->|{}| {service}", id(zone), label(port))
            }
            Edge::Network(service, network) => writeln!(out, "  {service} --- {network}"),
            Edge::Volume(service, volume) => writeln!(out, "  {service} -.- {volume}"),
            Edge::Route(from, to) => writeln!(out, "  {from} -.-> {to}"),
        };
    });
    out
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
