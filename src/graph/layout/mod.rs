//! Where everything of a picture goes.
//!
//! A host is a panel. In its middle, every network, every volume that several services share and every route
//! to another host is a vertical lane; services are attached to lanes by short horizontal lines. Services
//! that publish ports are left of the lanes, with their ports in areas for where they can be reached from;
//! all others are right of them. So whatever a host runs, lines are straight, and none passes through a box.

mod card;
mod draw;
mod image;
mod lanes;
mod legend;
mod panel;
mod shape;

pub(super) use shape::{Anchor, Group, Picture, Rect, Shape};

use super::model::Graph;
use super::reach::OnPath;
use shape::{Layer, MARGIN};

/// The least width of a picture.
const LEAST: f64 = 640.0;
/// The space between two panels.
const GAP: f64 = 24.0;

/// Lays out a picture of hosts; `on` is what is highlighted in it.
pub(super) fn picture(graphs: &[Graph], on: Option<&OnPath>) -> Picture {
    let panels: Vec<panel::Panel<'_>> = graphs
        .iter()
        .enumerate()
        .map(|(at, graph)| panel::Panel::of(at, graph, on))
        .collect();
    let width = panels.iter().map(|panel| panel.width).fold(LEAST, f64::max);
    let mut groups = Vec::new();
    let mut y = MARGIN;
    for panel in panels {
        let (height, mut shown) = panel.place(y, width);
        // What is below comes first; groups of one layer stay in order.
        shown.sort_by_key(|group: &Group| group.layer);
        groups.extend(shown);
        y += height + GAP;
    }
    let (height, legend) = legend::legend(graphs, on.is_some(), y, width);
    groups.push(Group::new(Layer::Front, "cg-legend").with(legend));
    Picture {
        width: width + 2.0 * MARGIN,
        height: y + height + MARGIN,
        groups,
    }
}
