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
        let mut volumes = graph.services.iter().flat_map(|service| &service.volumes);
        volumes.any(|volume| !seen.insert(&volume.name))
    };
    let drifted = any(&|graph| !graph.findings.is_empty());
    [
        (
            in_zone(Zone::Internet),
            Sign::Port(Zone::Internet),
            "port published to everyone",
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
        let middle = x + sign.width() / 2.0;
        match sign {
            Sign::Port(zone) => {
                let rect = Rect {
                    x,
                    y: row - 8.0,
                    width: 30.0,
                    height: 16.0,
                };
                let class = format!("cg-port cg-{}", zone.as_str());
                shapes.push(Shape::Box {
                    rect,
                    class,
                    radius: 8.0,
                });
            }
            Sign::Network => {
                shapes.push(line((x, row), (x + 30.0, row), "cg-stub"));
                shapes.push(line(
                    (middle, row - 8.0),
                    (middle, row + 8.0),
                    "cg-rail cg-c0",
                ));
                shapes.push(Shape::Dot {
                    at: (middle, row),
                    class: "cg-c0".to_owned(),
                });
            }
            Sign::Shared => {
                shapes.push(line(
                    (middle, row - 8.0),
                    (middle, row + 8.0),
                    "cg-rail cg-shared",
                ));
                shapes.push(Shape::Square {
                    at: (middle, row),
                    class: "cg-shared".to_owned(),
                });
            }
            Sign::Route => {
                shapes.push(line(
                    (middle, row - 8.0),
                    (middle, row + 8.0),
                    "cg-rail cg-route",
                ));
                shapes.push(Shape::Square {
                    at: (middle, row),
                    class: "cg-route".to_owned(),
                });
            }
            Sign::Volume => shapes.push(Shape::Cylinder {
                at: (middle - 4.0, row - 6.0),
            }),
            Sign::Bind => shapes.push(Shape::Folder {
                at: (middle - 4.0, row - 6.0),
            }),
            Sign::Path => shapes.push(line((x, row), (x + 30.0, row), "cg-path")),
            Sign::Mark(class) => shapes.push(Shape::Dot {
                at: (middle, row),
                class: class.to_owned(),
            }),
            Sign::Gone => {
                let rect = Rect {
                    x,
                    y: row - 8.0,
                    width: 30.0,
                    height: 16.0,
                };
                shapes.push(Shape::Box {
                    rect,
                    class: "cg-card cg-amber cg-gone".to_owned(),
                    radius: 4.0,
                });
            }
        }
        shapes.push(text((x + beside, row + 4.0), Font::Small, "cg-muted", said));
        x += needed + GAP;
    }
    (row + ROW / 2.0 - y, shapes)
}
