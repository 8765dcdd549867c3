//! The socket of a container engine.

use super::each;
use super::host::{HostMount, each_mount};
use super::purpose;
use crate::compose::Service;
use crate::rules::prelude::*;
use crate::text::host_path::{has_engine_socket, is_engine_socket};

pub(super) static RULE: Rule = Rule {
    code: "engine-socket",
    severity: Severity::Error,
    title: "No container mounts the socket of a container engine",
    why: "A process that can talk to the engine can start a container that mounts the host's disk; a read-only mount does not prevent it.",
    origin: "OWASP Docker Security rule 1, CIS Docker 5.32 (5.31 of older editions)",
    equivalents: &[
        compose_lint("CL-0001").except(
            "Not for a volume with a `device` and without `o: bind`, which cannot be mounted. Not \
             for a proxy of the socket (`…socket-proxy`), nor for `/` where a program that watches \
             the host, such as `node-exporter`, mounts it read-only.",
        ),
        kics("Docker Socket Mounted In Container"),
    ],
    bad: service!("volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']"),
    good: service!("volumes: ['/srv/a:/a']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Whether an image is a proxy of the socket, which is what this rule asks for.
fn is_proxy(image: &str) -> bool {
    let name = image.split([':', '@']).next().unwrap_or_default();
    name.contains("socket-proxy")
}

/// Whether a program that watches the host reads all of it.
fn is_watched(service: Service<'_>, mount: &HostMount) -> bool {
    mount.path == "/" && mount.is_read_only && purpose::watches_host(service)
}

const HELP: &str = "use a proxy that allows only the API calls that are needed";

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = each(deployed, |service| {
        let asked = service.get("use_api_socket")?;
        let message = format!("`{}` is given the engine socket", service.name);
        (asked.flag() == Some(true)).then(|| {
            Found::new(service.name, message, asked.place())
                .label("this mounts the socket of the container engine, and your credentials")
                .help(HELP)
        })
    });
    found.extend(each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        // Where a variable names it, its place in the container says what it is.
        let is_socket =
            is_engine_socket(path) || path.contains('$') && is_engine_socket(&mount.target);
        if is_socket && service.text("image").is_some_and(|image| is_proxy(&image)) {
            return None;
        }
        let (label, help) = if is_socket {
            ("this is the socket of a container engine", HELP)
        } else if has_engine_socket(path) && !is_watched(service, mount) {
            (
                "this directory contains the socket of a container engine",
                "mount only what it needs of this directory",
            )
        } else {
            return None;
        };
        let message = format!("`{}` mounts the engine socket", service.name);
        Some(
            Found::new(service.name, message, &mount.place)
                .label(label)
                .help(help),
        )
    }));
    found
}
