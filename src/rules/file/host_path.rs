//! Folders of the host that tell too much.

use super::each;
use super::host_path_writable::is_root;
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

/// Folders that are worth reading.
const WORTH: [&str; 4] = ["/sys", "/dev", "/home", "/var/log"];

/// Files that everybody mounts, and that tell nothing.
const HARMLESS: [&str; 12] = [
    "/etc/localtime",
    "/etc/timezone",
    "/etc/machine-id",
    "/etc/ssl/certs",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/usr/share/zoneinfo",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/lib/modules",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.mounts().into_iter();
        mounts
            .filter_map(|mount| {
                let written = mount.source.clone()?;
                let is_home = [".ssh", ".docker", ".aws", ".kube", ".gnupg"]
                    .iter()
                    .any(|name| written.ends_with(name) || written.contains(&format!("{name}/")));
                let path = match mount.host_path() {
                    Some(path) => path,
                    None if is_home => written,
                    None => return None,
                };
                if HARMLESS.contains(&path.as_str()) && mount.is_read_only {
                    return None;
                }
                let is_worth = WORTH.iter().any(|folder| {
                    path.strip_prefix(folder).is_some_and(|rest| {
                        rest.is_empty()
                            || (rest.starts_with('/') && *folder != "/home")
                            || (*folder == "/home" && rest.matches('/').count() == 1)
                    })
                });
                let is_seen = is_home || is_worth || (mount.is_read_only && is_root(&path));
                if !is_seen {
                    return None;
                }
                let message = format!("`{}` sees `{path}` of the host", service.name);
                Some(
                    Found::new(service.name, message, mount.place)
                        .label("expected the one file or folder that it needs"),
                )
            })
            .collect()
    })
}
