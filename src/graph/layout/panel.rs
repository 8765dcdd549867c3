//! The panel of a host.

use std::collections::BTreeMap;

use super::card::{Card, STUB};
use super::lanes::{Kind, LABEL, Lane, Lanes, PITCH};
use super::shape::{Group, Layer, MARGIN, Rect, Shape, text, times};
use crate::graph::measure::Font;
use crate::graph::model::{Caller, Graph, Port, Route};
use crate::graph::reach::OnPath;

/// The space inside a panel.
pub(super) const INSIDE: f64 = 24.0;
/// From a column of ports to the boxes.
const ARROW: f64 = 44.0;
/// From the boxes to the lanes.
const BESIDE: f64 = 30.0;
/// Between two boxes.
pub(super) const GAP: f64 = 10.0;
/// The least space between two lines that come from the left and the right.
const APART: f64 = 14.0;
/// The widest text of a port: that of a range on a whole IPv6 address.
const WIDEST_PORT: f64 = 530.0;
/// The space around ports in the area of their zone.
pub(super) const BAND: f64 = 10.0;
/// The height of a line of text below the title.
pub(super) const LINE: f64 = 18.0;

/// The panel of a host, before it is known where it goes.
pub(super) struct Panel<'a> {
    pub(super) at: usize,
    pub(super) graph: &'a Graph,
    pub(super) on: Option<&'a OnPath>,
    pub(super) lanes: Vec<Lane<'a>>,
    left: Vec<Card<'a>>,
    right: Vec<Card<'a>>,
    /// The width of the ports, and of the names of their zones; nothing where there are no ports.
    pub(super) ports_width: Option<(f64, f64)>,
    left_width: f64,
    right_width: f64,
    lanes_width: f64,
    heading: Vec<String>,
    /// The width that it needs.
    pub(super) width: f64,
}

/// A box that has its place.
pub(super) struct Placed<'b, 'a> {
    pub(super) card: &'b Card<'a>,
    pub(super) rect: Rect,
    /// Where its lines to the lanes begin.
    pub(super) from: (f64, f64),
}

/// On which side of the lanes boxes are; on the left, their lines keep away from those that are taken.
#[derive(Clone, Copy)]
enum Side<'a> {
    Left { taken: &'a [f64] },
    Right,
}

/// The line of text of a caller of a port.
pub(super) fn called_from(caller: &Caller) -> String {
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
        let lanes_width = Lanes {
            all: lanes.clone(),
            of: Vec::new(),
        }
        .width();
        let cards = graph.services.iter().enumerate().zip(of);
        let cards =
            cards.map(|((index, service), stubs)| Card::of(graph, index, service, stubs, &lanes));
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
        right.extend(remote(graph, &lanes));
        let ports_width = ports_width(&left);
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
            ports_width,
            heading,
            width: 0.0,
        };
        panel.width = panel.needed();
        panel
    }

    /// The width that everything in it needs.
    fn needed(&self) -> f64 {
        let labels = self
            .lanes
            .iter()
            .enumerate()
            .map(|(at, lane)| self.lanes_x(0.0) + times(at, PITCH) + 12.0 + lane.label());
        let right = if self.right.is_empty() {
            0.0
        } else {
            self.lanes_x(0.0) + self.lanes_width + BESIDE + self.right_width
        };
        let left = self.lanes_x(0.0) + self.lanes_width;
        let title = Font::Title.width(self.graph.id.title());
        let heading = self.heading.iter().map(|text| Font::Small.width(text));
        labels
            .chain(heading)
            .chain([right, left, title])
            .fold(0.0, f64::max)
            + INSIDE
    }

    /// Where the boxes on the left begin, in a panel that begins at `x`.
    fn left_x(&self, x: f64) -> f64 {
        let ports = self.band_width().map_or(0.0, |width| width + ARROW);
        x + INSIDE + ports
    }

    /// The width of the areas of zones.
    pub(super) fn band_width(&self) -> Option<f64> {
        let (port, zone) = self.ports_width?;
        Some(zone + port + 3.0 * BAND)
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
        let mut title = vec![text(
            (x + INSIDE, top),
            Font::Title,
            "",
            Font::Title.fit(self.graph.id.title(), width),
        )];
        for heading in &self.heading {
            top += LINE;
            title.push(text(
                (x + INSIDE, top),
                Font::Small,
                "cg-muted",
                heading.clone(),
            ));
        }
        shown.push(Group::new(Layer::Front, "cg-heading").with(title));
        top += 22.0;
        let labels = times(self.lanes.len(), LABEL);
        let first = top + labels + 10.0;
        let lanes_x = self.lanes_x(x);
        let right_x = lanes_x + self.lanes_width + BESIDE;
        let right = Self::column(&self.right, right_x, self.right_width, first, Side::Right);
        let taken: Vec<f64> = right.iter().map(|placed| placed.from.1).collect();
        let side = Side::Left { taken: &taken };
        let left = Self::column(&self.left, self.left_x(x), self.left_width, first, side);
        let bottom = left
            .iter()
            .chain(&right)
            .map(|placed| placed.rect.y + placed.rect.height)
            .fold(first - 10.0, f64::max);
        self.bands(&mut shown, x, &left);
        let placed: Vec<&Placed<'_, '_>> = left.iter().chain(&right).collect();
        self.lines(&mut shown, &placed, lanes_x, top);
        for placed in &left {
            self.ports(&mut shown, placed, x);
        }
        for placed in placed {
            let dim = self.dim(self.is_card_on(placed.card));
            shown.push(placed.card.group(placed.rect, dim));
        }
        let bottom = self.notes(&mut shown, x, bottom + 8.0, width);
        let height = bottom + INSIDE - y;
        let rect = Rect {
            x,
            y,
            width,
            height,
        };
        let area = Shape::Area {
            rect,
            class: "cg-panel".to_owned(),
            radius: 12.0,
        };
        shown.push(Group::new(Layer::Back, "cg-host").with([area]));
        // The panel is below its bands.
        shown.rotate_right(1);
        (height, shown)
    }

    /// Boxes one below the other.
    fn column<'b>(
        cards: &'b [Card<'a>],
        x: f64,
        width: f64,
        first: f64,
        side: Side<'_>,
    ) -> Vec<Placed<'b, 'a>> {
        let mut y = first;
        let (edge, taken) = match side {
            Side::Left { taken } => (x + width, taken),
            Side::Right => (x, &[][..]),
        };
        let mut placed = Vec::with_capacity(cards.len());
        for card in cards {
            let near = |at: f64| {
                let next = taken.partition_point(|taken| *taken < at - APART + 0.1);
                taken
                    .get(next)
                    .filter(|taken| **taken < at + APART)
                    .copied()
            };
            while let Some(taken) = near(y + STUB) {
                y = taken + APART - STUB;
            }
            let height = card.height();
            let rect = Rect {
                x,
                y,
                width,
                height,
            };
            placed.push(Placed {
                card,
                rect,
                from: (edge, y + STUB),
            });
            y += height + GAP;
        }
        placed
    }
}

/// A box for each host that routes lead to, and for each route that leads to none.
fn remote<'a>(graph: &'a Graph, lanes: &[Lane<'a>]) -> Vec<Card<'a>> {
    type Routes<'a> = Vec<(usize, &'a Route)>;
    let mut hosts: BTreeMap<(Option<&str>, &str), Routes<'_>> = BTreeMap::new();
    for (at, lane) in lanes.iter().enumerate() {
        if let (Kind::Route, Some(route)) = (lane.kind, graph.routes.get(lane.index)) {
            let host = route.host.as_deref();
            let name = if host.is_some() { "" } else { &route.name };
            hosts.entry((host, name)).or_default().push((at, route));
        }
    }
    let mut hosts: Vec<Routes<'_>> = hosts.into_values().collect();
    hosts.sort_by_key(|routes| routes.first().map(|(lane, _)| *lane));
    hosts.iter().map(|routes| Card::remote(routes)).collect()
}

/// The width that the ports of these boxes need, and that of the names of their zones.
fn ports_width(left: &[Card<'_>]) -> Option<(f64, f64)> {
    left.iter()
        .flat_map(Card::ports)
        .map(|port| {
            let zone = Font::Name.width(port.reach.title());
            (needed(port) + 24.0, zone)
        })
        .reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
}

fn needed(port: &Port) -> f64 {
    let text = Font::Mono.width(&port.text());
    port.callers
        .iter()
        .map(|caller| Font::Small.width(&called_from(caller)) - 20.0)
        .fold(text, f64::max)
        .min(WIDEST_PORT)
}

/// What is said below the title of a host.
fn heading(graph: &Graph) -> Vec<String> {
    let mut first: Vec<String> = graph.id.environment.iter().cloned().collect();
    first.push(format!("{} {}", graph.kind(), graph.id.project));
    first.extend(
        graph
            .machine
            .as_ref()
            .map(|machine| format!("machine {machine}")),
    );
    if let Some(observed) = &graph.observed_at {
        first.push(format!("observed {observed}"));
    }
    let mut lines = vec![first.join(" · ")];
    if !graph.domains.is_empty() {
        lines.push(graph.domains.join(" · "));
    }
    lines.extend(graph.not_observed());
    let fit = |line: &String| Font::Small.fit(line, 1100.0);
    lines.iter().map(fit).collect()
}
