//! The pass that drops what is listed twice: the later entry replaces the earlier one, at its place
//! (compose-go, `override/uncity.go`).

use std::collections::HashMap;
use std::fmt::Write as _;

use super::canonical::volume;
use super::fields::{EntryIdentity, FILE, FieldPass};
use super::notes::{Notes, Repeated, Twice};
use super::trail::Trail;
use super::tree::{Kind, Node};
use crate::text::path::clean;

/// Takes note of what the lists of a document list twice, before it is dropped.
pub(super) fn note(root: &Node, notes: &mut Notes) {
    let mut repeated = Vec::new();
    FILE.visit(
        FieldPass::Repeated,
        root,
        &Trail::ROOT,
        &mut |field, list, trail| {
            let is_unique = field.list.is_some_and(|list| list.is_unique);
            let target = match field.identity {
                Some(EntryIdentity::MountTarget) => Some(Twice::Mount),
                Some(EntryIdentity::FileTarget(_)) => Some(Twice::File),
                // Such a list may as well be a mapping.
                Some(EntryIdentity::Key) if field.map.is_some() => Some(Twice::Name),
                _ => None,
            };
            let Some(what) = target.or(is_unique.then_some(Twice::Item)) else {
                return;
            };
            let mut seen = HashMap::new();
            for item in list.items() {
                let key = match what {
                    Twice::Item => Some(whole(item)),
                    Twice::File => target_of(item, "source"),
                    Twice::Mount => mount_target(item),
                    Twice::Name => item.as_text().map(|text| name_of(text).to_owned()),
                };
                if let Some(earlier) = key.and_then(|key| seen.insert(key, item)) {
                    repeated.push(Repeated {
                        keys: trail.keys(),
                        at: item.at,
                        what,
                        dropped: source_of(earlier, what),
                    });
                }
            }
        },
    );
    notes.repeated.extend(repeated);
}

/// All that an entry says, as one text.
fn whole(item: &Node) -> String {
    let mut text = match item.scalar() {
        Some(scalar) => format!("{}{scalar:?}", item.kind.words()),
        None => String::new(),
    };
    // A `String` takes all that is written to it.
    for (key, entry) in item.entries() {
        let _ = write!(text, "{key:?}:{},", whole(&entry.value));
    }
    for item in item.items() {
        let _ = write!(text, "[{}]", whole(item));
    }
    text
}

/// The name that an entry gives a value.
pub(super) fn name_of(text: &str) -> &str {
    text.split('=').next().unwrap_or_default()
}

/// The target of an entry, or what it is without one, as it is written.
fn target_of(item: &Node, otherwise: &str) -> Option<String> {
    let field = |key: &str| item.get(key)?.scalar().filter(|text| !text.is_empty());
    item.scalar()
        .or_else(|| field("target"))
        .or_else(|| field(otherwise))
}

/// What an entry mounts.
fn source_of(item: &Node, what: Twice) -> Option<String> {
    match (what, item.as_text()) {
        (Twice::Item | Twice::Name, _) => None,
        (Twice::Mount, Some(text)) => Some(volume::parse(text).ok()?.source.to_owned()),
        (Twice::File, Some(text)) => Some(text.to_owned()),
        (Twice::Mount | Twice::File, None) => item.get("source")?.scalar(),
    }
}

fn mount_target(item: &Node) -> Option<String> {
    match &item.kind {
        Kind::Text(_) if item.unset.is_some() => None,
        Kind::Text(text) => short_target(text),
        _ => item.get("target")?.scalar(),
    }
}

/// The target of a mount in its short form, which Compose cleans as it reads it; it takes that of a long one as it is.
fn short_target(text: &str) -> Option<String> {
    volume::parse(text).ok().map(|parsed| clean(parsed.target))
}

/// Drops from every list what it lists twice.
pub(super) fn enforce(root: &mut Node, notes: &mut Notes) {
    FILE.visit_mut(FieldPass::Unique, root, &mut |field, list| {
        if let Some(identity) = field.identity {
            one(list, identity, notes);
        }
    });
}

fn one(list: &mut Node, identity: EntryIdentity, notes: &mut Notes) {
    let Kind::List(items) = &mut list.kind else {
        return;
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut unique: Vec<Node> = Vec::with_capacity(items.len());
    for item in std::mem::take(items) {
        let Some(key) = key(&item, identity, notes) else {
            // A mistake that is noted here or when the kinds are checked.
            unique.push(item);
            continue;
        };
        let place = *places.entry(key).or_insert(unique.len());
        match unique.get_mut(place) {
            Some(known) => *known = item,
            None => unique.push(item),
        }
    }
    *items = unique;
}

fn key(item: &Node, identity: EntryIdentity, notes: &mut Notes) -> Option<String> {
    match (identity, &item.kind) {
        (EntryIdentity::Key, Kind::Text(text)) => Some(name_of(text).to_owned()),
        (EntryIdentity::Scalar | EntryIdentity::Port, Kind::Text(_) | Kind::Int(_))
        | (EntryIdentity::EnvFile, Kind::Text(_)) => item.scalar(),
        (EntryIdentity::EnvFile, Kind::Map(_)) => item.get("path")?.scalar(),
        (EntryIdentity::MountTarget, Kind::Text(text)) => {
            if item.unset.is_some() {
                return None;
            }
            short_target(text)
        }
        (EntryIdentity::DeviceTarget, Kind::Text(text)) => {
            let mut parts = text.split(':');
            let source = parts.next().unwrap_or_default();
            Some(parts.next().unwrap_or(source).to_owned())
        }
        (EntryIdentity::MountTarget | EntryIdentity::DeviceTarget, Kind::Map(_)) => {
            let target = item.get("target").and_then(Node::as_text);
            if target.is_none() {
                notes.problem(
                    item.at,
                    "this has no `target`",
                    "expected the path in the container",
                );
            }
            target.map(str::to_owned)
        }
        (EntryIdentity::FileTarget(folder), Kind::Text(text)) => Some(format!("{folder}{text}")),
        (EntryIdentity::FileTarget(folder), Kind::Map(_)) => match item.get("target") {
            Some(target) => target.scalar(),
            None => Some(format!("{folder}{}", item.get("source")?.scalar()?)),
        },
        (EntryIdentity::Port, Kind::Map(_)) => {
            let text = |key: &str, default: &str| {
                let field = item
                    .get(key)
                    .and_then(Node::scalar)
                    .filter(|field| !field.is_empty());
                field.unwrap_or_else(|| default.to_owned())
            };
            if item.get("target").is_none() {
                notes.problem(
                    item.at,
                    "this port has no `target`",
                    "expected the port in the container",
                );
                return None;
            }
            Some(format!(
                "{}:{}:{}/{}",
                text("host_ip", "0.0.0.0"),
                text("published", "<nil>"),
                text("target", ""),
                text("protocol", "tcp")
            ))
        }
        _ => None,
    }
}
