//! Resources that are used but not declared.

use indoc::indoc;

use super::{each, needs};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{MountKind, Service, items, text};
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "undefined-resource",
    severity: Severity::Error,
    title: "Everything that a service uses is declared",
    why: "Compose refuses the whole file.",
    origin: "`docker compose config`",
    equivalents: &[],
    bad: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                networks: [back]
        "#}]),
    good: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
        "#}]),
    check: Check::File(check),
};

/// The sections whose entries services refer to, and what one of them is called.
pub(super) const SECTIONS: [(&str, &str); 4] = [
    ("networks", "network"),
    ("volumes", "volume"),
    ("secrets", "secret"),
    ("configs", "config"),
];

/// The network that every project has.
pub(super) const DEFAULT: (&str, &str) = ("network", "default");

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let needs = needs(service).into_iter().filter(|need| need.is_required);
        let needs = needs.map(|need| ("service", need.name, need.place));
        let used = used(service).into_iter().chain(needs);
        let undefined = used.filter(|(kind, key, _)| {
            // The value of a variable is unknown.
            !key.contains('$')
                && (*kind, key.as_str()) != DEFAULT
                && !deployed.file.declares(&format!("{kind}s"), key)
        });
        undefined
            .map(|(kind, key, place)| {
                Found::new(
                    service.name,
                    format!("the {kind} `{key}` is not declared"),
                    place,
                )
                .label(format!("expected an entry under `{kind}s:`"))
            })
            .collect()
    })
}

/// The networks, volumes, secrets and configs that a service uses: what it is, its key, and where.
pub(super) fn used(service: &Service<'_>) -> Vec<(&'static str, String, Place)> {
    let networks = service.networks().into_iter();
    let mut used: Vec<_> = networks
        .map(|(key, _, place)| ("network", key, place))
        .collect();
    for mount in service.mounts() {
        if let (MountKind::Volume, Some(key)) = (mount.kind, mount.source) {
            // A single letter is the drive of a Windows path.
            if key.len() > 1 {
                used.push(("volume", key, mount.place));
            }
        }
    }
    // A build may use secrets too.
    let given = service.dig(&["build", "secrets"]);
    for (kind, at) in [
        ("secret", service.get("secrets")),
        ("secret", given),
        ("config", service.get("configs")),
    ] {
        for item in at.map(|at| items(&at)).unwrap_or_default() {
            let at = item.get("source").unwrap_or(item);
            used.extend(text(&at).map(|key| (kind, key, at.place())));
        }
    }
    used
}
