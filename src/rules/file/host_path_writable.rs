//! Folders of the host that make root.

use super::host::each_mount;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "host-path-writable",
    severity: Severity::Error,
    title: "No container writes to what the host runs from",
    why: "Who can write to one of these runs a program as root on the host at the next login, boot or job.",
    origin: "compose-lint CL-0025, KICS `Volume Has Sensitive Host Directory`, OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/etc:/host/etc']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/srv/a:/a']\n",
    ]),
    check: Check::File(check),
};

/// Folders that give the host away as a whole, but not by all that lies in them.
const WHOLE: [&str; 5] = [
    "/usr",
    "/lib64",
    "/var/lib",
    "/var/spool/cron",
    "/opt/containerd",
];

/// Folders in which everything is what the host runs, or is told to run.
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

/// The time zone of the host, which everybody mounts; who writes to it sets clocks wrong, no more.
pub(super) const TIME: [&str; 2] = ["/etc/localtime", "/etc/timezone"];

/// Whether a path is a folder, or lies in it.
pub(super) fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the host runs what lies at a path, or is told by it what to run. The root of the host is
/// told elsewhere: it holds the socket of the engine.
pub(super) fn is_root(path: &str) -> bool {
    WHOLE.contains(&path) || INSIDE.iter().any(|folder| is_in(path, folder))
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only || !is_root(path) || TIME.contains(&path) {
            return None;
        }
        let message = format!("`{}` writes to `{path}` of the host", service.name);
        Some(
            Found::new(service.name, message, mount.place.clone())
                .label("this is root on the host")
                .help("mount the one file that it needs, read-only"),
        )
    })
}
