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
    only: Some(Orchestrator::Docker),
    fix: "removes the line, with a comment on it",
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let found = deployed.file.versions().map(|(key, value)| {
        Found::new("version", "Compose ignores `version`", &key)
            .label("expected no `version` field")
            .fix(Fix::without_line(&key, &value))
            .belonging(deployed)
    });
    found.collect()
}
