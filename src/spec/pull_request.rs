//! `<pr>`: what an environment that exists once per pull request fills in.

use std::fmt;
use std::str::FromStr;

use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Segment};
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

/// Fills in the number in the file of an environment. What the file names itself, such as hosts and services, has one
/// name for all pull requests.
pub(super) fn fill_in(file: &mut Tree, number: PullRequest, problems: &mut Diagnostics) {
    let has_keys = |path: &Path| match path.segments().as_slice() {
        [] => false,
        [Segment::Key(field)] => matches!(field.as_str(), "defaults" | "values"),
        _ => true,
    };
    fill(file, number, &has_keys, problems);
}

/// Fills in the number in a part of what an environment has, such as a service, wherever it is described.
pub(super) fn fill_in_part(part: &mut Tree, number: PullRequest, problems: &mut Diagnostics) {
    fill(part, number, &|_| true, problems);
}

/// Fills in some number in what is only read to find its mistakes.
pub(super) fn fill_in_sample(part: &mut Tree) {
    fill_in_part(part, PullRequest::SAMPLE, &mut Diagnostics::default());
}

fn fill(
    tree: &mut Tree,
    number: PullRequest,
    has_keys: &impl Fn(&Path) -> bool,
    problems: &mut Diagnostics,
) {
    let number = number.to_string();
    let filled = |text: &str| {
        let has_one = text.contains(PLACEHOLDER);
        has_one.then(|| text.replace(PLACEHOLDER, &number))
    };
    tree.fill(&filled, has_keys, problems);
}

/// Notes every placeholder in what exists once only, with what can be done about it; whether there is one.
pub(super) fn refuse(tree: &Tree, help: &'static str, problems: &mut Diagnostics) -> bool {
    let known = problems.len();
    note_all(tree, help, problems);
    problems.len() > known
}

fn note_all(tree: &Tree, help: &'static str, problems: &mut Diagnostics) {
    let is_there = |text: &str| text.contains(PLACEHOLDER);
    match tree.content() {
        TreeContent::Scalar(_) => {
            if tree.as_str().is_some_and(is_there) {
                problems.push(meaningless(tree.place(), help));
            }
        }
        TreeContent::List(items) => {
            for item in items {
                note_all(item, help, problems);
            }
        }
        TreeContent::Map(entries) => {
            for (key, value) in entries {
                if is_there(key) {
                    problems.push(meaningless(value.key_place(), help));
                }
                note_all(value, help, problems);
            }
        }
    }
}

fn meaningless(place: Place, help: &'static str) -> Diagnostic {
    let message = format!("`{PLACEHOLDER}` has no meaning in an environment that exists once");
    let found = Diagnostic::new(message, place).label("expected text without it");
    found.help(help)
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
