//! Folders of the host that tell too much.

use super::host::each_mount;
use super::host_path_writable::{TIME, is_in, is_root};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "host-path",
    severity: Severity::Warning,
    title: "No container sees the system, the devices or the homes of the host",
    why: "They hold credentials, keys of the kernel and devices, which reading alone gives away.",
    origin: "compose-lint CL-0013, KICS `Volume Has Sensitive Host Directory`, OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/home:/home:ro']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/srv/a:/a']\n",
    ]),
    check: Check::File(check),
};

/// Folders that are worth reading, and writing to.
const WORTH: [&str; 4] = ["/sys", "/dev", "/var/log", "/run/dbus"];

/// Folders of programs, which tell nothing.
const PROGRAMS: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/containerd"];

/// Files that everybody mounts, and that tell nothing.
const HARMLESS: [&str; 9] = [
    "/etc/machine-id",
    "/etc/ssl/certs",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// What of a home is nobody else's.
const CREDENTIALS: [&str; 5] = [".ssh", ".docker", ".aws", ".kube", ".gnupg"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only && (HARMLESS.contains(&path) || TIME.contains(&path)) {
            return None;
        }
        let is_program = || PROGRAMS.iter().any(|folder| is_in(path, folder));
        let is_seen = TIME.contains(&path)
            || WORTH.iter().any(|folder| is_in(path, folder))
            || is_home(path)
            || (mount.is_read_only && is_root(path) && !is_program());
        let message = format!("`{}` sees `{path}` of the host", service.name);
        is_seen.then(|| {
            Found::new(service.name, message, mount.place.clone())
                .label("expected nothing of the host, or the least that will do, read-only")
        })
    })
}

/// Whether a path is a home, or the session or the credentials of a user. What else lies in a home
/// is somebody's project.
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

/// What follows the home of a user in a path.
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
