//! What the signs of a picture mean.

use super::shape::{MARGIN, Rect, Shape, line, text};
use crate::graph::measure::Font;
use crate::graph::model::{Graph, Zone};

/// The height of a row.
const ROW: f64 = 24.0;
/// The space between two entries.
const GAP: f64 = 26.0;

/// What a picture has, and so is explained.
fn entries(graphs: &[Graph], has_paths: bool) -> Vec<(Sign, &'static str)> {
    let any = |has: &dyn Fn(&Graph) -> bool| graphs.iter().any(has);
    let services = |has: &dyn Fn(&crate::graph::Service) -> bool| {
        graphs.iter().any(|graph| graph.services.iter().any(has))
    };
    let in_zone =
        |zone: Zone| services(&|service| service.ports.iter().any(|port| port.reach == zone));
    let shared = |graph: &Graph| {
        let mut seen = std::collections::BTreeSet::new();
        graph
            .services
            .iter()
            .flat_map(|service| &service.volumes)
            .any(|volume| !seen.insert(&volume.name))
    };
    let drifted = any(&|graph| !graph.findings.is_empty());
    [
        (
            in_zone(Zone::Internet),
            Sign::Port(Zone::Internet),
            "port published to everyone",
        ),
        (
            in_zone(Zone::Unknown),
            Sign::Port(Zone::Unknown),
            "a variable without a value decides to whom",
        ),
        (
            in_zone(Zone::PrivateNetwork),
            Sign::Port(Zone::PrivateNetwork),
            "to a private network",
        ),
        (
            in_zone(Zone::Loopback),
            Sign::Port(Zone::Loopback),
            "to this machine only",
        ),
        (
            in_zone(Zone::Nowhere),
            Sign::Port(Zone::Nowhere),
            "not published: no network allows it",
        ),
        (
            any(&|graph| !graph.networks.is_empty()),
            Sign::Network,
            "service attached to a network",
        ),
        (any(&shared), Sign::Shared, "volume of several services"),
        (
            services(&|service| !service.volumes.is_empty()),
            Sign::Volume,
            "volume",
        ),
        (
            services(&|service| !service.binds.is_empty()),
            Sign::Bind,
            "bind mount",
        ),
        (
            any(&|graph| !graph.routes.is_empty()),
            Sign::Route,
            "route to another host",
        ),
        (has_paths, Sign::Path, "path from outside"),
        (drifted, Sign::Mark("cg-mark cg-red"), "exposure"),
        (drifted, Sign::Mark("cg-mark cg-amber"), "drift"),
        (drifted, Sign::Gone, "missing"),
    ]
    .into_iter()
    .filter(|(is_there, ..)| *is_there)
    .map(|(_, sign, text)| (sign, text))
    .collect()
}

enum Sign {
    Port(Zone),
    Network,
    Shared,
    Volume,
    Bind,
    Route,
    Path,
    Mark(&'static str),
    Gone,
}

impl Sign {
    fn width(&self) -> f64 {
        match self {
            Self::Port(_) | Self::Network | Self::Path | Self::Gone => 30.0,
            Self::Shared | Self::Volume | Self::Bind | Self::Route | Self::Mark(_) => 10.0,
        }
    }

    /// How it is drawn in a row, from `x` on.
    fn shapes(&self, x: f64, row: f64) -> Vec<Shape> {
        let middle = x + self.width() / 2.0;
        let rail = |class| line((middle, row - 8.0), (middle, row + 8.0), class);
        let stub = |class| line((x, row), (x + 30.0, row), class);
        let at = (middle, row);
        let dot = |class: &str| Shape::Dot {
            at,
            class: class.to_owned(),
        };
        let square = |class: &str| Shape::Square {
            at,
            class: class.to_owned(),
        };
        let card = |class: String, radius| Shape::Box {
            rect: Rect {
                x,
                y: row - 8.0,
                width: 30.0,
                height: 16.0,
            },
            class,
            radius,
        };
        let beside = (middle - 4.0, row - 6.0);
        match self {
            Self::Port(zone) => vec![card(format!("cg-port cg-{}", zone.as_str()), 8.0)],
            Self::Network => vec![stub("cg-stub"), rail("cg-rail cg-c0"), dot("cg-c0")],
            Self::Shared => vec![rail("cg-rail cg-shared"), square("cg-shared")],
            Self::Route => vec![rail("cg-rail cg-route"), square("cg-route")],
            Self::Volume => vec![Shape::Cylinder { at: beside }],
            Self::Bind => vec![Shape::Folder { at: beside }],
            Self::Path => vec![stub("cg-path")],
            Self::Mark(class) => vec![dot(class)],
            Self::Gone => vec![card("cg-card cg-amber cg-gone".to_owned(), 4.0)],
        }
    }
}

/// The legend below a picture: its height, and what is in it.
pub(super) fn legend(graphs: &[Graph], has_paths: bool, y: f64, width: f64) -> (f64, Vec<Shape>) {
    let mut shapes = Vec::new();
    let (mut x, mut row) = (MARGIN + 8.0, y + ROW / 2.0);
    for (sign, said) in entries(graphs, has_paths) {
        let beside = sign.width() + 10.0;
        let needed = beside + Font::Small.width(said);
        if x + needed > MARGIN + width && x > MARGIN + 8.0 {
            x = MARGIN + 8.0;
            row += ROW;
        }
        shapes.extend(sign.shapes(x, row));
        shapes.push(text((x + beside, row + 4.0), Font::Small, "cg-muted", said));
        x += needed + GAP;
    }
    (row + ROW / 2.0 - y, shapes)
}
