//! The socket of an engine.

use super::host::each_mount;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "engine-socket",
    severity: Severity::Error,
    title: "No container has the socket of an engine",
    why: "Who can talk to the engine starts a container with the disk of the host in it, and read-only changes nothing about that.",
    origin: "compose-lint CL-0001, KICS `Docker Socket Mounted In Container`, OWASP Docker Security rule 1, CIS Docker 5.32 (5.31 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    volumes: ['/srv/a:/a']\n",
    ]),
    check: Check::File(check),
};

/// The sockets.
const SOCKETS: [&str; 5] = [
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "systemd/private",
];

/// The folders that hold them; `/var/run` is known as `/run`.
const FOLDERS: [&str; 7] = [
    "/run/containerd",
    "/run/systemd",
    "/run/docker",
    "/run/podman",
    "/run",
    "/var",
    "/",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        let label = if SOCKETS.iter().any(|name| path.ends_with(name)) {
            "this is the socket of an engine"
        } else if FOLDERS.contains(&path) {
            "this holds the socket of an engine"
        } else {
            return None;
        };
        let message = format!("`{}` can give orders to the engine", service.name);
        Some(
            Found::new(service.name, message, mount.place.clone())
                .label(label)
                .help("ask a proxy that lets only the calls through that are needed"),
        )
    })
}
