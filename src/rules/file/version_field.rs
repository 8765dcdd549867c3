//! A field that Compose does not read.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "version-field",
    severity: Severity::Warning,
    title: "A file has no field `version`",
    why: "Compose reads it no more and warns on every run, and people go on believing that it decides something.",
    origin: "dclint `no-version-field`",
    bad: Example::Compose(&["version: '3'\nservices:\n  web: { image: a:1 }\n"]),
    good: Example::Compose(&["services:\n  web: { image: a:1 }\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let version = deployed.file.root().get("version").into_iter();
    version
        .map(|at| {
            let found = Found::new("version", "Compose does not read `version`", at.key_place());
            found.label("expected no such field").belonging(deployed)
        })
        .collect()
}
