//! Host directories that two environments share.

use std::collections::{HashMap, HashSet};

use super::nested::Nested;
use crate::compose::{Mount, Written};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::VolumeKind;
use crate::state::MountKind;
use crate::text::path::clean;

pub(super) static RULE: Rule = Rule {
    code: "bind-shared",
    severity: Severity::Error,
    title: "Two environments do not share a host directory",
    why: "A directory that both mount, or one inside the other, is the same storage, whatever the volumes are called.",
    bad: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", volumes: ["/srv/data:/data"] }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", volumes: ["/srv/data/b:/data"] }
        "#,
    },
    good: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", volumes: ["/srv/a:/data"] }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", volumes: ["/srv/b:/data"] }
        "#,
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// The path, whether it can be written to, the service, and where.
type Bound = (String, bool, String, Place);

/// The path of the directory that a mount or its volume stands for; a directory of another machine has
/// its name in front.
fn directory(file: &Written, mount: &Mount<'_>) -> Option<(String, Place)> {
    let source = mount.source.as_deref()?;
    if mount.kind == MountKind::Bind {
        let path = match mount.host_path() {
            Some(path) => path,
            // A relative path starts at the file; the user of a `~` is unknown.
            None if source.starts_with('.') => {
                let folder = file.directory.as_deref()?;
                clean(&format!("{}/{source}", folder.display()))
            }
            None => source.trim_end_matches('/').to_owned(),
        };
        return Some((path, mount.place()));
    }
    let declared = file.declared("volumes", source)?;
    let at = declared.driver_option("device")?;
    let device = at.text().filter(|device| device.contains('/'))?;
    let list = declared
        .driver_option("o")
        .and_then(|at| at.text())
        .unwrap_or_default();
    let server = list.split(',').find_map(|one| one.strip_prefix("addr="));
    let path = match server {
        Some(server) => format!("{server}{}", device.trim_end_matches('/')),
        None => clean(&format!("/{device}")),
    };
    Some((path, at.place()))
}

fn bound(deployed: &Deployed<'_>) -> Vec<Bound> {
    let mut bound = Vec::new();
    // If a spec sets it, its line is the one to fix.
    let specified: HashMap<&str, &Place> = deployed
        .of
        .map(|(_, host)| host.volumes.values())
        .into_iter()
        .flatten()
        .rev()
        .filter_map(|volume| match &volume.kind {
            VolumeKind::Bind(bind) => Some((bind.as_str(), &bind.place)),
            _ => None,
        })
        .collect();
    for service in deployed.file.services() {
        for mount in service.mounts() {
            let Some((path, place)) = directory(&deployed.file, &mount) else {
                continue;
            };
            let declared = specified.get(path.as_str()).map(|place| (*place).clone());
            let place = declared.unwrap_or(place);
            bound.push((path, !mount.read_only, service.name.to_owned(), place));
        }
    }
    bound
}

/// The longest path of a system (`PATH_MAX`); nothing can be mounted from a longer one.
const MAX_PATH: usize = 4096;

/// The directories that lead to a path, and the path itself.
fn way(path: &str) -> impl Iterator<Item = &str> {
    let path = path.trim_end_matches('/');
    path.split('/')
}

/// The directories of a machine that were mounted so far.
#[derive(Default)]
struct Machine<'s> {
    all: Nested<&'s str, usize>,
    writable: Nested<&'s str, usize>,
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if subject.deployed.len() < 2 {
        return found;
    }
    let files = subject.deployed.iter().enumerate();
    let projects: Vec<&str> = files
        .clone()
        .map(|(_, one)| one.file.project.as_str())
        .collect();
    // The same mount is checked once.
    let mut seen = HashSet::new();
    let bound: Vec<(usize, &Deployed<'_>, Bound)> = files
        .flat_map(|(at, one)| bound(one).into_iter().map(move |bound| (at, one, bound)))
        .filter(|(at, _, (path, is_writable, service, _))| {
            path.len() <= MAX_PATH
                && seen.insert((*at, path.clone(), *is_writable, service.clone()))
        })
        .collect();
    let mut machines: HashMap<&str, Machine<'_>> = HashMap::new();
    let mut added = 0;
    for (at, second, (path, is_writable, service, place)) in &bound {
        // Those of the files before this one are known, and no others.
        while let Some((other, file, (path, is_writable, ..))) = bound.get(added)
            && other < at
        {
            let machine = machines.entry(file.machine()).or_default();
            machine.all.add(way(path), *other, added);
            if *is_writable {
                machine.writable.add(way(path), *other, added);
            }
            added += 1;
        }
        let Some(machine) = machines.get(second.machine()) else {
            continue;
        };
        // Two read-only mounts share nothing.
        let known = if *is_writable {
            &machine.all
        } else {
            &machine.writable
        };
        let is_other = |other: usize| {
            let first = subject.deployed.get(other);
            projects.get(other) != projects.get(*at)
                && first.is_some_and(|first| !first.is_with(second))
        };
        let touching = known.touching(way(path), is_other).into_iter();
        for (_, first, (other, _, _, first_place)) in touching.filter_map(|at| bound.get(at)) {
            let (first_title, title) = (first.title(), second.title());
            let message = if path == other {
                format!("`{first_title}` and `{title}` share the directory `{path}`")
            } else {
                format!(
                    "`{first_title}` mounts `{other}` and `{title}` mounts `{path}`, one inside the other"
                )
            };
            found.push(
                Found::new(path, message, place)
                    .label("expected its own directory")
                    .related(first_place, "the other one")
                    .service(service.as_str())
                    .belonging(second)
                    .belonging(first),
            );
        }
    }
    found
}
