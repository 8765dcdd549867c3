//! The socket of an engine.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "engine-socket",
    severity: Severity::Error,
    title: "No container has the socket of an engine",
    why: "Who can talk to the engine starts a container with the disk of the host in it, and read-only changes nothing about that.",
    origin: "compose-lint CL-0001, KICS `Docker Socket Mounted`, OWASP Docker Security rule 1, CIS Docker 5.32 (5.31 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/srv/a:/a']\n",
    ]),
    check: Check::File(check),
};

/// The sockets, and the folders that hold them.
const SOCKETS: [&str; 5] = [
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "systemd/private",
];
const FOLDERS: [&str; 7] = [
    "/run/containerd",
    "/run/systemd",
    "/run/docker",
    "/run/podman",
    "/var/run",
    "/run",
    "/",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.mounts().into_iter();
        let open = mounts.filter(|mount| {
            let written = mount.source.clone().unwrap_or_default();
            let path = mount.host_path().unwrap_or(written);
            SOCKETS.iter().any(|name| path.ends_with(name)) || FOLDERS.contains(&path.as_str())
        });
        open.map(|mount| {
            let message = format!("`{}` can give orders to the engine", service.name);
            Found::new(service.name, message, mount.place)
                .label("this is, or holds, the socket of an engine")
                .help("ask a proxy that lets only the calls through that are needed")
        })
        .collect()
    })
}
