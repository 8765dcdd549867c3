//! What is declared and not used.

use std::collections::BTreeSet;

use super::undefined_resource::{DEFAULT, SECTIONS, used};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "unused-resource",
    severity: Severity::Warning,
    title: "What a file declares, a service uses",
    why: "Compose leaves it out without a word, and somebody believes that it is there.",
    origin: "",
    bad: Example::Compose(&["services:\n  web: { image: a:1 }\nvolumes: { data: {} }\n"]),
    good: Example::Compose(&[
        "services:\n  web: { image: a:1, volumes: [data:/data] }\nvolumes: { data: {} }\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let used = services.iter().flat_map(used);
    let used: BTreeSet<(&str, String)> = used.map(|(kind, key, _)| (kind, key)).collect();
    let mut found = Vec::new();
    for (section, kind) in SECTIONS {
        for (key, at) in deployed.file.entries(section) {
            // The default network may be declared to say how it is to be.
            if used.contains(&(kind, key.to_owned()))
                || (kind, key) == DEFAULT
                || key.starts_with("x-")
            {
                continue;
            }
            let message = format!("no service uses the {kind} `{key}`");
            found.push(
                Found::new(key, message, at.key_place())
                    .label("declared here and never used")
                    .belonging(deployed),
            );
        }
    }
    found
}
