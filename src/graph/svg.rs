//! A picture as SVG.
//!
//! It has no identifiers, scripts or style attributes, so several can be in one page with a strict
//! Content-Security-Policy; all of its classes begin with `cg-`.

use std::fmt::Write as _;

use super::layout::{Anchor, Group, Rect, Shape, picture};
use super::model::Graph;
use super::reach::on_path;
use crate::text::plural::counted;
use crate::text::xml::escaped;

/// The colours and fonts of pictures, light and dark.
pub(crate) const STYLE: &str = include_str!("style.css");

/// Whether a picture has its own styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Styles {
    /// It has, as a file of its own.
    Own,
    /// The page that it is in has [`STYLE`].
    OfPage,
}

/// A picture of hosts; with the name of a service, of the ways to it.
pub(crate) fn svg(graphs: &[Graph], reach: Option<&str>, styles: Styles) -> String {
    let on = reach.map(|service| on_path(graphs, service));
    let picture = picture(graphs, on.as_ref());
    let (width, height) = (picture.width.ceil(), picture.height.ceil());
    let title = title(graphs, reach);
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"cg-graph\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n",
        escaped(&title),
        escaped(&described(graphs)),
    );
    if styles == Styles::Own {
        let _ = writeln!(out, "<style>\n{STYLE}</style>");
        let _ = writeln!(
            out,
            "<rect class=\"cg-page\" width=\"{width}\" height=\"{height}\"/>"
        );
    }
    for group in &picture.groups {
        write_group(&mut out, group);
    }
    out.push_str("</svg>\n");
    out
}

/// What a picture shows, in words.
pub(super) fn title(graphs: &[Graph], reach: Option<&str>) -> String {
    let names: Vec<&str> = graphs.iter().map(|graph| graph.id.title()).collect();
    let hosts = match names.as_slice() {
        [] => "no host".to_owned(),
        few if few.len() <= 4 => few.join(", "),
        many => counted(many.len(), "host", "hosts"),
    };
    match reach {
        Some(service) => format!("Who can reach {service}: {hosts}"),
        None => format!("Services, networks and published ports of {hosts}"),
    }
}

/// The picture in words, for those who cannot see it.
fn described(graphs: &[Graph]) -> String {
    let host = |graph: &Graph| {
        let ports = graph.services.iter().flat_map(|service| {
            let ports = service.ports.iter();
            ports.map(|port| {
                format!(
                    "{} publishes {} ({})",
                    service.name,
                    port.text(),
                    port.reach.as_str()
                )
            })
        });
        let ports: Vec<String> = ports.take(20).collect();
        let mut said = format!(
            "{}: {} on {}",
            graph.id.title(),
            counted(graph.services.len(), "service", "services"),
            counted(graph.networks.len(), "network", "networks"),
        );
        if ports.is_empty() {
            said.push_str(", no published port");
        } else {
            let _ = write!(said, "; {}", ports.join("; "));
        }
        said
    };
    let hosts: Vec<String> = graphs.iter().map(host).collect();
    hosts.join(". ")
}

fn write_group(out: &mut String, group: &Group) {
    let _ = write!(out, "<g class=\"{}\">", group.class);
    if let Some(title) = &group.title {
        // A title has lines; everything else is on one.
        let lines: Vec<String> = title.lines().map(escaped).collect();
        let _ = write!(out, "<title>{}</title>", lines.join("\n"));
    }
    for shape in &group.shapes {
        write_shape(out, shape);
    }
    out.push_str("</g>\n");
}

fn write_shape(out: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Area {
            rect,
            class,
            radius,
        }
        | Shape::Box {
            rect,
            class,
            radius,
        } => {
            let Rect {
                x,
                y,
                width,
                height,
            } = *rect;
            write!(
                out,
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{radius}\"/>",
                round(x),
                round(y),
                round(width),
                round(height)
            )
        }
        Shape::Text {
            at,
            text,
            font,
            class,
            anchor,
        } => {
            if text.is_empty() {
                return;
            }
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let space = if class.is_empty() { "" } else { " " };
            write!(
                out,
                "<text class=\"{}{space}{class}\" x=\"{}\" y=\"{}\"{anchor}>{}</text>",
                font.class(),
                round(at.0),
                round(at.1),
                escaped(text)
            )
        }
        Shape::Line { points, class } => {
            let mut path = String::new();
            for (at, (x, y)) in points.iter().enumerate() {
                let _ = write!(
                    path,
                    "{}{} {}",
                    if at == 0 { "M" } else { " L" },
                    round(*x),
                    round(*y)
                );
            }
            write!(out, "<path class=\"{class}\" d=\"{path}\"/>")
        }
        Shape::Tip { at: (x, y), class } => write!(
            out,
            "<path class=\"{class}\" d=\"M{} {} l-8 -4.5 v9 z\"/>",
            round(*x),
            round(*y)
        ),
        Shape::Dot { at: (x, y), class } => write!(
            out,
            "<circle class=\"cg-dot {class}\" cx=\"{}\" cy=\"{}\" r=\"4.5\"/>",
            round(*x),
            round(*y)
        ),
        Shape::Square { at: (x, y), class } => write!(
            out,
            "<rect class=\"cg-dot {class}\" x=\"{}\" y=\"{}\" width=\"8\" height=\"8\" rx=\"1.5\"/>",
            round(x - 4.0),
            round(y - 4.0)
        ),
        Shape::Cylinder { at: (x, y) } => write!(
            out,
            "<path class=\"cg-sign\" d=\"M{0} {1} a5 2 0 0 0 10 0 a5 2 0 0 0 -10 0 v7 a5 2 0 0 0 10 0 v-7\"/>",
            round(*x),
            round(y + 2.5)
        ),
        Shape::Folder { at: (x, y) } => write!(
            out,
            "<path class=\"cg-sign\" d=\"M{} {} h3.5 l1.5 1.5 h5 v7 h-10 z\"/>",
            round(*x),
            round(y + 1.5)
        ),
    };
}

/// A number of pixels with at most one decimal place.
fn round(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}
