//! What is used and not declared.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{MountKind, Service, entries, flag, items, scalars, text};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "undefined-resource",
    severity: Severity::Error,
    title: "What a service uses is declared",
    why: "Compose refuses the whole file.",
    origin: "dclint, `docker compose config`",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    networks: [back]\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        let mut note = |section: &str, key: &str, place: &crate::source::Place| {
            if !deployed.file.declares(section, key) && !key.contains('$') {
                let what = section.trim_end_matches('s');
                let message = format!("there is no {what} `{key}`");
                found.push(
                    Found::new(service.name, message, place.clone())
                        .label(format!("expected an entry under `{section}:` of the file")),
                );
            }
        };
        for (key, _, place) in service.networks() {
            if key != "default" {
                note("networks", &key, &place);
            }
        }
        for mount in service.mounts() {
            if let (MountKind::Volume, Some(key)) = (mount.kind, &mount.source) {
                // A Windows path has a drive.
                if key.len() > 1 {
                    note("volumes", key, &mount.place);
                }
            }
        }
        for section in ["secrets", "configs"] {
            for (key, place) in sources(service, section) {
                note(section, &key, &place);
            }
        }
        let needs = service.get("depends_on");
        let names: Vec<_> = match &needs {
            Some(at) if at.is_mapping() => entries(at)
                .into_iter()
                .filter(|(_, at)| at.get("required").and_then(|at| flag(&at)) != Some(false))
                .map(|(name, at)| (name.to_owned(), at.key_place()))
                .collect(),
            Some(at) => scalars(at),
            None => Vec::new(),
        };
        for (name, place) in names {
            note("services", &name, &place);
        }
        found
    })
}

/// The secrets or configs that a service names.
pub(super) fn sources(service: &Service<'_>, section: &str) -> Vec<(String, crate::source::Place)> {
    let items = service
        .get(section)
        .map(|at| items(&at))
        .unwrap_or_default();
    let sources = items.into_iter().filter_map(|item| {
        let at = item.get("source").unwrap_or(item);
        Some((text(&at)?, at.place()))
    });
    sources.collect()
}
