//! What is wrong with a picture: texts that cover each other, lines through boxes.

use super::super::layout::{Anchor, Picture, Rect, Shape, picture};
use super::super::model::Graph;
use super::super::reach::on_path;

fn text_rect(shape: &Shape) -> Option<Rect> {
    let Shape::Text {
        at: (x, y),
        text,
        font,
        anchor,
        ..
    } = shape
    else {
        return None;
    };
    let width = font.width(text);
    let x = match anchor {
        Anchor::Start => *x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    (!text.is_empty()).then_some(Rect {
        x,
        y: y - 0.75 * font.size(),
        width,
        height: 0.95 * font.size(),
    })
}

fn sign_rect(shape: &Shape) -> Option<Rect> {
    let (x, y, width, height) = match shape {
        Shape::Dot { at: (x, y), .. } => (x - 4.5, y - 4.5, 9.0, 9.0),
        Shape::Square { at: (x, y), .. } => (x - 4.0, y - 4.0, 8.0, 8.0),
        Shape::Cylinder { at: (x, y) } | Shape::Folder { at: (x, y) } => (*x, *y, 10.0, 11.0),
        Shape::Tip { at: (x, y), .. } => (x - 8.0, y - 4.5, 8.0, 9.0),
        _ => return None,
    };
    Some(Rect {
        x,
        y,
        width,
        height,
    })
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    let apart = a.x + a.width <= b.x + 0.5
        || b.x + b.width <= a.x + 0.5
        || a.y + a.height <= b.y + 0.5
        || b.y + b.height <= a.y + 0.5;
    !apart
}

fn is_inside(inner: &Rect, outer: &Rect) -> bool {
    inner.x >= outer.x - 0.5
        && inner.y >= outer.y - 0.5
        && inner.x + inner.width <= outer.x + outer.width + 0.5
        && inner.y + inner.height <= outer.y + outer.height + 0.5
}

/// A line as wide as it is drawn.
fn line_rect(line: &Rect) -> Rect {
    Rect {
        x: line.x - 0.75,
        y: line.y - 0.75,
        width: line.width + 1.5,
        height: line.height + 1.5,
    }
}

/// What crosses the edge of an area, and is not a line that begins or ends in it.
fn around(
    areas: &[Rect],
    items: &[(Rect, bool, String)],
    lines: &[(Rect, usize, String)],
    problems: &mut Vec<String>,
) {
    for (at, area) in areas.iter().enumerate() {
        for other in &areas[at + 1..] {
            if overlap(area, other) && !is_inside(area, other) && !is_inside(other, area) {
                problems.push(format!("{area:?} overlaps {other:?}"));
            }
        }
        // What is partly in an area belongs to none.
        for (item, _, says) in items {
            if overlap(item, area) && !is_inside(item, area) {
                problems.push(format!("`{says}` {item:?} is partly in {area:?}"));
            }
        }
        // A line may leave the area that it begins in, and does not pass through others.
        for (line, _, class) in lines {
            let has = |x: f64, y: f64| {
                let point = Rect {
                    x,
                    y,
                    width: 0.0,
                    height: 0.0,
                };
                is_inside(&point, area)
            };
            let ends = has(line.x, line.y) || has(line.x + line.width, line.y + line.height);
            if overlap(&line_rect(line), area) && !ends {
                problems.push(format!("`{class}` {line:?} passes through {area:?}"));
            }
        }
    }
}

/// Everything that makes a picture illegible.
pub(super) fn problems(picture: &Picture) -> Vec<String> {
    let mut problems = Vec::new();
    let whole = Rect {
        x: 0.0,
        y: 0.0,
        width: picture.width,
        height: picture.height,
    };
    // Boxes, texts and signs, each with whether it is a box.
    let mut items: Vec<(Rect, bool, String)> = Vec::new();
    let mut lines: Vec<(Rect, usize, String)> = Vec::new();
    let mut areas: Vec<Rect> = Vec::new();
    for (at, group) in picture.groups.iter().enumerate() {
        for shape in &group.shapes {
            match shape {
                Shape::Area { rect, .. } => {
                    if !is_inside(rect, &whole) {
                        problems.push(format!("{rect:?} is outside"));
                    }
                    areas.push(*rect);
                }
                Shape::Box { rect, class, .. } => items.push((*rect, true, class.clone())),
                Shape::Line { points, class } => {
                    let [(x1, y1), (x2, y2)] = points[..] else {
                        panic!("a line has two ends");
                    };
                    assert!(
                        (x1 - x2).abs().min((y1 - y2).abs()) < 0.01,
                        "lines are straight"
                    );
                    let rect = Rect {
                        x: x1.min(x2),
                        y: y1.min(y2),
                        width: (x1 - x2).abs(),
                        height: (y1 - y2).abs(),
                    };
                    lines.push((rect, at, class.clone()));
                }
                Shape::Text { text, .. } => {
                    items.extend(text_rect(shape).map(|rect| (rect, false, text.clone())));
                }
                _ => items.extend(sign_rect(shape).map(|rect| (rect, false, "sign".into()))),
            }
        }
    }
    items.sort_by(|(a, ..), (b, ..)| a.y.total_cmp(&b.y));
    for (at, (a, a_is_box, a_says)) in items.iter().enumerate() {
        if !is_inside(a, &whole) {
            problems.push(format!("`{a_says}` is outside"));
        }
        for (b, b_is_box, b_says) in &items[at + 1..] {
            if b.y >= a.y + a.height {
                break;
            }
            let is_within = *a_is_box && !b_is_box && is_inside(b, a)
                || *b_is_box && !a_is_box && is_inside(a, b);
            if overlap(a, b) && !is_within {
                problems.push(format!("`{a_says}` {a:?} overlaps `{b_says}` {b:?}"));
            }
        }
    }
    // A line ends at a box, and touches no text; dots are on lines.
    for (line, _, class) in &lines {
        for (item, _, says) in items.iter().filter(|(.., says)| says != "sign") {
            let is_through = line.x < item.x + item.width - 1.0
                && line.x + line.width > item.x + 1.0
                && line.y < item.y + item.height - 1.0
                && line.y + line.height > item.y + 1.0;
            if is_through {
                problems.push(format!(
                    "`{class}` {line:?} passes through `{says}` {item:?}"
                ));
            }
        }
    }
    around(&areas, &items, &lines, &mut problems);
    // Two lines that run over each other look like one.
    let mut level: Vec<&(Rect, usize, String)> = lines
        .iter()
        .filter(|(line, _, class)| line.height < 0.01 && class.contains("cg-stub"))
        .collect();
    level.sort_by(|(a, ..), (b, ..)| a.y.total_cmp(&b.y));
    for (at, (a, of, _)) in level.iter().enumerate() {
        for (b, other, _) in &level[at + 1..] {
            if b.y > a.y + 5.0 {
                break;
            }
            if of != other && a.x < b.x + b.width - 1.0 && b.x < a.x + a.width - 1.0 {
                problems.push(format!("lines at {a:?} and {b:?} run over each other"));
            }
        }
    }
    problems.truncate(5);
    problems
}

pub(super) fn assert_legible(graphs: &[Graph], reach: Option<&str>) {
    let on = reach.map(|service| on_path(graphs, service));
    let problems = problems(&picture(graphs, on.as_ref()));
    assert!(problems.is_empty(), "{problems:#?}");
}
