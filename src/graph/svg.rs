//! A picture as SVG.
//!
//! It has no identifiers, scripts or style attributes, so several can be in one page with a strict
//! Content-Security-Policy; all of its classes begin with `cg-`.

use std::fmt::{self, Write as _};

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
            service.ports.iter().map(|port| {
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
        } => write_rect(out, *rect, class, *radius),
        Shape::Text { text, .. } if text.is_empty() => Ok(()),
        Shape::Text {
            at: (x, y),
            text,
            font,
            class,
            anchor,
        } => {
            let space = if class.is_empty() { "" } else { " " };
            write!(
                out,
                "<text class=\"{}{space}{class}\" x=\"{}\" y=\"{}\"{}>{}</text>",
                font.class(),
                round(*x),
                round(*y),
                attribute_of(*anchor),
                escaped(text)
            )
        }
        Shape::Line { points, class } => write_line(out, points, class),
        Shape::Dot { at: (x, y), class } => write!(
            out,
            "<circle class=\"cg-dot {class}\" cx=\"{}\" cy=\"{}\" r=\"4.5\"/>",
            round(*x),
            round(*y)
        ),
        Shape::Square { at: (x, y), class } => {
            let rect = Rect {
                x: x - 4.0,
                y: y - 4.0,
                width: 8.0,
                height: 8.0,
            };
            write_rect(out, rect, &format!("cg-dot {class}"), 1.5)
        }
        Shape::Tip { at: (x, y), class } => write_sign(out, class, (*x, *y), "l-8 -4.5 v9 z"),
        Shape::Cylinder { at: (x, y) } => write_sign(
            out,
            "cg-sign",
            (*x, y + 2.5),
            "a5 2 0 0 0 10 0 a5 2 0 0 0 -10 0 v7 a5 2 0 0 0 10 0 v-7",
        ),
        Shape::Folder { at: (x, y) } => {
            write_sign(out, "cg-sign", (*x, y + 1.5), "h3.5 l1.5 1.5 h5 v7 h-10 z")
        }
    };
}

/// The attribute for where a text is anchored; none for the default.
fn attribute_of(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    }
}

fn write_line(out: &mut String, points: &[(f64, f64)], class: &str) -> fmt::Result {
    let points: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{} {}", round(*x), round(*y)))
        .collect();
    write!(
        out,
        "<path class=\"{class}\" d=\"M{}\"/>",
        points.join(" L")
    )
}

fn write_rect(out: &mut String, rect: Rect, class: &str, radius: f64) -> fmt::Result {
    let Rect {
        x,
        y,
        width,
        height,
    } = rect;
    write!(
        out,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{radius}\"/>",
        round(x),
        round(y),
        round(width),
        round(height)
    )
}

/// A sign of one outline, drawn from `at`.
fn write_sign(out: &mut String, class: &str, at: (f64, f64), outline: &str) -> fmt::Result {
    let (x, y) = (round(at.0), round(at.1));
    write!(out, "<path class=\"{class}\" d=\"M{x} {y} {outline}\"/>")
}

/// A number of pixels with at most one decimal place.
fn round(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}
