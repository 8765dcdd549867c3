//! A variable that no env file sets.

use super::variable::{REQUIRES, each_unguarded, is_missing};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "variable-not-set",
    severity: Severity::Warning,
    title: "A variable is set in an env file, where there is one",
    why: "Compose replaces a variable that neither `.env` nor the shell sets with an empty string.",
    origin: "docker/compose 5505",
    bad: service!(".env" = "MODUS=fast\n"; "environment: { MODE: '${MODE}' }"),
    good: service!(".env" = "MODE=fast\n"; "environment: { MODE: '${MODE}' }"),
    check: Check::File(check),
    fix: REQUIRES,
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let is_missing = |name: &str| is_missing(deployed, name);
    each_unguarded(deployed, is_missing, |what, name, place| {
        Found::new(what, format!("no env file sets `{name}`"), place)
            .label("Compose replaces it with an empty string")
            .help("set it, or write `${NAME:-default}` or `${NAME:?why}`")
    })
}
