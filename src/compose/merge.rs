//! The pass that lays one definition over another: files over files, and a service over the one
//! that it extends (compose-go, `override/merge.go`).
//!
//! Mappings are merged field by field, lists are appended, anything else is replaced. What is
//! different from that is in [`rule`].

use std::collections::HashSet;

use super::notes::{Notes, Stop};
use super::tree::{Entry, Kind, Map, Mark, Node, Resets};
use crate::diagnostic::Diagnostic;

/// How the values at a path are merged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// As their kinds say.
    Plain,
    /// The second replaces the first.
    Replace,
    /// Both become lists of `KEY=VALUE`, and are appended.
    Sequence,
    /// As `Sequence`; what is there already is not added again.
    Hosts,
    /// Both become mappings, and are merged.
    Names,
    /// As `Names`, with what a bare name of a dependency stands for.
    Dependencies,
    /// A text is the folder to build in.
    Build,
    /// Options are merged only where the driver is the same.
    Logging,
    /// Subnets are merged by their own rule.
    Subnets,
}

fn rule(path: &[String]) -> Rule {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["networks", _, "ipam", "config"] => Rule::Subnets,
        ["networks" | "volumes", _, "labels"] => Rule::Sequence,
        ["services", _, rest @ ..] => match rest {
            ["command" | "entrypoint"] | ["healthcheck", "test"] | ["ulimits", _] => Rule::Replace,
            [
                "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file"
                | "environment" | "labels" | "sysctls" | "tmpfs",
            ]
            | ["build", "args" | "additional_contexts" | "labels"]
            | ["deploy", "labels"] => Rule::Sequence,
            ["extra_hosts"] | ["build", "extra_hosts"] => Rule::Hosts,
            ["networks" | "models"] => Rule::Names,
            ["depends_on"] => Rule::Dependencies,
            ["build"] => Rule::Build,
            ["logging"] => Rule::Logging,
            _ => Rule::Plain,
        },
        _ => Rule::Plain,
    }
}

/// Lays a file over those before it.
pub(super) fn files(base: Node, over: Node, notes: &mut Notes) -> Result<Node, Stop> {
    merge(base, over, &mut Vec::new(), notes)
}

/// Lays a service over the one that it extends.
pub(super) fn service(base: Node, over: Node, notes: &mut Notes) -> Result<Node, Stop> {
    let mut path = vec!["services".to_owned(), "x".to_owned()];
    merge(base, over, &mut path, notes)
}

fn merge(base: Node, over: Node, path: &mut Vec<String>, notes: &mut Notes) -> Result<Node, Stop> {
    match rule(path) {
        Rule::Plain => {}
        Rule::Replace => return Ok(over),
        Rule::Sequence => {
            let (at, mut items) = (base.at, sequence(base));
            items.extend(sequence(over));
            return Ok(Node::new(Kind::List(items), at));
        }
        Rule::Hosts => {
            let (at, mut items) = (base.at, sequence(base));
            let mut known: HashSet<String> = items.iter().filter_map(Node::scalar).collect();
            for item in sequence(over) {
                // What is no scalar is refused when the kinds are checked.
                if item.scalar().is_none_or(|text| known.insert(text)) {
                    items.push(item);
                }
            }
            return Ok(Node::new(Kind::List(items), at));
        }
        Rule::Names => {
            let (base, over) = (names(base, &no_entry), names(over, &no_entry));
            return maps(base, over, path, notes);
        }
        Rule::Dependencies => {
            let (base, over) = (names(base, &dependency), names(over, &dependency));
            return maps(base, over, path, notes);
        }
        Rule::Build => return maps(build(base), build(over), path, notes),
        Rule::Logging => {
            let driver = |node: &Node| node.get("driver").map(|driver| driver.kind.clone());
            let (before, after) = (driver(&base), driver(&over));
            if before != after && before.is_some() && after.is_some() {
                return Ok(over);
            }
            return maps(base, over, path, notes);
        }
        Rule::Subnets => {
            if let (Some(_), Some(_)) = (base.as_list(), over.as_list()) {
                return subnets(&base, &over, path, notes);
            }
            return Err(mismatch(&base, &over, path, notes));
        }
    }
    if over.is_null() {
        return Ok(base);
    }
    match (&base.kind, &over.kind) {
        (Kind::Map(_), Kind::Map(_)) => maps(base, over, path, notes),
        (Kind::List(_), Kind::List(_)) => {
            let at = base.at;
            let (Kind::List(mut items), Kind::List(more)) = (base.kind, over.kind) else {
                return Err(Stop);
            };
            items.extend(more);
            Ok(Node::new(Kind::List(items), at))
        }
        (Kind::Map(_) | Kind::List(_), _) => Err(mismatch(&base, &over, path, notes)),
        _ => Ok(over),
    }
}

fn mismatch(base: &Node, over: &Node, path: &[String], notes: &mut Notes) -> Stop {
    let message = format!(
        "`{}` is {} here, and {} in what it is laid over",
        path.join("."),
        over.kind.words(),
        base.kind.words()
    );
    let diagnostic = Diagnostic::new(message, notes.place(over.at))
        .label(format!("expected {}", base.kind.words()))
        .related(notes.place(base.at), "laid over this");
    notes.push(diagnostic);
    Stop
}

/// Merges two mappings field by field; anything else counts as an empty one.
fn maps(base: Node, over: Node, path: &mut Vec<String>, notes: &mut Notes) -> Result<Node, Stop> {
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
        path.push(key);
        let before = std::mem::take(&mut known.value);
        let merged = merge(before, entry.value, path, notes);
        path.pop();
        known.value = merged?;
    }
    Ok(Node::new(Kind::Map(map), at))
}

/// A mapping becomes a sorted list of `KEY=VALUE`, a text a list of one.
fn sequence(node: Node) -> Vec<Node> {
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

/// What a bare name of a dependency stands for.
pub(super) fn dependency(at: Mark) -> Node {
    let mut node = Node::new(Kind::Map(Map::new()), at);
    node.set("condition", Node::text("service_started", at), at);
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
    path: &mut Vec<String>,
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
        notes.problem(
            over.at,
            format!("more than {MAX_SUBNETS} subnets are laid over others"),
            "expected fewer",
        );
        return Err(Stop);
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
                *original = maps(before, left.clone(), path, notes)?;
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

/// Drops what `!reset` and `!override` of a document name from the files before it.
pub(super) fn reset(node: &mut Node, resets: &Resets) {
    if !resets.is_empty() {
        drop_below(node, &mut Vec::new(), resets);
    }
}

fn drop_below(node: &mut Node, path: &mut Vec<String>, resets: &Resets) {
    match &mut node.kind {
        Kind::Map(map) => {
            map.retain(|key, entry| {
                path.push(key.clone());
                let is_named = resets.name(path);
                if !is_named {
                    drop_below(&mut entry.value, path, resets);
                }
                path.pop();
                !is_named
            });
        }
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push(format!("[{index}]"));
                drop_below(item, path, resets);
                path.pop();
            }
        }
        _ => {}
    }
}
