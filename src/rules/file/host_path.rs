//! Host paths that expose too much.

use super::host::each_mount;
use super::host_path_writable::{TIME, is_root};
use crate::rules::prelude::*;
use crate::text::path::is_in;

pub(super) static RULE: Rule = Rule {
    code: "host-path",
    severity: Severity::Warning,
    title: "No container mounts system, device or home directories of the host",
    why: "They contain credentials, kernel settings and devices, which even a read-only mount exposes.",
    origin: "OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    equivalents: &[
        compose_lint("CL-0013").except(
            "Not for the file of a secret or a config, as passing a file of the host is their \
             purpose. Not for the socket of a single service below `/run`, such as that of a \
             database.",
        ),
        kics("Volume Has Sensitive Host Directory").except(
            "Not for everything below `/var`, `/srv`, `/media` or `/home`, where a host keeps \
             the data of its services. Not for read-only mounts of the time zone or of \
             programs, which expose nothing.",
        ),
    ],
    bad: service!("volumes: ['/home:/home:ro']"),
    good: service!("volumes: ['/srv/a:/a']"),
    check: Check::File(check),
};

/// Directories that expose something to readers and writers.
const EXPOSING: [&str; 4] = ["/sys", "/dev", "/var/log", "/run/dbus"];

/// Directories of programs, which expose nothing to readers.
const PROGRAMS: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/containerd"];

/// Files that are often mounted and expose nothing to readers.
const HARMLESS: [&str; 9] = [
    "/etc/machine-id", "/etc/ssl/certs", "/etc/hosts", "/etc/resolv.conf", "/dev/null",
    "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
];

/// Directories of a home that contain credentials.
const CREDENTIALS: [&str; 5] = [".ssh", ".docker", ".aws", ".kube", ".gnupg"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only && (HARMLESS.contains(&path) || TIME.contains(&path)) {
            return None;
        }
        let is_program = || PROGRAMS.iter().any(|folder| is_in(path, folder));
        let is_exposed = TIME.contains(&path)
            || EXPOSING.iter().any(|folder| is_in(path, folder))
            || is_home(path)
            || (mount.is_read_only && is_root(path) && !is_program());
        let message = format!("`{}` mounts the host path `{path}`", service.name);
        is_exposed.then(|| {
            Found::new(service.name, message, &mount.place)
                .label("expected no host path, or only the part that is needed, read-only")
        })
    })
}

/// Whether a path is a home directory, or the session or the credentials of a user. Anything else in a
/// home directory is somebody's project.
fn is_home(path: &str) -> bool {
    if let Some(session) = path.strip_prefix("/run/user") {
        return session.matches('/').count() < 2;
    }
    let Some(within) = within_home(path) else {
        return false;
    };
    let first = within.split('/').next().unwrap_or_default();
    first.is_empty() || CREDENTIALS.contains(&first)
}

/// What follows the home directory in a path.
fn within_home(path: &str) -> Option<&str> {
    if is_in(path, "/home") {
        let user = path.strip_prefix("/home/").unwrap_or_default();
        return Some(user.split_once('/').map_or("", |(_, within)| within));
    }
    let homes = ["~", "$HOME", "${HOME}"];
    let home = homes.into_iter().find(|home| is_in(path, home))?;
    Some(path.strip_prefix(home)?.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::is_home;

    #[test]
    fn a_home_is_not_all_that_lies_in_it() {
        for path in [
            "~",
            "~/.ssh",
            "$HOME/.aws/credentials",
            "/home",
            "/home/ann",
            "/home/ann/.kube/config",
            "/run/user/1000",
        ] {
            assert!(is_home(path), "{path}");
        }
        for path in [
            "./.docker/nginx.conf",
            "~/shop/data",
            "/home/ann/shop/.docker",
            "/homes",
            "~ann",
            "$HOMES/.ssh",
            "/run/user/1000/pulse",
        ] {
            assert!(!is_home(path), "{path}");
        }
    }
}
