//! Resources that are used but not declared.

use super::each;
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::state::MountKind;

pub(super) static RULE: Rule = Rule {
    code: "undefined-resource",
    severity: Severity::Error,
    title: "Everything that a service uses is declared",
    why: "Compose refuses the whole file.",
    origin: "`docker compose config`",
    bad: service!("networks: [back]"),
    good: service!(),
    check: Check::File(check),
    ..Rule::DEFAULT
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
    // What a file that only overrides others uses, the others declare.
    if deployed.file.is_override() {
        Vec::new()
    } else {
        found(deployed)
    }
}

/// What services use and the file does not declare.
pub(super) fn found(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        // A stack drops `depends_on` and `links`.
        let is_kept = !deployed.orchestrator.is_swarm();
        let needs = service
            .needs()
            .filter(move |need| is_kept && need.is_required)
            .map(|need| ("service", need.name.to_owned(), need.at.key_place()));
        let undefined = used(service)
            .into_iter()
            .chain(needs)
            .filter(|(kind, key, _)| {
                // The value of a variable is unknown.
                !key.contains('$')
                    && (*kind, key.as_str()) != DEFAULT
                    && deployed.file.declared(&format!("{kind}s"), key).is_none()
            });
        undefined.map(move |(kind, key, place)| {
            let message = format!("the {kind} `{key}` is not declared");
            Found::new(service.name, message, place)
                .label(format!("expected an entry under `{kind}s:`"))
        })
    })
}

/// The networks, volumes, secrets and configs that a service uses: what it is, its key, and where.
pub(super) fn used(service: Service<'_>) -> Vec<(&'static str, String, Place)> {
    let networks = service.networks();
    let mut used: Vec<_> = networks
        .map(|(key, at)| ("network", key.to_owned(), at.key_place()))
        .collect();
    for mount in service.mounts() {
        let place = mount.place();
        if let (MountKind::Volume, Some(key)) = (mount.kind, mount.source) {
            used.push(("volume", key, place));
        }
    }
    // A build may use secrets too.
    let given = service.dig(&["build", "secrets"]);
    for (kind, at) in [
        ("secret", service.get("secrets")),
        ("secret", given),
        ("config", service.get("configs")),
    ] {
        for item in at.into_iter().flat_map(At::items) {
            let at = item.get("source").unwrap_or(item);
            used.extend(at.text().map(|key| (kind, key, at.place())));
        }
    }
    used
}
