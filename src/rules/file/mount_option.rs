//! A misspelt option of a mount.

use super::{each, written_mounts};
use crate::compose::unknown_mount_option;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "mount-option",
    severity: Severity::Error,
    title: "The options of a mount are those that Compose knows",
    why: "Compose ignores an unknown option of a bind mount, so that `:r0` instead of `:ro` makes it writable. An engine refuses one of a named volume.",
    origin: "compose-go, `format/volume.go`",
    bad: service!("volumes: ['/srv/app.conf:/etc/app.conf:r0']"),
    good: service!("volumes: ['/srv/app.conf:/etc/app.conf:ro']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let found = written_mounts(deployed, service).filter_map(move |(text, at)| {
            let option = unknown_mount_option(&text)?;
            let message = format!(
                "a mount of `{}` has an unknown option `{option}`",
                service.name
            );
            Some(
                Found::new(service.name, message, at.place())
                    .label("expected options such as `ro`, separated by commas")
                    .help("write `:ro` where the service only reads it"),
            )
        });
        found.collect::<Vec<_>>()
    })
}
