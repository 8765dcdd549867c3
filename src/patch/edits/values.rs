//! Paths and values as a Compose file has them.

use serde_json::{Map, Value, json};

use crate::fields::capability;
use crate::redact::{self, HIDDEN};
use crate::source::Segment;
use crate::state::{CONTAINER, SERVICE, State, scoped_name};

/// The container whose namespace another has, by its service where that is known.
pub(in super::super) fn shared(observed: &State, mode: &str) -> String {
    let id = mode.strip_prefix(CONTAINER);
    let mut own = observed.live.iter().flat_map(|live| &live.containers);
    let other = id.and_then(|id| own.find(|one| one.id == id));
    match other.and_then(|other| other.service.as_ref()) {
        Some(service) => format!("{SERVICE}{service}"),
        None => mode.to_owned(),
    }
}

pub(super) fn keys(above: &[&str], below: &[&str]) -> Vec<Segment> {
    above
        .iter()
        .chain(below)
        .map(|key| Segment::Key((*key).to_owned()))
        .collect()
}

/// A variable that has to be set, for the value of a path: `${WEB_DB_PASSWORD:?}` for an entry of `environment`, and
/// `${WEB_LABELS_TEAM:?}` for others. Where `is_taken` has one already, it is another, which ends with a number.
pub(super) fn variable(path: &[Segment], is_taken: impl Fn(&str) -> bool) -> String {
    let keys = path.iter().filter_map(|step| match step {
        Segment::Key(key) if !["services", "environment"].contains(&key.as_str()) => {
            Some(key.as_str())
        }
        _ => None,
    });
    let words: Vec<&str> = keys.collect();
    let mut name = words
        .join("_")
        .to_ascii_uppercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    let numbered = (2_u32..).map(|number| format!("${{{name}_{number}:?}}"));
    std::iter::once(format!("${{{name}:?}}"))
        .chain(numbered)
        .find(|one| !is_taken(one))
        .unwrap_or_default()
}

/// The key that a file has for a network or volume of an engine, and how it declares it.
pub(in super::super) fn declared(observed: &State, section: &str, name: &str) -> (String, Value) {
    let project = observed.project.as_str();
    let origin = if section == "networks" {
        let found = observed
            .networks
            .values()
            .find(|network| network.name == name);
        found.and_then(|network| network.origin.as_ref())
    } else {
        let found = observed.volumes.values().find(|volume| volume.name == name);
        found.and_then(|volume| volume.origin.as_ref())
    };
    let own = origin.filter(|origin| origin.owner() == Some(project));
    let (key, declared) = match own.and_then(|origin| origin.key.clone()) {
        Some(key) if name == scoped_name(project, &key) => (key, Value::Null),
        Some(key) => (key, json!({ "name": name })),
        None => (name.to_owned(), json!({ "name": name, "external": true })),
    };
    (key, literal(&declared))
}

/// The items of a list, or the one that is in its place.
pub(super) fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

pub(super) fn non_empty(items: Vec<Value>) -> Value {
    if items.is_empty() {
        Value::Null
    } else {
        Value::Array(items)
    }
}

/// Whether an item of a file is one that findings write in this way.
pub(super) fn is_like(item: &str, text: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim_end_matches(":rwm").replacen('=', ":", 1);
        capability(&text)
    };
    let (item, text) = (bare(item), bare(text));
    item == text
        || text.strip_suffix("/TCP") == Some(item.as_str())
        || text == format!("{item}:{item}")
}

/// `SOFT:HARD` as a file has it.
pub(super) fn ulimit(text: &str) -> Value {
    let (soft, hard) = text.split_once(':').unwrap_or((text, text));
    match (soft.parse::<i64>(), hard.parse::<i64>()) {
        (Ok(soft), Ok(hard)) if soft == hard => json!(soft),
        (Ok(soft), Ok(hard)) => json!({ "soft": soft, "hard": hard }),
        _ => Value::Null,
    }
}

/// A port as people write it: without the protocol that is understood.
pub(in super::super) fn short(port: &str) -> &str {
    port.strip_suffix("/tcp").unwrap_or(port)
}

/// Writes a value under a path with dots.
pub(super) fn put(entries: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((first, rest)) => {
            let inner = entries.entry(first).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
        None => {
            entries.insert(path.to_owned(), value);
        }
    }
}

/// Whether a part of a value is not known because it may be secret.
pub(super) fn holds_hidden(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(HIDDEN) || redact::text(text) != *text,
        Value::Array(items) => items.iter().any(holds_hidden),
        Value::Object(entries) => entries.values().any(holds_hidden),
        _ => false,
    }
}

/// A value in which a `$` is not a variable.
pub(in super::super) fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace('$', "$$")),
        Value::Array(items) => items.iter().map(literal).collect(),
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), literal(value)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}
