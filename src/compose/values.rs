//! The pass that checks texts that mean something else: amounts of memory, durations, file modes
//! (compose-go, `types/`).

use super::fields::{FILE, FieldPass, Meaning};
use super::notes::Notes;
use super::quantities::{bytes, float, nanoseconds};
use super::trail::Trail;
use super::tree::{Kind, Node};
use crate::text::command_line::split;

/// Checks the values of a model.
pub(super) fn check(root: &Node, notes: &mut Notes) {
    FILE.visit(
        FieldPass::Values,
        root,
        &Trail::ROOT,
        &mut |field, node, trail| match field.meaning.filter(|_| node.unset.is_none()) {
            Some(Meaning::Hosts) => check_hosts(node, notes),
            Some(meaning) => check_one(node, meaning, trail, notes),
            None => {}
        },
    );
}

fn check_hosts(hosts: &Node, notes: &mut Notes) {
    for (name, entry) in hosts.entries() {
        if name.starts_with("x-") {
            super::check::extension(name, entry.key_at, notes);
        }
        if name.contains([':', '=']) {
            notes.problem(
                entry.key_at,
                format!("`{name}` is not a valid host name"),
                "expected a name without `:` and `=`",
            );
        }
    }
}

fn check_one(node: &Node, meaning: Meaning, trail: &Trail<'_>, notes: &mut Notes) {
    let text = match (&node.kind, meaning) {
        (Kind::Text(text), _) => text.as_str(),
        (Kind::Int(number), Meaning::Count | Meaning::Number) if number.get() < 0 => {
            let message = format!("`{trail}` cannot be {}", number.get());
            notes.problem(node.at, message, "expected at least 0");
            return;
        }
        (Kind::Float(_), Meaning::Mode | Meaning::DeviceCount) => {
            notes.problem(
                node.at,
                format!("`{trail}` is not a whole number"),
                "expected a whole number",
            );
            return;
        }
        _ => return,
    };
    let (fits, expected) = match meaning {
        Meaning::Bytes => (bytes(text).is_some(), "bytes, as in `64m`"),
        Meaning::Duration => (nanoseconds(text).is_some(), "a duration, as in `1m30s`"),
        Meaning::Mode => (
            i64::from_str_radix(text, 8).is_ok(),
            "an octal mode, as in \"0440\"",
        ),
        Meaning::Fraction => (float(text).is_some(), "a number"),
        Meaning::Number => (false, "a number without quotes"),
        Meaning::Whole | Meaning::Count => (text.parse::<i64>().is_ok(), "a whole number"),
        Meaning::Boolean => (super::fill::flag_of_text(text).is_some(), "true or false"),
        Meaning::DeviceCount => (
            text.eq_ignore_ascii_case("all") || text.parse::<i64>().is_ok(),
            "`all` or a whole number",
        ),
        Meaning::Pair => {
            let key = text.split('=').next().unwrap_or_default();
            (!key.ends_with(char::is_whitespace), "no space before `=`")
        }
        Meaning::Host => {
            let parts = text.split_once('=').or_else(|| text.split_once(':'));
            let is_name = |name: &str| !name.is_empty() && !name.contains([':', '=']);
            (parts.is_some_and(|(name, _)| is_name(name)), "NAME=ADDRESS")
        }
        Meaning::Command => (split(text).is_some(), "quotes and brackets that are closed"),
        Meaning::Hosts | Meaning::Test => return,
    };
    if !fits {
        // A value is not shown where it may be secret, so the message says what is wrong with the name before it.
        let message = match meaning {
            Meaning::Pair => format!("the name in `{trail}` ends in a space"),
            _ => format!("`{trail}` cannot be `{text}`"),
        };
        notes.problem(node.at, message, format!("expected {expected}"));
    }
}
