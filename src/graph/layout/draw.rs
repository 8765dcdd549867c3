//! What is drawn in the panel of a host, once it is known where its boxes are.

use std::fmt::Write as _;

use super::card::{Card, PORT, class_of};
use super::lanes::{Kind, LABEL, Lane, PITCH};
use super::panel::{BAND, INSIDE, LINE, Panel, Placed, called_from};
use super::shape::{Anchor, Group, Layer, Rect, Shape, line, text, times};
use crate::graph::measure::Font;
use crate::graph::model::Zone;
use crate::graph::neighbours::Node;
use crate::severity::Severity;

/// How many findings are listed below a host.
const NOTES: usize = 12;

/// Where a lane is drawn.
struct DrawnLane {
    x: f64,
    start: f64,
    end: f64,
    /// The heights at which boxes on a shown path are connected to it.
    on: Vec<f64>,
}

impl Panel<'_> {
    /// The class of what is not on a path, where paths are shown.
    pub(super) fn dim(&self, is_on: bool) -> &'static str {
        match self.on {
            Some(_) if !is_on => " cg-dim",
            Some(_) => " cg-on",
            None => "",
        }
    }

    /// The areas for where ports are reached from: one for all in a row that are reached from the same zone.
    pub(super) fn bands(&self, shown: &mut Vec<Group>, x: f64, left: &[Placed<'_, '_>]) {
        let Some(width) = self.band_width() else {
            return;
        };
        let mut bands: Vec<(Zone, f64, f64, f64)> = Vec::new();
        for placed in left {
            let top = placed.rect.y;
            for place in placed.card.port_places() {
                let (middle, end) = (top + place.middle, top + place.end);
                match bands.last_mut() {
                    Some((zone, .., last)) if *zone == place.port.reach => *last = end,
                    _ => bands.push((place.port.reach, middle - PORT.0 / 2.0, middle, end)),
                }
            }
        }
        for (zone, start, middle, end) in bands {
            let class = format!("cg-zone cg-{}", zone.as_str());
            let rect = Rect {
                x: x + INSIDE,
                y: start - 5.0,
                width,
                height: end - start + 10.0,
            };
            let area = Shape::Area {
                rect,
                class: "cg-band".to_owned(),
                radius: 9.0,
            };
            shown.push(Group::new(Layer::Back, class.clone()).with([area]));
            let at = (rect.x + BAND, middle + 4.5);
            let explained = format!("{}: {}", zone.title(), zone.explained());
            shown.push(
                Group::new(Layer::Front, class)
                    .titled(explained)
                    .with([text(at, Font::Name, "cg-zone-name", zone.title())]),
            );
        }
    }

    /// The ports of a box, each in the area of where it is reached from, with an arrow to the box.
    pub(super) fn ports(&self, shown: &mut Vec<Group>, placed: &Placed<'_, '_>, x: f64) {
        let Some((index, service)) = placed.card.service else {
            return;
        };
        let Some((width, zone_width)) = self.ports_width else {
            return;
        };
        let left = x + INSIDE + 2.0 * BAND + zone_width;
        for place in placed.card.port_places() {
            let port = place.port;
            let y = placed.rect.y + place.middle;
            let is_on = self
                .on
                .is_some_and(|on| on.ports.contains(&(self.at, index, place.index)));
            let dim = self.dim(is_on);
            let drift = class_of(port.drift.as_ref());
            let said = Font::Mono.fit(&port.text(), width - 20.0);
            let pill = Rect {
                x: left,
                y: y - PORT.0 / 2.0,
                width,
                height: PORT.0,
            };
            let tip = placed.rect.x - 1.0;
            let zone = port.reach.as_str();
            let mut shapes = vec![
                line(
                    (pill.x + pill.width, y),
                    (tip - 5.0, y),
                    format!("cg-arrow{drift}"),
                ),
                Shape::Tip {
                    at: (tip, y),
                    class: format!("cg-tip{drift}"),
                },
                Shape::Box {
                    rect: pill,
                    class: format!("cg-port cg-{zone}{drift}"),
                    radius: 11.0,
                },
                Shape::Text {
                    at: (pill.x + pill.width / 2.0, y + 4.0),
                    text: said,
                    font: Font::Mono,
                    class: "cg-port-text",
                    anchor: Anchor::Middle,
                },
            ];
            for (y, caller) in place.callers() {
                shapes.push(Shape::Text {
                    at: (pill.x + pill.width / 2.0, placed.rect.y + y),
                    text: Font::Small.fit(&called_from(caller), pill.width),
                    font: Font::Small,
                    class: "cg-muted",
                    anchor: Anchor::Middle,
                });
            }
            let mut title = format!("{}: {} ({})", service.name, port.text(), port.reach.title());
            for message in port.drift.iter().flat_map(|drift| &drift.messages) {
                title.push('\n');
                title.push_str(message);
            }
            shown.push(
                Group::new(Layer::Front, format!("cg-published cg-{zone}{drift}{dim}"))
                    .titled(title)
                    .with(shapes),
            );
        }
    }

    /// The lanes, and the lines from the boxes to them.
    pub(super) fn lines(
        &self,
        shown: &mut Vec<Group>,
        placed: &[&Placed<'_, '_>],
        lanes_x: f64,
        top: f64,
    ) {
        let lanes = 0..self.lanes.len();
        let mut drawn: Vec<DrawnLane> = lanes
            .map(|lane| DrawnLane {
                x: lanes_x + times(lane, PITCH),
                start: top + times(lane, LABEL) + 4.0,
                end: top + times(lane, LABEL) + 12.0,
                on: Vec::new(),
            })
            .collect();
        for placed in placed {
            self.stubs(shown, placed, &mut drawn);
        }
        for (lane, drawn) in self.lanes.iter().zip(drawn) {
            self.lane(shown, lane, &drawn);
        }
    }

    /// The lines from a box to its lanes.
    fn stubs(&self, shown: &mut Vec<Group>, placed: &Placed<'_, '_>, drawn: &mut [DrawnLane]) {
        let (x, y) = placed.from;
        let own = &placed.card.stubs;
        let farthest = own
            .iter()
            .filter_map(|stub| Some(drawn.get(stub.lane)?.x))
            .max_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
        let Some(farthest) = farthest else { return };
        let mut stubs = Vec::new();
        let mut is_any_on = false;
        let mut reaches = x;
        for stub in own {
            let (Some(lane), Some(drawn)) = (self.lanes.get(stub.lane), drawn.get_mut(stub.lane))
            else {
                continue;
            };
            let at = (drawn.x, y);
            let drift = class_of(stub.drift);
            let class = format!("{}{drift}", lane.class());
            drawn.end = drawn.end.max(y);
            let is_on = self.is_step(placed.card, lane);
            if is_on {
                is_any_on = true;
                drawn.on.push(y);
                if (at.0 - x).abs() > (reaches - x).abs() {
                    reaches = at.0;
                }
            }
            let dot = match lane.kind {
                Kind::Network => Shape::Dot { at, class },
                Kind::Volume | Kind::Route => Shape::Square { at, class },
            };
            let dim = self.dim(is_on);
            shown.push(Group::new(Layer::Dots, format!("cg-dots{dim}")).with([dot]));
            if drift.contains("cg-red") || drift.contains("cg-amber") {
                stubs.push(line((x, y), at, format!("cg-stub{drift}")));
            }
        }
        let is_gone = own
            .iter()
            .all(|stub| class_of(stub.drift).contains("cg-gone"));
        let class = if is_gone {
            "cg-stub cg-gone"
        } else {
            "cg-stub"
        };
        stubs.insert(0, line((x, y), (farthest, y), class));
        let dim = self.dim(is_any_on);
        if is_any_on {
            let path = line((x, y), (reaches, y), "cg-path");
            shown.push(Group::new(Layer::Path, "cg-on").with([path]));
        }
        shown.push(Group::new(Layer::Stubs, format!("cg-stubs{dim}")).with(stubs));
    }

    /// A lane with its name.
    fn lane(&self, shown: &mut Vec<Group>, lane: &Lane<'_>, drawn: &DrawnLane) {
        let (x, start) = (drawn.x, drawn.start);
        let drift = class_of(lane.drift);
        let dim = self.dim(!drawn.on.is_empty());
        let label = (x + 12.0, start + 4.5);
        let class = lane.class();
        shown.push(
            Group::new(Layer::Lanes, format!("cg-lane {class}{drift}{dim}"))
                .titled(described(lane))
                .with([
                    line((x, start), (x, drawn.end + 8.0), "cg-rail"),
                    Shape::Dot {
                        at: (x, start),
                        class: format!("{class} cg-top"),
                    },
                    text(label, Font::Name, "cg-lane-name", lane.name),
                    text(
                        (label.0 + Font::Name.width(lane.name) + 8.0, label.1),
                        Font::Small,
                        "cg-muted",
                        lane.detail.clone(),
                    ),
                ]),
        );
        if !drawn.on.is_empty() {
            let ys = drawn.on.iter().copied();
            let from = ys.clone().fold(f64::INFINITY, f64::min);
            let to = ys.fold(0.0, f64::max);
            let path = line((x, from), (x, to), "cg-path");
            shown.push(Group::new(Layer::Path, "cg-on").with([path]));
        }
    }

    /// Whether the line from a box to a lane is on a path.
    fn is_step(&self, card: &Card<'_>, lane: &Lane<'_>) -> bool {
        let Some(on) = self.on else {
            return false;
        };
        let Some((index, _)) = card.service else {
            // What a route leads to is on another host.
            let route = Node::Route(self.at, lane.index);
            return on.steps.iter().any(|(from, _)| *from == route);
        };
        let service = Node::Service(self.at, index);
        let through = match lane.kind {
            Kind::Network => Node::Network(self.at, lane.index),
            Kind::Route => Node::Route(self.at, lane.index),
            Kind::Volume => return false,
        };
        on.has_step(service, through)
    }

    /// Whether a box is on a path.
    pub(super) fn is_card_on(&self, card: &Card<'_>) -> bool {
        match (self.on, card.service) {
            (Some(on), Some((index, _))) => on.services.contains(&(self.at, index)),
            (_, Some(_)) => false,
            (_, None) => card
                .stubs
                .iter()
                .filter_map(|stub| self.lanes.get(stub.lane))
                .any(|lane| self.is_step(card, lane)),
        }
    }

    /// The findings, below everything else; where the panel ends.
    pub(super) fn notes(&self, shown: &mut Vec<Group>, x: f64, bottom: f64, width: f64) -> f64 {
        let notes = &self.graph.findings;
        if notes.is_empty() {
            return bottom;
        }
        let mut y = bottom + 12.0;
        let most = if notes.len() == NOTES + 1 {
            NOTES + 1
        } else {
            NOTES
        };
        let more = notes.len().saturating_sub(most);
        for note in notes.iter().take(most) {
            let at = (x + INSIDE + 5.0, y);
            let class = match note.severity {
                Severity::Exposure => "cg-mark cg-red",
                Severity::Notice => "cg-mark",
                _ => "cg-mark cg-amber",
            };
            let said = Font::Small.fit(&note.message, width - 2.0 * INSIDE - 16.0);
            shown.push(
                Group::new(Layer::Front, "cg-note")
                    .titled(note.message.clone())
                    .with([
                        Shape::Dot {
                            at,
                            class: class.to_owned(),
                        },
                        text((at.0 + 11.0, y + 4.0), Font::Small, "", said),
                    ]),
            );
            y += LINE;
        }
        if more > 0 {
            let said = format!("{more} more; `composegen drift` lists them");
            let at = (x + INSIDE + 16.0, y + 4.0);
            shown.push(Group::new(Layer::Front, "cg-note").with([text(
                at,
                Font::Small,
                "cg-muted",
                said,
            )]));
            y += LINE;
        }
        y - 8.0
    }
}

/// What is on a lane, in words.
fn described(lane: &Lane<'_>) -> String {
    let word = match lane.kind {
        Kind::Network => "network",
        Kind::Volume => "volume",
        Kind::Route => "route",
    };
    let mut title = format!("{word} {}", lane.name);
    if !lane.detail.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = write!(title, " ({})", lane.detail);
    }
    for message in lane.drift.iter().flat_map(|drift| &drift.messages) {
        title.push('\n');
        title.push_str(message);
    }
    title
}
