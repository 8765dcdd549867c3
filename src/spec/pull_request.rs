//! `<pr>`: what an environment that exists once per pull request fills in.

use std::fmt;
use std::str::FromStr;

use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Tree, TreeContent};

/// The placeholder for the number of a pull request.
pub(crate) const PLACEHOLDER: &str = "<pr>";

/// The number of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullRequest(u32);

impl PullRequest {
    /// The number that is used for a preview that is only verified.
    pub const SAMPLE: Self = Self(1);
}

impl FromStr for PullRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number @ 1..=9_999_999) if !text.starts_with(['0', '+']) => Ok(Self(number)),
            _ => Err("expected the number of a pull request, from 1 to 9999999".into()),
        }
    }
}

impl fmt::Display for PullRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the file says that its environment exists once per pull request; anything else that `per` says is
/// a mistake.
pub(super) fn is_per_pull_request(value: &Value) -> bool {
    value.get("per").is_some()
}

/// The file with the number filled in.
pub(super) fn fill_in(value: &Value, number: PullRequest) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(PLACEHOLDER, &number.to_string())),
        Value::Sequence(items) => items.iter().map(|item| fill_in(item, number)).collect(),
        Value::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), fill_in(value, number)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Notes every placeholder in an environment that exists once only; whether there is one.
pub(super) fn refuse(tree: &Tree, problems: &mut Diagnostics) -> bool {
    // Every value is visited, so that every placeholder is reported.
    match tree.content() {
        TreeContent::Scalar(_) => {
            let is_there = tree.as_str().is_some_and(|text| text.contains(PLACEHOLDER));
            if is_there {
                problems.push(
                    Diagnostic::new(
                        format!("`{PLACEHOLDER}` has no meaning in this environment"),
                        tree.place(),
                    )
                    .label("expected text without it")
                    .help(
                        "add `per: pull-request` if there is one of this environment per pull request",
                    ),
                );
            }
            is_there
        }
        TreeContent::List(items) => items
            .iter()
            .map(|item| refuse(item, problems))
            .max()
            .unwrap_or(false),
        TreeContent::Map(entries) => entries
            .iter()
            .map(|(_, value)| refuse(value, problems))
            .max()
            .unwrap_or(false),
    }
}

/// Notes a file that two pull requests would write: its name must hold the placeholder. What else
/// two of them would share is a matter of rules.
pub(super) fn demand(root: &Tree, problems: &mut Diagnostics) {
    let Some(hosts) = root.get("hosts") else {
        return;
    };
    for (_, host) in hosts.entries() {
        let Some(output) = host.get("output") else {
            continue;
        };
        if output
            .as_str()
            .is_some_and(|text| !text.contains(PLACEHOLDER))
        {
            problems.push(
                Diagnostic::new(
                    format!("two pull requests would share `{}`", output.path()),
                    output.place(),
                )
                .label(format!("expected `{PLACEHOLDER}` in it")),
            );
        }
    }
}
