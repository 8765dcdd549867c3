//! The panel of a host.

use std::collections::BTreeMap;

use super::card::{CALLER, Card, PORT, STUB, class_of};
use super::lanes::{Kind, LABEL, Lane, Lanes, PITCH};
use super::shape::{Anchor, Group, Layer, MARGIN, Rect, Shape, line, text, times};
use crate::graph::measure::Font;
use crate::graph::model::{Caller, Graph, Port, Zone};
use crate::graph::reach::{Node, OnPath};

/// The space inside a panel.
const INSIDE: f64 = 24.0;
/// From a column of ports to the boxes.
const ARROW: f64 = 44.0;
/// From the boxes to the lanes.
const BESIDE: f64 = 30.0;
/// Between two boxes.
const GAP: f64 = 10.0;
/// The height of the title of a zone.
const ZONE: f64 = 48.0;
/// The least space between two lines that come from the left and the right.
const APART: f64 = 11.0;
/// The widest text of a port.
const WIDEST_PORT: f64 = 300.0;
/// How many findings are listed below a host.
const NOTES: usize = 12;
/// The height of a line of text below the title.
const LINE: f64 = 18.0;

/// The panel of a host, before it is known where it goes.
pub(super) struct Panel<'a> {
    at: usize,
    graph: &'a Graph,
    on: Option<&'a OnPath>,
    lanes: Vec<Lane<'a>>,
    left: Vec<Card<'a>>,
    right: Vec<Card<'a>>,
    /// The zones that have ports, with their widths.
    zones: Vec<(Zone, f64)>,
    left_width: f64,
    right_width: f64,
    lanes_width: f64,
    heading: Vec<String>,
    /// The width that it needs.
    pub(super) width: f64,
}

/// A box that has its place.
struct Placed<'b, 'a> {
    card: &'b Card<'a>,
    rect: Rect,
    /// Where its lines to the lanes begin.
    from: (f64, f64),
}

/// The line of text of a caller of a port.
fn called_from(caller: &Caller) -> String {
    format!("from {} ({})", caller.host, caller.route)
}

impl<'a> Panel<'a> {
    pub(super) fn of(at: usize, graph: &'a Graph, on: Option<&'a OnPath>) -> Self {
        let is_left: Vec<bool> = graph
            .services
            .iter()
            .map(|service| !service.ports.is_empty())
            .collect();
        let Lanes { all: lanes, of } = Lanes::of(graph, &is_left);
        let lanes_width = Lanes { all: lanes.clone(), of: Vec::new() }.width();
        let cards = graph.services.iter().enumerate().zip(of);
        let cards = cards.map(|((index, service), stubs)| {
            Card::of(graph, index, service, stubs, &lanes)
        });
        let (mut left, mut right): (Vec<Card<'_>>, Vec<Card<'_>>) =
            cards.partition(|card| !card.ports().is_empty());
        let foreign = |card: &Card<'_>| card.service.is_some_and(|(_, service)| service.foreign);
        left.sort_by_cached_key(|card| {
            let widest = card.ports().iter().map(|port| port.reach).min();
            (foreign(card), widest)
        });
        right.sort_by_cached_key(|card| {
            let lanes: Vec<usize> = card.stubs.iter().map(|stub| stub.lane).collect();
            (foreign(card), lanes.is_empty(), lanes)
        });
        for (index, lane) in lanes.iter().enumerate() {
            if let (Kind::Route, Some(route)) = (lane.kind, graph.routes.get(lane.index)) {
                right.push(Card::remote(route, index));
            }
        }
        let zones = zones(&left);
        let widest = |cards: &[Card<'_>]| cards.iter().map(Card::width).fold(0.0, f64::max);
        let heading = heading(graph);
        let mut panel = Self {
            at,
            graph,
            on,
            left_width: widest(&left),
            right_width: widest(&right),
            lanes_width,
            lanes,
            left,
            right,
            zones,
            heading,
            width: 0.0,
        };
        panel.width = panel.needed();
        panel
    }

    /// The width that everything in it needs.
    fn needed(&self) -> f64 {
        let labels = self.lanes.iter().enumerate().map(|(at, lane)| {
            self.lanes_x(0.0) + times(at, PITCH) + 12.0 + lane.label()
        });
        let right = if self.right.is_empty() {
            0.0
        } else {
            self.lanes_x(0.0) + self.lanes_width + BESIDE + self.right_width
        };
        let left = self.lanes_x(0.0) + self.lanes_width;
        let title = Font::Title.width(self.graph.title());
        let heading = self.heading.iter().map(|text| Font::Small.width(text));
        labels
            .chain(heading)
            .chain([right, left, title])
            .fold(0.0, f64::max)
            + INSIDE
    }

    /// Where the boxes on the left begin, in a panel that begins at `x`.
    fn left_x(&self, x: f64) -> f64 {
        let zones: f64 = self.zones.iter().map(|(_, width)| width + GAP).sum();
        let arrow = if self.zones.is_empty() { 0.0 } else { ARROW - GAP };
        x + INSIDE + zones + arrow
    }

    /// Where the lanes begin.
    fn lanes_x(&self, x: f64) -> f64 {
        let left = if self.left.is_empty() {
            6.0
        } else {
            self.left_width + BESIDE
        };
        self.left_x(x) + left
    }

    /// Its height, and what is in it.
    pub(super) fn place(&self, y: f64, width: f64) -> (f64, Vec<Group>) {
        let mut shown = Vec::new();
        let x = MARGIN;
        let mut top = y + INSIDE + 20.0;
        let mut title = vec![text((x + INSIDE, top), Font::Title, "", Font::Title.fit(self.graph.title(), width))];
        for heading in &self.heading {
            top += LINE;
            title.push(text((x + INSIDE, top), Font::Small, "cg-muted", heading.clone()));
        }
        shown.push(Group::new(Layer::Front, "cg-heading").with(title));
        top += 22.0;
        let labels = times(self.lanes.len(), LABEL);
        let header = if self.zones.is_empty() { 0.0 } else { ZONE };
        let first = top + labels.max(header) + 10.0;
        let lanes_x = self.lanes_x(x);
        let right = self.column(&self.right, lanes_x + self.lanes_width + BESIDE, first, &[], self.right_width);
        let taken: Vec<f64> = right.iter().map(|placed| placed.from.1).collect();
        let left = self.column(&self.left, self.left_x(x), first, &taken, self.left_width);
        let end = left.iter().chain(&right).map(|placed| placed.rect.y + placed.rect.height);
        let bottom = end.fold(first - 10.0, f64::max);
        self.bands(&mut shown, x, top, bottom + 8.0);
        let placed: Vec<&Placed<'_, '_>> = left.iter().chain(&right).collect();
        self.lines(&mut shown, &placed, lanes_x, top);
        for placed in &left {
            self.ports(&mut shown, placed, x);
        }
        for placed in placed {
            let dim = self.dim(placed.card.service.is_none_or(|(index, _)| {
                self.on.is_some_and(|on| on.services.contains(&(self.at, index)))
            }) && placed.card.service.is_some());
            shown.push(placed.card.group(placed.rect, dim));
        }
        let bottom = self.notes(&mut shown, x, bottom + 8.0, width);
        let height = bottom + INSIDE - y;
        let rect = Rect { x, y, width, height };
        let area = Shape::Area { rect, class: "cg-panel".to_owned(), radius: 12.0 };
        shown.push(Group::new(Layer::Back, "cg-host").with([area]));
        // The panel is below its bands.
        shown.rotate_right(1);
        (height, shown)
    }

    /// The class of what is not on a path, where paths are shown.
    fn dim(&self, is_on: bool) -> &'static str {
        match self.on {
            Some(_) if !is_on => " cg-dim",
            Some(_) => " cg-on",
            None => "",
        }
    }

    /// Boxes one below the other; their lines to the lanes keep away from those that are `taken`.
    fn column<'b>(
        &self,
        cards: &'b [Card<'a>],
        x: f64,
        first: f64,
        taken: &[f64],
        width: f64,
    ) -> Vec<Placed<'b, 'a>> {
        let mut y = first;
        let is_right = taken.is_empty() && x > self.left_x(MARGIN) + self.left_width;
        let mut placed = Vec::with_capacity(cards.len());
        for card in cards {
            let near = |at: f64| {
                let next = taken.partition_point(|taken| *taken < at - APART + 0.1);
                taken.get(next).filter(|taken| **taken < at + APART).copied()
            };
            while let Some(taken) = near(y + STUB) {
                y = taken + APART - STUB;
            }
            let height = card.height();
            let rect = Rect { x, y, width, height };
            let edge = if is_right { x } else { x + width };
            placed.push(Placed { card, rect, from: (edge, y + STUB) });
            y += height + GAP;
        }
        placed
    }

    /// The columns for where ports are reached from.
    fn bands(&self, shown: &mut Vec<Group>, x: f64, top: f64, bottom: f64) {
        let mut left = x + INSIDE;
        for (zone, width) in &self.zones {
            let rect = Rect { x: left, y: top - 4.0, width: *width, height: bottom - top + 4.0 };
            let name = zone.as_str();
            let center = left + width / 2.0;
            let centered = |y: f64, font, class, text: &str| Shape::Text {
                at: (center, y),
                text: text.to_owned(),
                font,
                class,
                anchor: Anchor::Middle,
            };
            shown.push(
                Group::new(Layer::Back, format!("cg-zone cg-{name}"))
                    .with([Shape::Area { rect, class: "cg-band".to_owned(), radius: 9.0 }]),
            );
            shown.push(Group::new(Layer::Front, format!("cg-zone cg-{name}")).with([
                centered(top + 17.0, Font::Name, "cg-zone-name", zone.title()),
                centered(top + 33.0, Font::Small, "cg-muted", zone.explained()),
            ]));
            left += width + GAP;
        }
    }

    /// The ports of a box, each in the column of where it is reached from, with an arrow to the box.
    fn ports(&self, shown: &mut Vec<Group>, placed: &Placed<'_, '_>, x: f64) {
        let mut y = placed.rect.y + STUB;
        let Some((index, service)) = placed.card.service else { return };
        for (at, port) in placed.card.ports().iter().enumerate() {
            let mut left = x + INSIDE;
            let mut width = 0.0;
            for (zone, own) in &self.zones {
                if *zone == port.reach {
                    width = *own;
                    break;
                }
                left += own + GAP;
            }
            let is_on = self.on.is_some_and(|on| on.ports.contains(&(self.at, index, at)));
            let dim = self.dim(is_on);
            let drift = class_of(port.drift.as_ref());
            let said = Font::Mono.fit(&port.text(), WIDEST_PORT);
            let pill = Rect { x: left + 10.0, y: y - PORT.0 / 2.0, width: width - 20.0, height: PORT.0 };
            let tip = placed.rect.x - 1.0;
            let zone = port.reach.as_str();
            let mut shapes = vec![
                line((pill.x + pill.width, y), (tip - 5.0, y), format!("cg-arrow{drift}")),
                Shape::Tip { at: (tip, y), class: format!("cg-tip{drift}") },
                Shape::Box { rect: pill, class: format!("cg-port cg-{zone}{drift}"), radius: 11.0 },
                Shape::Text {
                    at: (pill.x + pill.width / 2.0, y + 4.0),
                    text: said,
                    font: Font::Mono,
                    class: "cg-port-text",
                    anchor: Anchor::Middle,
                },
            ];
            y += PORT.1;
            for caller in &port.callers {
                shapes.push(Shape::Text {
                    at: (pill.x + pill.width / 2.0, y - 4.0),
                    text: Font::Small.fit(&called_from(caller), pill.width),
                    font: Font::Small,
                    class: "cg-muted",
                    anchor: Anchor::Middle,
                });
                y += CALLER;
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
    fn lines(&self, shown: &mut Vec<Group>, placed: &[&Placed<'_, '_>], lanes_x: f64, top: f64) {
        let x_of = |lane: usize| lanes_x + times(lane, PITCH);
        let mut ends: Vec<f64> = Vec::with_capacity(self.lanes.len());
        let mut on_lanes: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for lane in 0..self.lanes.len() {
            ends.push(top + times(lane, LABEL) + 12.0);
        }
        for placed in placed {
            let (x, y) = placed.from;
            let mut stubs = Vec::new();
            let mut dots = Vec::new();
            let farthest = placed
                .card
                .stubs
                .iter()
                .map(|stub| x_of(stub.lane))
                .max_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
            let Some(farthest) = farthest else { continue };
            let is_gone = placed.card.stubs.iter().all(|stub| class_of(stub.drift).contains("cg-gone"));
            let mut is_any_on = false;
            let mut reaches = x;
            for stub in &placed.card.stubs {
                let Some(lane) = self.lanes.get(stub.lane) else { continue };
                let at = (x_of(stub.lane), y);
                let drift = class_of(stub.drift);
                let class = format!("{}{drift}", lane.class());
                if let Some(end) = ends.get_mut(stub.lane) {
                    *end = end.max(y);
                }
                let is_on = self.is_step(placed.card, lane);
                if is_on {
                    is_any_on = true;
                    on_lanes.entry(stub.lane).or_default().push(y);
                    if (at.0 - x).abs() > (reaches - x).abs() {
                        reaches = at.0;
                    }
                }
                dots.push(match lane.kind {
                    Kind::Network => Shape::Dot { at, class },
                    Kind::Volume | Kind::Route => Shape::Square { at, class },
                });
                if drift.contains("cg-red") || drift.contains("cg-amber") {
                    stubs.push(line((x, y), at, format!("cg-stub{drift}")));
                }
            }
            let class = if is_gone { "cg-stub cg-gone" } else { "cg-stub" };
            stubs.insert(0, line((x, y), (farthest, y), class));
            let dim = self.dim(is_any_on);
            if is_any_on {
                let path = line((x, y), (reaches, y), "cg-path");
                shown.push(Group::new(Layer::Path, "cg-on").with([path]));
            }
            shown.push(Group::new(Layer::Stubs, format!("cg-stubs{dim}")).with(stubs));
            shown.push(Group::new(Layer::Dots, format!("cg-dots{dim}")).with(dots));
        }
        for (at, (lane, end)) in self.lanes.iter().zip(ends).enumerate() {
            let x = x_of(at);
            let start = top + times(at, LABEL) + 4.0;
            let drift = class_of(lane.drift);
            let dim = self.dim(on_lanes.contains_key(&at));
            let label = (x + 12.0, start + 4.5);
            let class = lane.class();
            shown.push(
                Group::new(Layer::Lanes, format!("cg-lane {class}{drift}{dim}"))
                    .titled(self.described(lane))
                    .with([
                        line((x, start), (x, end + 8.0), "cg-rail"),
                        Shape::Dot { at: (x, start), class: format!("{class} cg-top") },
                        text(label, Font::Name, "cg-lane-name", lane.name),
                        text((label.0 + Font::Name.width(lane.name) + 8.0, label.1), Font::Small, "cg-muted", lane.detail.clone()),
                    ]),
            );
            if let Some(ys) = on_lanes.get(&at) {
                let from = ys.iter().copied().fold(f64::INFINITY, f64::min);
                let to = ys.iter().copied().fold(0.0, f64::max);
                let path = line((x, from), (x, to), "cg-path");
                shown.push(Group::new(Layer::Path, "cg-on").with([path]));
            }
        }
    }

    /// Whether the line from a box to a lane is on a path.
    fn is_step(&self, card: &Card<'_>, lane: &Lane<'_>) -> bool {
        let (Some(on), Some((index, _))) = (self.on, card.service) else {
            return false;
        };
        let service = Node::Service(self.at, index);
        let through = match lane.kind {
            Kind::Network => Node::Network(self.at, lane.index),
            Kind::Route => Node::Route(self.at, lane.index),
            Kind::Volume => return false,
        };
        on.steps.contains(&(service, through)) || on.steps.contains(&(through, service))
    }

    /// What is on a lane, in words.
    fn described(&self, lane: &Lane<'_>) -> String {
        let word = match lane.kind {
            Kind::Network => "network",
            Kind::Volume => "volume",
            Kind::Route => "route",
        };
        let mut title = format!("{word} {}", lane.name);
        if !lane.detail.is_empty() {
            title.push_str(&format!(" ({})", lane.detail));
        }
        for message in lane.drift.iter().flat_map(|drift| &drift.messages) {
            title.push('\n');
            title.push_str(message);
        }
        title
    }

    /// The findings, below everything else; where the panel ends.
    fn notes(&self, shown: &mut Vec<Group>, x: f64, bottom: f64, width: f64) -> f64 {
        let notes = &self.graph.findings;
        if notes.is_empty() {
            return bottom;
        }
        let mut y = bottom + 12.0;
        let most = if notes.len() == NOTES + 1 { NOTES + 1 } else { NOTES };
        let more = notes.len().saturating_sub(most);
        for note in notes.iter().take(most) {
            let at = (x + INSIDE + 5.0, y);
            let class = match note.severity {
                crate::severity::Severity::Exposure => "cg-mark cg-red",
                crate::severity::Severity::Notice => "cg-mark",
                _ => "cg-mark cg-amber",
            };
            let said = Font::Small.fit(&note.message, width - 2.0 * INSIDE - 16.0);
            shown.push(Group::new(Layer::Front, "cg-note").titled(note.message.clone()).with([
                Shape::Dot { at, class: class.to_owned() },
                text((at.0 + 11.0, y + 4.0), Font::Small, "", said),
            ]));
            y += LINE;
        }
        if more > 0 {
            let said = format!("{more} more; `composegen drift` lists them");
            let at = (x + INSIDE + 16.0, y + 4.0);
            shown.push(Group::new(Layer::Front, "cg-note").with([text(at, Font::Small, "cg-muted", said)]));
            y += LINE;
        }
        y - 8.0
    }
}

/// The zones that ports of these boxes are in, with the widths of their columns.
fn zones(left: &[Card<'_>]) -> Vec<(Zone, f64)> {
    let mut zones: BTreeMap<Zone, f64> = BTreeMap::new();
    for port in left.iter().flat_map(|card| card.ports()) {
        let zone = zones.entry(port.reach).or_insert_with(|| {
            let name = Font::Name.width(port.reach.title());
            name.max(Font::Small.width(port.reach.explained()))
        });
        *zone = zone.max(needed(port));
    }
    let widths = zones.into_iter();
    widths.map(|(zone, width)| (zone, width + 44.0)).collect()
}

fn needed(port: &Port) -> f64 {
    let text = Font::Mono.width(&port.text());
    let callers = port.callers.iter();
    let callers = callers.map(|caller| Font::Small.width(&called_from(caller)) - 20.0);
    callers.fold(text, f64::max).min(WIDEST_PORT)
}

/// What is said below the title of a host.
fn heading(graph: &Graph) -> Vec<String> {
    let mut first: Vec<String> = graph.environment.iter().cloned().collect();
    first.push(format!("project {}", graph.project));
    first.extend(graph.machine.as_ref().map(|machine| format!("machine {machine}")));
    if let Some(observed) = &graph.observed_at {
        first.push(format!("observed {observed}"));
    }
    let mut lines = vec![first.join(" · ")];
    if !graph.domains.is_empty() {
        lines.push(graph.domains.join(" · "));
    }
    if let Some(error) = &graph.error {
        lines.push(format!("not observed, shown as expected: {error}"));
    }
    let fit = |line: &String| Font::Small.fit(line, 1100.0);
    lines.iter().map(fit).collect()
}
