//! The pass that merges two definitions: a file into those before it, and a service into the one
//! that it extends (compose-go, `override/merge.go`).

use std::collections::HashSet;

use super::fields::{FILE, Field, Merge, SERVICE};
use super::notes::{Notes, Stop};
use super::trail::Trail;
use super::tree::{Entry, Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostic;
use crate::state::STARTED;

/// The field that two values are of, where it is known.
type Known = Option<&'static Field>;

/// Merges a file into those before it.
pub(super) fn files(base: Node, over: Node, notes: &mut Notes) -> Result<Node, Stop> {
    merge(base, over, Some(&FILE), &Trail::ROOT, notes)
}

/// Merges a service into the one that it extends.
pub(super) fn service(name: &str, base: Node, over: Node, notes: &mut Notes) -> Result<Node, Stop> {
    let services = Trail::ROOT.key("services");
    merge(base, over, Some(&SERVICE), &services.key(name), notes)
}

/// Merges two values; of a field that is unknown as their kinds say.
fn merge(
    base: Node,
    over: Node,
    field: Known,
    trail: &Trail<'_>,
    notes: &mut Notes,
) -> Result<Node, Stop> {
    match field.map_or(Merge::ByKind, |field| field.merge) {
        Merge::ByKind => {}
        Merge::Replace => return Ok(over),
        Merge::Pairs => {
            let (at, mut items) = (base.at, pairs(base));
            items.extend(pairs(over));
            return Ok(Node::new(Kind::List(items), at));
        }
        Merge::Hosts => {
            let (at, mut items) = (base.at, pairs(base));
            let mut known: HashSet<String> = items.iter().filter_map(Node::scalar).collect();
            for item in pairs(over) {
                // Anything but a scalar is refused when the kinds are checked.
                if item.scalar().is_none_or(|text| known.insert(text)) {
                    items.push(item);
                }
            }
            return Ok(Node::new(Kind::List(items), at));
        }
        Merge::Names => {
            let (base, over) = (names(base, &no_entry), names(over, &no_entry));
            return maps(base, over, field, trail, notes);
        }
        Merge::Dependencies => {
            let (base, over) = (names(base, &dependency), names(over, &dependency));
            return maps(base, over, field, trail, notes);
        }
        Merge::Build => return maps(build(base), build(over), field, trail, notes),
        Merge::Logging => {
            let driver = |node: &Node| node.get("driver").map(|driver| driver.kind.clone());
            let (before, after) = (driver(&base), driver(&over));
            if before != after && before.is_some() && after.is_some() {
                return Ok(over);
            }
            return maps(base, over, field, trail, notes);
        }
        Merge::Subnets => {
            if let (Some(_), Some(_)) = (base.as_list(), over.as_list()) {
                return subnets(&base, &over, field, trail, notes);
            }
            return Err(mismatch(&base, &over, trail, notes));
        }
    }
    if over.is_null() {
        return Ok(base);
    }
    match (&base.kind, &over.kind) {
        (Kind::Map(_), Kind::Map(_)) => maps(base, over, field, trail, notes),
        (Kind::List(_), Kind::List(_)) => {
            let at = base.at;
            let (Kind::List(mut items), Kind::List(more)) = (base.kind, over.kind) else {
                return Err(Stop);
            };
            items.extend(more);
            Ok(Node::new(Kind::List(items), at))
        }
        (Kind::Map(_) | Kind::List(_), _) => Err(mismatch(&base, &over, trail, notes)),
        _ => Ok(over),
    }
}

fn mismatch(base: &Node, over: &Node, trail: &Trail<'_>, notes: &mut Notes) -> Stop {
    let (found, expected) = (over.kind.words(), base.kind.words());
    let message = format!("`{trail}` is {found} here, but overrides {expected}");
    let diagnostic = Diagnostic::new(message, notes.place(over.at))
        .label(format!("expected {expected}"))
        .related(notes.place(base.at), "the value that it overrides");
    notes.push(diagnostic);
    Stop
}

/// Merges two mappings field by field; anything else counts as an empty one.
fn maps(
    base: Node,
    over: Node,
    field: Known,
    trail: &Trail<'_>,
    notes: &mut Notes,
) -> Result<Node, Stop> {
    let at = if base.as_map().is_some() {
        base.at
    } else {
        over.at
    };
    let mut map = match base.kind {
        Kind::Map(map) => map,
        _ => Map::new(),
    };
    let Kind::Map(over) = over.kind else {
        return Ok(Node::new(Kind::Map(map), at));
    };
    for (key, entry) in over {
        let Some(known) = map.get_mut(&key) else {
            map.insert(key, entry);
            continue;
        };
        let before = std::mem::take(&mut known.value);
        let (field, trail) = (Field::below(field, &key), trail.key(&key));
        let over = entry.value.at;
        known.value = merge(before, entry.value, field, &trail, notes)?;
        // What was replaced is where the value is now.
        if known.value.at == over {
            known.key_at = entry.key_at;
        }
    }
    Ok(Node::new(Kind::Map(map), at))
}

/// A mapping becomes a sorted list of `KEY=VALUE`, a text a list of one.
fn pairs(node: Node) -> Vec<Node> {
    match node.kind {
        Kind::List(items) => items,
        Kind::Text(_) => vec![node],
        Kind::Map(map) => {
            let mut items = Vec::new();
            for (key, entry) in map {
                let value = entry.value;
                let (key, at) = (key.as_str(), entry.key_at);
                match &value.kind {
                    Kind::Null => items.push(Node::text(key, at)),
                    Kind::List(values) => {
                        let texts = values.iter().filter_map(Node::scalar);
                        items.extend(texts.map(|text| Node::text(format!("{key}={text}"), at)));
                    }
                    _ => {
                        let text = value.scalar().unwrap_or_default();
                        let mut item = Node::text(format!("{key}={text}"), value.at);
                        item.unset = value.unset;
                        items.push(item);
                    }
                }
            }
            items.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
            items
        }
        _ => Vec::new(),
    }
}

/// A list of names becomes a mapping from them.
fn names(node: Node, value: &dyn Fn(Mark) -> Node) -> Node {
    let at = node.at;
    let Kind::List(items) = node.kind else {
        return node;
    };
    let entries = items.into_iter().filter_map(|item| {
        let entry = Entry {
            key_at: item.at,
            value: value(item.at),
        };
        Some((item.as_text()?.to_owned(), entry))
    });
    Node::new(Kind::Map(entries.collect()), at)
}

fn no_entry(at: Mark) -> Node {
    Node::new(Kind::Null, at)
}

/// The long form of a dependency that is only a name.
pub(super) fn dependency(at: Mark) -> Node {
    let mut node = Node::new(Kind::Map(Map::new()), at);
    node.set("condition", Node::text(STARTED, at), at);
    node.set("required", Node::new(Kind::Bool(true), at), at);
    node
}

fn build(node: Node) -> Node {
    if node.as_text().is_none() {
        return node;
    }
    let at = node.at;
    let mut build = Node::new(Kind::Map(Map::new()), at);
    build.set("context", node, at);
    build
}

/// How many subnets of a network are merged with others: each is compared with each, and no network has
/// near as many.
const MAX_SUBNETS: usize = 64;

/// Each subnet of the second is merged into each of the first that has the same one, or that comes
/// after one that is there already; else it is added. (Compose means less, but it changes the entries
/// that it has already taken, and what comes of that is what it creates.)
fn subnets(
    base: &Node,
    over: &Node,
    field: Known,
    trail: &Trail<'_>,
    notes: &mut Notes,
) -> Result<Node, Stop> {
    #[derive(Clone, Copy, PartialEq)]
    enum Taken {
        Base(usize),
        Over(usize),
    }
    let mut originals = base.items().to_vec();
    let overs = over.items();
    if originals.len().max(overs.len()) > MAX_SUBNETS {
        return notes.refuse(
            over.at,
            format!("more than {MAX_SUBNETS} subnets override others"),
            "expected fewer",
        );
    }
    let mut taken: Vec<Taken> = Vec::new();
    let subnet = |node: Option<&Node>| Some(node?.get("subnet")?.kind.clone());
    for at in 0..originals.len() {
        for (number, left) in overs.iter().enumerate() {
            let of = |originals: &[Node], entry: &Taken| match entry {
                Taken::Base(index) => subnet(originals.get(*index)),
                Taken::Over(index) => subnet(overs.get(*index)),
            };
            let wanted = subnet(Some(left));
            let is_taken = taken.iter().any(|entry| of(&originals, entry) == wanted);
            if wanted != subnet(originals.get(at)) && !is_taken {
                taken.push(Taken::Over(number));
                continue;
            }
            if let Some(original) = originals.get_mut(at) {
                let before = std::mem::take(original);
                *original = maps(before, left.clone(), field, trail, notes)?;
            }
            let merged = subnet(originals.get(at));
            let known = taken
                .iter()
                .position(|entry| of(&originals, entry) == merged);
            match known.and_then(|known| taken.get_mut(known)) {
                Some(known) => *known = Taken::Base(at),
                None => taken.push(Taken::Base(at)),
            }
        }
    }
    let configs = taken.into_iter().filter_map(|entry| match entry {
        Taken::Base(index) => originals.get(index).cloned(),
        Taken::Over(index) => overs.get(index).cloned(),
    });
    Ok(Node::new(Kind::List(configs.collect()), base.at))
}
