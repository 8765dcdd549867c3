//! Host paths that give root.

use super::host::each_mount;
use crate::rules::prelude::*;
use crate::text::path::is_in;

pub(super) static RULE: Rule = Rule {
    code: "host-path-writable",
    severity: Severity::Error,
    title: "No container can write to what the host runs",
    why: "A process that can write to one of these paths can run a program as root on the host at the next login, boot or scheduled job.",
    origin: "OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    equivalents: &[
        compose_lint("CL-0025"),
        kics("Volume Has Sensitive Host Directory"),
    ],
    bad: service!("volumes: ['/etc:/host/etc']"),
    good: service!("volumes: ['/srv/a:/a']"),
    check: Check::File(check),
};

/// Directories that give root as a whole, but not every path in them does.
const WHOLE: [&str; 5] = [
    "/usr", "/lib64", "/var/lib", "/var/spool/cron", "/opt/containerd",
];

/// Directories in which every path gives root.
const INSIDE: [&str; 14] = [
    "/etc",
    "/root",
    "/boot",
    "/proc",
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/bin",
    "/sbin",
    "/lib",
    "/var/lib/docker",
    "/var/lib/containerd",
];

/// The time zone of the host, which is often mounted; writing to it only sets clocks wrong.
pub(super) const TIME: [&str; 2] = ["/etc/localtime", "/etc/timezone"];

/// Whether the host runs what is at a path, or reads from it what to run. `/` is found by
/// `engine-socket`, as it contains the socket.
pub(super) fn is_root(path: &str) -> bool {
    WHOLE.contains(&path) || INSIDE.iter().any(|folder| is_in(path, folder))
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only || !is_root(path) || TIME.contains(&path) {
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
