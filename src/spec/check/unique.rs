//! What must be unique: names, outputs and projects.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::spec::{Catalog, Host, Name, OutputFile};

/// Notes everything that is used twice.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    names(catalog, problems);
    outputs(catalog, problems);
    projects(catalog, problems);
}

/// Notes the second of two things that must not have one name.
fn twice<'a, T: Ord + Display>(
    things: impl IntoIterator<Item = (T, &'a Place)>,
    message: impl Fn(&T) -> String,
    problems: &mut Diagnostics,
) {
    let mut seen: BTreeMap<T, &Place> = BTreeMap::new();
    for (thing, place) in things {
        if let Some(first) = seen.get(&thing) {
            problems.push(
                Diagnostic::new(message(&thing), place)
                    .label("again here")
                    .related(*first, "first here"),
            );
        } else {
            seen.insert(thing, place);
        }
    }
}

fn names(catalog: &Catalog, problems: &mut Diagnostics) {
    twice(
        catalog
            .environments
            .iter()
            .map(|environment| (&environment.name, &environment.place)),
        |name| format!("two environments are called `{name}`"),
        problems,
    );
    twice(
        catalog.hosts().map(|(_, host)| (&host.name, &host.place)),
        |name| format!("two hosts are called `{name}`"),
        problems,
    );
    for (own, host) in catalog.hosts() {
        let named_alike = catalog.environments.iter().find(|e| e.name == host.name);
        // Where that environment has a host of that name, there are two of them.
        let named_alike = named_alike.filter(|other| {
            other.name != own.name && other.hosts.iter().all(|one| one.name != host.name)
        });
        if let Some(other) = named_alike {
            let message = format!("host `{}` has the name of another environment", host.name);
            problems.push(
                Diagnostic::new(message, &host.place)
                    .label("expected another name: commands accept the names of both")
                    .related(&other.place, "the environment"),
            );
        }
    }
}

fn outputs(catalog: &Catalog, problems: &mut Diagnostics) {
    // What two hosts of one name write is not a further mistake.
    let mut names = BTreeSet::new();
    let hosts = catalog
        .hosts()
        .map(|(_, host)| host)
        .filter(|host| names.insert(&host.name));
    let outputs: Vec<&OutputFile> = hosts.filter_map(Host::output).collect();
    // macOS and Windows have one file of names that differ in their case only.
    let folded = |path: &str| path.to_lowercase();
    let mut written: BTreeMap<String, &OutputFile> = BTreeMap::new();
    let mut note = |message: String, own: &OutputFile, first: &OutputFile, what: &'static str| {
        problems.push(
            Diagnostic::new(message, &own.path.place)
                .label(what)
                .related(&first.path.place, "first here"),
        );
    };
    for own in &outputs {
        let path = own.path.as_str();
        match written.entry(folded(path)) {
            Entry::Vacant(entry) => {
                entry.insert(own);
            }
            Entry::Occupied(entry) if entry.get().path.as_str() == path => {
                let message = format!("two hosts write `{path}`");
                note(message, own, entry.get(), "again here");
            }
            Entry::Occupied(entry) => {
                let first = &entry.get().path.value;
                let message = format!(
                    "two hosts write `{first}` and `{path}`, which are one file on macOS and Windows"
                );
                let expected = "expected a name that differs in more than its case";
                note(message, own, entry.get(), expected);
            }
        }
    }
    for own in &outputs {
        let path = folded(own.path.as_str());
        let mut folders = path.match_indices('/').map(|(at, _)| at);
        let file = folders.find_map(|at| written.get(path.get(..at)?));
        if let Some(file) = file {
            let message = format!(
                "`{}` is in `{}`, which is the file of another host",
                own.path.value, file.path.value
            );
            note(message, own, file, "expected another folder");
        }
    }
}

/// Two hosts of one environment on one machine may not share a project: each would remove what the other runs. That
/// those of two environments do not is a rule.
fn projects(catalog: &Catalog, problems: &mut Diagnostics) {
    for environment in &catalog.environments {
        let mut machines: BTreeMap<&Name, Vec<&Host>> = BTreeMap::new();
        for host in &environment.hosts {
            machines.entry(&host.machine.value).or_default().push(host);
        }
        for hosts in machines.into_values() {
            twice(
                hosts
                    .iter()
                    .map(|host| (&host.project.value, &host.project.place)),
                |project| {
                    format!(
                        "two hosts of `{}` use the project `{project}` on one machine",
                        environment.name
                    )
                },
                problems,
            );
        }
    }
}
