//! `x-composegen` of a Compose file: the findings of `drift` that it ignores, and those of `check` that it
//! or a service allows.

use std::fmt::Display;
use std::str::FromStr;

use super::notes::Notes;
use super::tree::{Kind, Node};
use crate::drift::IgnoreRule;
use crate::finding::Code;
use crate::suppression::Day;

/// The extension of ours, at the top of a file or in a service.
pub(crate) use crate::redact::EXTENSION;

/// The fields of a rule.
const FIELDS: [&str; 5] = ["code", "resource", "field", "reason", "until"];

/// The ignore rules of a model; what is wrong with them, or with allowances, is noted.
pub(super) fn rules(model: &Node, notes: &mut Notes) -> Vec<IgnoreRule> {
    let services = model.get("services").into_iter().flat_map(Node::entries);
    for extension in services.filter_map(|(_, entry)| entry.value.field(EXTENSION)) {
        if has_only(extension, &["allow"], notes) {
            allowances(extension, notes);
        }
    }
    let Some(extension) = of_file(model, notes) else {
        return Vec::new();
    };
    let Some(list) = extension.field("ignore") else {
        return Vec::new();
    };
    if list.as_list().is_none() {
        let message = format!("`{EXTENSION}.ignore` is {}", list.kind.words());
        notes.problem(list.at, message, "expected a list of rules");
    }
    list.items()
        .iter()
        .filter_map(|item| rule(item, notes))
        .collect()
}

/// The extension of a file; what is wrong with its allowances is noted.
pub(super) fn of_file<'a>(file: &'a Node, notes: &mut Notes) -> Option<&'a Node> {
    let extension = file.field(EXTENSION)?;
    let is_known = has_only(extension, &["ignore", "allow"], notes);
    is_known.then(|| allowances(extension, notes))?;
    Some(extension)
}

/// Notes that `allow` is not a mapping from codes of rules to reasons. What is wrong with these, `check` says.
fn allowances(extension: &Node, notes: &mut Notes) {
    let Some(allow) = extension.field("allow") else {
        return;
    };
    let expected = "expected a mapping from codes of rules to reasons";
    if allow.as_map().is_none() {
        let message = format!("`{EXTENSION}.allow` is {}", allow.kind.words());
        notes.problem(allow.at, message, expected);
    }
}

fn rule(item: &Node, notes: &mut Notes) -> Option<IgnoreRule> {
    if !has_only(item, &FIELDS, notes) {
        return None;
    }
    let mut text = |key| text(item, key, notes);
    // All of them are read before the first that is missing fails the rule.
    let (code, resource, reason, until) = (
        text("code"),
        text("resource"),
        text("reason"),
        text("until"),
    );
    let field = match item.field("field") {
        Some(_) => Some(text("field")?),
        None => None,
    };
    let code: Option<Code> = code.and_then(|code| parsed(item, "code", &code, notes));
    if code.is_some_and(|code| !code.can_be_ignored()) {
        let message = "findings about ignore rules cannot be ignored";
        notes.problem(item.at, message, "expected another code");
        return None;
    }
    let until: Option<Day> = until.and_then(|until| parsed(item, "until", &until, notes));
    Some(IgnoreRule {
        code: code?,
        resource: resource?,
        field,
        reason: reason?,
        until: until?.0,
    })
}

/// Whether a value is a mapping that has no other keys than these.
fn has_only(node: &Node, keys: &[&str], notes: &mut Notes) -> bool {
    let expected = format!("expected a mapping with {}", keys.join(", "));
    if node.as_map().is_none() {
        let message = format!("a rule of `{EXTENSION}` is {}", node.kind.words());
        notes.problem(node.at, message, expected);
        return false;
    }
    let unknown = node.entries().find(|(key, _)| !keys.contains(key));
    if let Some((_, entry)) = unknown {
        let message = format!("unknown field in `{EXTENSION}`");
        notes.problem(
            entry.key_at,
            message,
            format!("expected {}", keys.join(", ")),
        );
    }
    unknown.is_none()
}

/// The text under a key; that of a day, which YAML knows as a kind of its own, as it is written.
fn text(item: &Node, key: &str, notes: &mut Notes) -> Option<String> {
    let Some(value) = item.field(key) else {
        let message = format!("`{key}` is missing in a rule of `{EXTENSION}`");
        notes.problem(item.at, message, format!("expected {}", FIELDS.join(", ")));
        return None;
    };
    let text = match &value.kind {
        Kind::Text(text) => text.clone(),
        Kind::Date => notes.sources.written(value.at).to_owned(),
        _ => String::new(),
    };
    if text.trim().is_empty() {
        let message = format!(
            "`{key}` of a rule of `{EXTENSION}` is {}",
            value.kind.words()
        );
        notes.problem(value.at, message, "expected text");
        return None;
    }
    Some(text)
}

/// What a text under a key means.
fn parsed<T: FromStr<Err: Display>>(
    item: &Node,
    key: &str,
    text: &str,
    notes: &mut Notes,
) -> Option<T> {
    match text.parse() {
        Ok(value) => Some(value),
        Err(expected) => {
            let at = item.get(key).map_or(item.at, |value| value.at);
            let message = format!("`{key}` of a rule of `{EXTENSION}` is not valid");
            notes.problem(at, message, expected.to_string());
            None
        }
    }
}
