//! A file or folder that a Compose file names and that does not exist.

use std::path::Path;

use super::here::{self, OwnFiles, resolved};
use super::host::each_mount;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::text::file_purpose::FilePurpose;

pub(super) static RULE: Rule = Rule {
    code: "bind-missing",
    severity: Severity::Warning,
    title: "What the Compose file names in the project's folder exists",
    why: "Without its context or its Dockerfile, an image cannot be built. Docker creates an empty directory instead of a file that is mounted and does not exist, and the service finds a directory where it expects its file. In the long form, `create_host_path` is false by default, and Docker refuses to create the container. Secrets and env files are not looked for, as they are often on the host alone. Of a rendered file, only paths into another folder of the project are looked for (`../files/app.conf`, where there is a folder `files`).",
    bad: service!("volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']"),
    good: service!(
        "nginx.conf" = "events {}\n";
        "volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']"
    ),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let Some(own) = OwnFiles::of(deployed) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Found)> = Vec::new();
    let mut note = |path: String, one: Found| found.push((path, one));
    let missing = |path: &str| resolved(own.folder, path).filter(|path| own.lack(path));
    for one in each_mount(deployed, |service, mount| {
        let is_needed = FilePurpose::of(&mount.path).is_some() || !mount.is_created;
        let path = is_needed.then(|| missing(&mount.path))??;
        let message = format!(
            "`{}` mounts `{}`, which does not exist",
            service.name, mount.path
        );
        let label = if mount.is_created {
            DIRECTORY
        } else {
            "the engine does not create it, and refuses the container"
        };
        let one = Found::new(service.name, message, &mount.place);
        Some(Found {
            // Where it is on this machine is asked for below.
            what: path,
            ..one.label(label)
        })
    }) {
        let path = one.what.clone();
        let what = one.service.clone().unwrap_or_default();
        note(path, Found { what, ..one });
    }
    // `refused-by-stack` has those of a stack.
    let configs = deployed.file.entries("configs");
    for (name, at) in configs.filter(|_| !deployed.orchestrator.is_swarm()) {
        let Some((text, at)) = at.field("file").and_then(|at| Some((at.text()?, at))) else {
            continue;
        };
        if let Some(path) = missing(&text) {
            let message = format!("the config `{name}` is the file `{text}`, which does not exist");
            let one = Found::new(name, message, at.place()).label(DIRECTORY);
            note(path, one.belonging(deployed));
        }
    }
    // A stack drops `build`.
    if !deployed.orchestrator.is_swarm() {
        found.extend(builds(deployed, &own));
    }
    let ignored = own.ignored(found.iter().map(|(path, _)| path.as_str()));
    found.retain(|(path, _)| !ignored.contains(path));
    found.into_iter().map(|(_, one)| one).collect()
}

const DIRECTORY: &str = "Docker creates a directory instead";

/// The contexts and Dockerfiles that images are built from and that do not exist, each with its path.
fn builds(deployed: &Deployed<'_>, own: &OwnFiles<'_>) -> Vec<(String, Found)> {
    let mut found = Vec::new();
    for service in deployed.file.services() {
        let Some(build) = service.get("build") else {
            continue;
        };
        let (context, name) = here::build(build);
        // A repository, an archive, or the image of another service.
        if context.contains(':') || context.starts_with("github.com/") {
            continue;
        }
        let mut note = |path: String, what: &str, place: Place| {
            let message = format!(
                "`{}` is built from {what}, which does not exist",
                service.name
            );
            let one = Found::new(service.name, message, place).label("the image cannot be built");
            found.push((path, one.service(service.name).belonging(deployed)));
        };
        let Some(path) = resolved(own.folder, &context) else {
            continue;
        };
        if own.lack(&path) {
            let place = build.field("context").unwrap_or(build).place();
            note(path, &format!("`{context}`"), place);
            continue;
        }
        let file = resolved(Path::new(&path), &name).filter(|file| own.lack(file));
        if let Some(file) = file.filter(|_| build.field("dockerfile_inline").is_none()) {
            let named = build.field("dockerfile");
            let place = named.map_or_else(|| build.key_place(), |at| at.place());
            note(file, &format!("`{name}` in `{context}`"), place);
        }
    }
    found
}
