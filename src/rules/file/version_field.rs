//! A field that Compose ignores.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "version-field",
    severity: Severity::Warning,
    title: "A file has no `version` field",
    why: "Compose ignores it and warns on every run, and readers believe that it matters.",
    equivalents: &[dclint("no-version-field")],
    bad: compose! {"
        version: '3'
        services:
          web: { image: a:1 }
    "},
    good: compose! {"
        services:
          web: { image: a:1 }
    "},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let version = deployed.file.text().get("version").into_iter();
    version
        .map(|at| {
            let found = Found::new("version", "Compose ignores `version`", at.key_place());
            found
                .label("expected no `version` field")
                .belonging(deployed)
        })
        .collect()
}
