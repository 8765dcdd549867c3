//! The pass that writes every field in its one canonical form (compose-go, `transform/`): after it
//! a port is a mapping, the networks of a service are a mapping, and so on. What comes after knows
//! no other form.

pub(super) mod port;
pub(super) mod volume;

use super::fields::{Canonical, FILE, FieldPass};
use super::merge::dependency;
use super::notes::Notes;
use super::tree::{Entry, Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostic;
use crate::text::expression::{Piece, pieces};

/// Brings a model into canonical form.
pub(super) fn canonical(root: &mut Node, notes: &mut Notes) {
    FILE.visit_mut(
        FieldPass::Canonical,
        root,
        &mut |field, node| match field.canonical {
            None => {}
            Some(Canonical::List) => to_list(node),
            Some(Canonical::FilledList) => to_filled_list(node),
            Some(Canonical::Mapping(key)) => to_mapping(node, key),
            Some(Canonical::Names) => names_to_map(node, &|at| Node::new(Kind::Null, at)),
            Some(Canonical::Pairs) => pairs_to_map(node, notes),
            Some(Canonical::Dependencies) => dependencies(node),
            Some(Canonical::Device) => device(node, notes),
            Some(Canonical::External) => external(node, notes),
            Some(Canonical::Gpus) => gpus(node),
            Some(Canonical::Limit) => limit(node, notes),
            Some(Canonical::Mount) => volume::canonical(node, notes),
            Some(Canonical::Ports) => port::canonical(node, notes),
            Some(Canonical::SshKeys) => ssh(node, notes),
        },
    );
}

/// A limit that is a text is refused; other kinds that are not limits, where kinds are checked.
fn limit(node: &Node, notes: &mut Notes) {
    let is_number = matches!(node.kind, Kind::Float(number) if number.fract() == 0.0);
    if (is_number || node.as_text().is_some()) && node.unset.is_none() {
        let message = format!("a limit cannot be {}", node.kind.words());
        notes.problem(
            node.at,
            message,
            "expected a whole number, or `soft` and `hard`",
        );
    }
}

/// A text becomes a mapping with one field.
fn to_mapping(node: &mut Node, key: &str) {
    if node.as_text().is_some() {
        let at = node.at;
        let mut mapping = Node::new(Kind::Map(Map::new()), at);
        mapping.set(key, std::mem::take(node), at);
        *node = mapping;
    }
}

fn to_list(node: &mut Node) {
    if node.as_text().is_some() {
        let at = node.at;
        *node = Node::new(Kind::List(vec![std::mem::take(node)]), at);
    }
}

/// Drops the empty texts (compose-go, `loader/omitEmpty.go`).
fn to_filled_list(node: &mut Node) {
    to_list(node);
    if let Some(items) = node.as_list_mut() {
        items.retain(|item| item.as_text() != Some(""));
    }
}

/// A list of names becomes a mapping from them.
fn names_to_map(node: &mut Node, value: &dyn Fn(Mark) -> Node) {
    let Kind::List(items) = &mut node.kind else {
        return;
    };
    let entries = std::mem::take(items).into_iter().filter_map(|item| {
        let mut value = value(item.at);
        // A name that is not known stays marked as such.
        value.unset.clone_from(&item.unset);
        let entry = Entry {
            key_at: item.at,
            value,
        };
        Some((item.as_text()?.to_owned(), entry))
    });
    node.kind = Kind::Map(entries.collect());
}

fn pairs_to_map(node: &mut Node, notes: &mut Notes) {
    let Kind::List(items) = &mut node.kind else {
        return;
    };
    let mut map = Map::new();
    for item in std::mem::take(items) {
        let text = item.as_text().unwrap_or_default();
        let Some((key, value)) = text.split_once('=') else {
            notes.problem(
                item.at,
                format!("`{text}` has no value"),
                "expected KEY=VALUE",
            );
            continue;
        };
        let entry = Entry {
            key_at: item.at,
            value: Node::text(value, item.at),
        };
        map.insert(key.to_owned(), entry);
    }
    node.kind = Kind::Map(map);
}

fn ssh(node: &mut Node, notes: &mut Notes) {
    for item in node.items() {
        let text = item.as_text().unwrap_or_default();
        if text != "default" && !text.contains('=') {
            notes.problem(
                item.at,
                format!("`{text}` is not a valid SSH key"),
                "expected `default` or ID=PATH",
            );
        }
    }
}

fn dependencies(node: &mut Node) {
    names_to_map(node, &dependency);
    for entry in node.as_map_mut().into_iter().flat_map(Map::values_mut) {
        let value = &mut entry.value;
        if value.get("required").is_none() {
            let at = value.at;
            value.set("required", Node::new(Kind::Bool(true), at), at);
        }
    }
}

fn gpus(node: &mut Node) {
    if node.as_text().is_some() {
        let at = node.at;
        to_mapping(node, "count");
        *node = Node::new(Kind::List(vec![std::mem::take(node)]), at);
    }
}

fn device(node: &mut Node, notes: &mut Notes) {
    let Some(text) = node.as_text() else { return };
    let is_unset = node.unset.is_some();
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        _ if is_unset => return,
        [source] => (*source, "", ""),
        [source, target] => (*source, *target, ""),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => {
            let message = format!("`{text}` is not a valid device");
            notes.problem(node.at, message, "expected SOURCE:TARGET:PERMISSIONS");
            return;
        }
    };
    let target = if target.is_empty() { source } else { target };
    let at = node.at;
    let mut device = Node::new(Kind::Map(Map::new()), at);
    device.set("source", Node::text(source, at), at);
    device.set("target", Node::text(target, at), at);
    // The long form has no default.
    let permissions = if permissions.is_empty() {
        "rwm"
    } else {
        permissions
    };
    device.set("permissions", Node::text(permissions, at), at);
    *node = device;
}

/// `external: {name: x}` is old, and still honoured.
fn external(resource: &mut Node, notes: &mut Notes) {
    let Some(Kind::Map(old)) = resource.get("external").map(|external| &external.kind) else {
        return;
    };
    let old = old.get("name").cloned();
    let at = resource
        .get("external")
        .map(|external| external.at)
        .unwrap_or_default();
    resource.set("external", Node::new(Kind::Bool(true), at), at);
    let Some(old) = old else { return };
    notes.warn("`external.name` is deprecated; use `name` and `external: true`");
    match resource.get("name") {
        None => resource.set("name", old.value, old.key_at),
        Some(name) if *name != old.value => {
            let diagnostic = Diagnostic::new(
                "`name` and `external.name` differ",
                notes.place(old.value.at),
            )
            .label("expected the same name in both")
            .related(notes.place(name.at), "the other one")
            .help("keep `name`, and write `external: true`");
            notes.push(diagnostic);
        }
        Some(_) => {}
    }
}

/// The places of the colons of a text, without those in `${…}`.
pub(super) fn colons(text: &str) -> Vec<usize> {
    let mut colons = Vec::new();
    let mut start = 0;
    for piece in pieces(text) {
        if let Piece::Literal(literal) = piece {
            colons.extend(literal.match_indices(':').map(|(at, _)| start + at));
        }
        start += piece.written().len();
    }
    colons
}
