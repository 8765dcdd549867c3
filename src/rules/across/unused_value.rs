//! What the specs say and nothing uses.

use crate::rules::prelude::*;
use crate::source::{At, Place};

pub(super) static RULE: Rule = Rule {
    code: "unused-value",
    severity: Severity::Warning,
    title: "What the specs declare is used",
    why: "A value that nothing uses looks as if it mattered, but changing it changes nothing.",
    bad: spec! {"catalog.yaml", "
        services:
          spare: { image: nginx:1.29.1, role: web, limits: { cpus: 1, memory: 64M, pids: 50 } }
    "},
    good: spec! {"catalog.yaml", "
        values: {}
    "},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let declared = catalog.unused.iter().map(|unused| {
        let mut found = Found::new(
            place_name(&unused.place),
            unused.message.clone(),
            &unused.place,
        )
        .label("declared here and never used")
        .help("remove it, or use it");
        found
            .environments
            .extend(unused.environment.iter().map(ToString::to_string));
        found
    });
    let unread = subject.unread.iter().map(|place| {
        let what = place_name(place);
        let owner = catalog
            .environments
            .iter()
            .find(|environment| environment.place.source.name == place.source.name);
        let found = Found::new(what.clone(), format!("no template uses `{what}`"), place)
            .label("this value has no effect")
            .help("use it in a template, or remove it from the spec");
        match owner {
            Some(owner) => found.of(owner),
            None => found,
        }
    });
    declared.chain(unread).collect()
}

/// The path of a value of a spec.
fn place_name(place: &Place) -> String {
    match &place.at {
        At::Value(path) | At::Key(path) => path.to_string(),
        At::Whole | At::Bytes(_) => String::new(),
    }
}
