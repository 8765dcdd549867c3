//! Host paths that give root.

use super::host::each_mount;
use crate::rules::prelude::*;
use crate::text::host_path::gives_root;

pub(super) static RULE: Rule = Rule {
    code: "host-path-writable",
    severity: Severity::Error,
    title: "No container can write to what the host runs",
    why: "A process that can write to one of these paths can run a program as root on the host at the next login, boot or scheduled job.",
    origin: "OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    equivalents: &[
        compose_lint("CL-0025").except(
            "Not for a folder of an application below `/etc`, such as `/etc/pihole`, which the \
             host itself does not read.",
        ),
        kics("Volume Has Sensitive Host Directory"),
    ],
    bad: service!("volumes: ['/etc:/host/etc']"),
    good: service!("volumes: ['/srv/a:/a']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only || !gives_root(path) {
            return None;
        }
        let message = format!("`{}` can write to the host path `{path}`", service.name);
        Some(
            Found::new(service.name, message, &mount.place)
                .label("this is equivalent to root on the host")
                .help("mount only the file that it needs, read-only"),
        )
    })
}
