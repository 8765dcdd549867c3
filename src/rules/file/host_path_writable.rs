//! Folders of the host that make root.

use super::each;
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

/// Folders from which the host runs or is told what to run.
pub(super) const ROOTS: [&str; 16] = [
    "/",
    "/etc",
    "/root",
    "/boot",
    "/proc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/lib/modules",
    "/var/lib",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/spool/cron",
    "/opt/containerd",
];

/// Whether a path is one of the folders, or lies in one of those that are all alike inside.
pub(super) fn is_root(path: &str) -> bool {
    let inside = [
        "/etc",
        "/root",
        "/boot",
        "/proc",
        "/usr/bin",
        "/usr/sbin",
        "/usr/lib",
        "/usr/local/bin",
        "/bin",
        "/sbin",
        "/lib",
        "/var/lib/docker",
        "/var/lib/containerd",
    ];
    ROOTS.contains(&path)
        || inside.iter().any(|folder| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.mounts().into_iter();
        mounts
            .filter_map(|mount| {
                let path = mount.host_path()?;
                if mount.is_read_only || !is_root(&path) {
                    return None;
                }
                let message = format!("`{}` writes to `{path}` of the host", service.name);
                Some(
                    Found::new(service.name, message, mount.place)
                        .label("this is root on the host")
                        .help("mount the one file that it needs, read-only"),
                )
            })
            .collect()
    })
}
