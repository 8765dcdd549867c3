//! A secret in a text.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::redact;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{File, every_scalar};
use crate::rules::{Found, Subject};
use crate::source::{Place, Source};

pub(super) static RULE: Rule = Rule {
    code: "literal-secret",
    severity: Severity::Error,
    title: "No spec, template or Compose file holds a secret",
    why: "What is once in version control is in every clone of it for good, whoever is let in later.",
    origin: "compose-lint CL-0021, KICS `Passwords And Secrets`, OWASP Docker Security rule 12",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DATABASE: \"postgres://shop:hunter2@db/shop\" }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DATABASE: \"postgres://shop@db/shop\" }\n",
    ]),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    // What a template holds, every file that it gives holds as well.
    let mut known = BTreeSet::new();
    for source in &subject.texts {
        found.extend(in_text(source, &mut known, &BTreeSet::new()));
    }
    for deployed in &subject.deployed {
        let mut here = Vec::new();
        let mut own = BTreeSet::new();
        for source in deployed.file.sources() {
            here.extend(in_text(source, &mut own, &known));
        }
        here.extend(in_values(&deployed.file, [&own, &known]));
        found.extend(here.into_iter().map(|found| found.belonging(deployed)));
    }
    found
}

/// The secrets that stand in a text as they are and are not told of already. Each is added to those
/// that are `seen`.
fn in_text(
    source: &Arc<Source>,
    seen: &mut BTreeSet<String>,
    told: &BTreeSet<String>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for spotted in redact::spot(&source.text) {
        let text = spotted.in_text(&source.text).to_owned();
        if !told.contains(&text) {
            found.push(secret(spotted.kind, Place::bytes(source, spotted.at)));
        }
        seen.insert(text);
    }
    found
}

/// The secrets that only a reader of YAML sees: over a folded line, or in escapes.
fn in_values(file: &File, told: [&BTreeSet<String>; 2]) -> Vec<Found> {
    let mut found = Vec::new();
    every_scalar(&file.root(), &mut |_, text, place| {
        for spotted in redact::spot(text) {
            if told.iter().any(|told| told.contains(spotted.in_text(text))) {
                continue;
            }
            // Which part of the value it is cannot be told, so all of it is.
            found.push(secret(spotted.kind, place()));
        }
    });
    found
}

/// The lines that a diagnostic shows are without what this points at.
fn secret(kind: &str, place: Place) -> Found {
    Found::new("secret", format!("this is {kind}"), place)
        .label("expected no secret here; it is not shown")
        .help("take it out, make another one, and give that as a secret of Compose")
}
