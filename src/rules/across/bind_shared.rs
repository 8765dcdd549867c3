//! Directories of a machine that two environments would share.

use super::each_pair;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{File, Mount, MountKind, Resource, clean, driver_option, text};
use crate::rules::{Deployed, Found, Subject};
use crate::source::Place;
use crate::spec::VolumeKind;

pub(super) static RULE: Rule = Rule {
    code: "bind-shared",
    severity: Severity::Error,
    title: "Two environments share no directory of a machine",
    why: "A directory that is mounted into both, or one inside the other, is one store, whatever the volumes are called.",
    origin: "",
    bad: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", volumes: [\"/srv/data:/data\"] }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", volumes: [\"/srv/data/b:/data\"] }\n",
    ]),
    good: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", volumes: [\"/srv/a:/data\"] }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", volumes: [\"/srv/b:/data\"] }\n",
    ]),
    check: Check::Across(check),
};

/// The path, whether it can be written to, the service, and where.
type Bound = (String, bool, String, Place);

/// The directory of the machine that a mount or the volume that it mounts is, as a path; a directory
/// of another machine has that before it.
fn directory(file: &File, volumes: &[Resource<'_>], mount: &Mount) -> Option<(String, Place)> {
    let source = mount.source.as_deref()?;
    if mount.kind == MountKind::Bind {
        let path = match mount.host_path() {
            Some(path) => path,
            // What is relative is so to the file; whose `~` is, is not said.
            None if source.starts_with('.') => {
                let folder = std::path::absolute(&file.source.name).ok()?;
                clean(&format!("{}/{source}", folder.parent()?.display()))
            }
            None => source.trim_end_matches('/').to_owned(),
        };
        return Some((path, mount.place.clone()));
    }
    let volume = volumes.iter().find(|volume| volume.key == source)?;
    let declared = volume.at.as_ref()?;
    let option = |name: &str| driver_option(declared, name).and_then(|at| text(&at));
    let at = driver_option(declared, "device")?;
    let device = text(&at).filter(|device| device.contains('/'))?;
    let list = option("o").unwrap_or_default();
    let server = list.split(',').find_map(|one| one.strip_prefix("addr="));
    let path = match server {
        Some(server) => format!("{server}{}", device.trim_end_matches('/')),
        None => clean(&device),
    };
    Some((path, at.place()))
}

fn bound(deployed: &Deployed<'_>) -> Vec<Bound> {
    let mut bound = Vec::new();
    let volumes = deployed.file.volumes();
    for service in deployed.file.services() {
        for mount in service.mounts() {
            let Some((path, place)) = directory(&deployed.file, &volumes, &mount) else {
                continue;
            };
            // The spec's line is the one to mend, where there is one.
            let specified = deployed.of.map(|(_, host)| host.volumes.values());
            let declared = specified
                .into_iter()
                .flatten()
                .find_map(|volume| match &volume.kind {
                    VolumeKind::Bind(bind) if bind.as_str() == path => Some(bind.place.clone()),
                    _ => None,
                });
            let place = declared.unwrap_or(place);
            bound.push((path, !mount.is_read_only, service.name.to_owned(), place));
        }
    }
    bound
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let is_inside = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut found = Vec::new();
    each_pair(subject, bound, |second, theirs, first, ours| {
        if first.is_with(second) {
            return;
        }
        for (path, is_writable, service, place) in theirs {
            let same = ours.iter().find(|(other, writable, ..)| {
                // What neither can write to, nobody learns from the other.
                (*is_writable || *writable) && (is_inside(path, other) || is_inside(other, path))
            });
            let Some((other, _, _, first_place)) = same else {
                continue;
            };
            let (first_title, title) = (first.title(), second.title());
            let message = if path == other {
                format!("`{first_title}` and `{title}` share the directory `{path}`")
            } else {
                format!(
                    "`{first_title}` mounts `{other}` and `{title}` mounts `{path}`, one inside the other"
                )
            };
            found.push(
                Found::new(path.as_str(), message, place.clone())
                    .label("expected a directory of its own")
                    .related(first_place.clone(), "the other one")
                    .service(service.as_str())
                    .belonging(second)
                    .belonging(first),
            );
        }
    });
    found
}
