//! What a picture is made of.

use crate::graph::measure::Font;

/// The space around a picture.
pub(super) const MARGIN: f64 = 16.0;

/// A place, in pixels from the upper left corner.
pub(in crate::graph) type Point = (f64, f64);

/// A picture.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Picture {
    pub(in crate::graph) width: f64,
    pub(in crate::graph) height: f64,
    /// What is in it; later ones are above earlier ones.
    pub(in crate::graph) groups: Vec<Group>,
}

/// What belongs together, with a title that is shown for all of it.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Group {
    pub(super) layer: Layer,
    pub(in crate::graph) class: String,
    pub(in crate::graph) title: Option<String>,
    pub(in crate::graph) shapes: Vec<Shape>,
}

/// What is above what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Back,
    Stubs,
    Lanes,
    Path,
    Dots,
    Front,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::graph) struct Rect {
    pub(in crate::graph) x: f64,
    pub(in crate::graph) y: f64,
    pub(in crate::graph) width: f64,
    pub(in crate::graph) height: f64,
}

/// Which point of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Anchor {
    Start,
    Middle,
    End,
}

/// A shape; colours and lines follow from its class.
#[derive(Debug, Clone)]
pub(in crate::graph) enum Shape {
    /// An area that others are in.
    Area {
        rect: Rect,
        class: String,
        radius: f64,
    },
    /// A box that no line passes through.
    Box {
        rect: Rect,
        class: String,
        radius: f64,
    },
    /// A line of text.
    Text {
        at: Point,
        text: String,
        font: Font,
        class: &'static str,
        anchor: Anchor,
    },
    /// A line.
    Line { points: Vec<Point>, class: String },
    /// The tip of an arrow to the right.
    Tip { at: Point, class: String },
    /// A round mark.
    Dot { at: Point, class: String },
    /// A square mark.
    Square { at: Point, class: String },
    /// The sign of a volume; the place is its upper left corner.
    Cylinder { at: Point },
    /// The sign of a directory.
    Folder { at: Point },
}

impl Group {
    pub(super) fn new(layer: Layer, class: impl Into<String>) -> Self {
        Self {
            layer,
            class: class.into(),
            title: None,
            shapes: Vec::new(),
        }
    }

    pub(super) fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into()).filter(|title| !title.is_empty());
        self
    }

    pub(super) fn with(mut self, shapes: impl IntoIterator<Item = Shape>) -> Self {
        self.shapes.extend(shapes);
        self
    }
}

/// A text that begins at a place.
pub(super) fn text(at: Point, font: Font, class: &'static str, text: impl Into<String>) -> Shape {
    Shape::Text {
        at,
        text: text.into(),
        font,
        class,
        anchor: Anchor::Start,
    }
}

/// A line between two places.
pub(super) fn line(from: Point, to: Point, class: impl Into<String>) -> Shape {
    Shape::Line {
        points: vec![from, to],
        class: class.into(),
    }
}

/// A number of things as a number of pixels.
pub(super) fn times(number: usize, each: f64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)) * each
}
