//! What is declared and not used.

use super::undefined_resource::sources;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{items, text};
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
    let file = &deployed.file;
    let services = file.services();
    let mut used: Vec<(&str, String)> = Vec::new();
    for service in &services {
        used.extend(
            service
                .networks()
                .into_iter()
                .map(|(key, ..)| ("networks", key)),
        );
        let mounts = service
            .mounts()
            .into_iter()
            .filter_map(|mount| mount.source);
        used.extend(mounts.map(|key| ("volumes", key)));
        for section in ["secrets", "configs"] {
            used.extend(
                sources(service, section)
                    .into_iter()
                    .map(|(key, _)| (section, key)),
            );
        }
        // A build may be given secrets too.
        let given = service.dig(&["build", "secrets"]);
        for item in given.map(|at| items(&at)).unwrap_or_default() {
            let at = item.get("source").unwrap_or(item);
            used.extend(text(&at).map(|key| ("secrets", key)));
        }
    }
    let mut found = Vec::new();
    for section in ["networks", "volumes", "secrets", "configs"] {
        for (key, at) in file.entries(section) {
            let is_used = used
                .iter()
                .any(|(kind, name)| *kind == section && name == key);
            // The default network may be declared to say how it is to be.
            if is_used || key == "default" || key.starts_with("x-") {
                continue;
            }
            let what = section.trim_end_matches('s');
            let message = format!("no service uses the {what} `{key}`");
            found.push(
                Found::new(key, message, at.key_place())
                    .label("declared here and never used")
                    .belonging(deployed),
            );
        }
    }
    found
}
