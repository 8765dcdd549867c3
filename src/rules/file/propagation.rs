//! Mounts that propagate to the host.

use super::each;
use crate::fields::is_shared;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "shared-propagation",
    severity: Severity::Warning,
    title: "No mount propagates from a container to the host",
    why: "What the container mounts there is mounted on the host as well.",
    origin: "CIS Docker 5.20 (5.19 of older editions)",
    equivalents: &[
        compose_lint("CL-0017"),
        kics("Volume Mounted In Multiple Containers").except(
            "Not for `slave` and `rslave`: they propagate mounts of the host into the \
             container, and none out of it.",
        ),
    ],
    bad: service!(r#"volumes: ["/srv/a:/a:rshared"]"#),
    good: service!(r#"volumes: ["/srv/a:/a:rslave"]"#),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let shared = service
            .mounts()
            .filter(|mount| mount.propagation.as_deref().is_some_and(is_shared));
        shared.map(move |mount| {
            let message = format!(
                "mounts of `{}` below `{}` propagate to the host",
                service.name, mount.target
            );
            Found::new(service.name, message, mount.place())
                .label("expected `rslave` or `rprivate`")
        })
    })
}
