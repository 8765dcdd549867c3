//! Mounts that spread to the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "shared-propagation",
    severity: Severity::Warning,
    title: "No mount spreads from a container to the host",
    why: "What the container mounts there would be mounted on the host as well.",
    origin: "compose-lint CL-0017, KICS `Volume Mounted In Multiple Containers`, CIS Docker 5.20 (5.19 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: [\"/srv/a:/a:rshared\"]\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: [\"/srv/a:/a:rslave\"]\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.mounts().into_iter();
        let shared = mounts
            .filter(|mount| matches!(mount.propagation.as_deref(), Some("shared" | "rshared")));
        shared
            .map(|mount| {
                let message = format!(
                    "mounts of `{}` below `{}` spread to the host",
                    service.name, mount.target
                );
                Found::new(service.name, message, mount.place)
                    .label("expected `rslave` or `rprivate`")
            })
            .collect()
    })
}
