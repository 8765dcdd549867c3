//! A file that Compose refuses.

use std::collections::HashSet;

use super::{dependency_cycle, undefined_resource};
use crate::diagnostic::Diagnostic;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "refused-by-compose",
    severity: Severity::Error,
    title: "Compose accepts the file",
    why: "Compose refuses a file as a whole, and nothing in it starts.",
    origin: "`docker compose config`, dclint, compose-lint",
    bad: compose! {r#"
        services:
          web: { image: "a:1", prots: ['127.0.0.1:80:80'] }
    "#},
    good: compose! {r#"
        services:
          web: { image: "a:1", ports: ['127.0.0.1:80:80'] }
    "#},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let refusal = &deployed.file.refusal;
    if refusal.is_empty() {
        return Vec::new();
    }
    // These rules say more about the cause.
    let reported =
        [&undefined_resource::RULE, &dependency_cycle::RULE].map(|rule| match rule.check {
            Check::File(check) => check(deployed),
            _ => Vec::new(),
        });
    let at = |place: &Place| (place.source.name.clone(), place.line_column());
    let reported: HashSet<_> = reported
        .iter()
        .flatten()
        .map(|found| at(found.diagnostic.place()))
        .collect();
    let is_reported = |diagnostic: &Diagnostic| reported.contains(&at(diagnostic.place()));
    let untold = refusal.iter().filter(|diagnostic| !is_reported(diagnostic));
    let found = untold.map(|diagnostic| Found {
        diagnostic: diagnostic.clone(),
        ..Found::new("file", "", diagnostic.place().clone())
    });
    found.map(|found| found.belonging(deployed)).collect()
}
