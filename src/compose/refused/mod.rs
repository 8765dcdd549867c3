//! What `docker stack deploy` refuses of a file: the client, by its schema and when it makes specs (docker/cli,
//! `cli/compose`), and the swarm, when it is sent one (moby/swarmkit, `manager/controlapi`).
//!
//! The rule `refused-by-stack` and the plan of a stack are made of the same list.

mod constraint;
mod references;
mod refusal;
mod resources;
mod service;
mod template;
#[cfg(test)]
mod tests;
mod version;

use std::io::ErrorKind;
use std::path::Path;

pub(crate) use constraint::unmet as unmet_constraint;
pub(crate) use refusal::Refusal;

use super::fields::SECTIONS;
use super::notes::{Repeated, Twice};
use super::stack::{Why, unfit};
use super::written::Written;
use crate::state::DeployStep;

/// The section of an entry, as a constant. A stack has no models.
fn section(name: &str) -> Option<&'static str> {
    let mut of_stacks = SECTIONS.into_iter().filter(|section| *section != "models");
    of_stacks.find(|section| *section == name)
}

/// All parts of a file that `docker stack deploy` refuses.
pub(crate) fn refused(file: &Written) -> Vec<Refusal> {
    let mut found = Vec::new();
    version::refused(file.text(), &mut found);
    of_schema(file, &mut found);
    for one in file.repeated() {
        found.extend(twice(file, one));
    }
    let model = file.model();
    for service in file.services() {
        service::refused(service, &file.project, model, &mut found);
    }
    resources::networks(file, &mut found);
    resources::same_names(file, &mut found);
    let size = |path: &str| Size::of(file.directory.as_deref(), path);
    for section in ["secrets", "configs"] {
        resources::files(section, model.get(section), &size, &mut found);
    }
    found
}

/// What the loader of the client does not know.
fn of_schema(file: &Written, found: &mut Vec<Refusal>) {
    for one in unfit(file.text()) {
        let (message, place, expected) = match one.why {
            Why::Dropped(_) => continue,
            Why::Refused(instead) => {
                let message = format!("a stack cannot have `{}`", one.path);
                (message, one.at.key_place(), instead)
            }
            Why::Form(is, expected) => {
                let message = format!("a stack cannot have `{}` as {is}", one.path);
                (message, one.at.place(), expected)
            }
        };
        let mut parts = one.path.splitn(3, '.');
        let of = match (one.service, parts.next(), parts.next(), parts.next()) {
            (Some(service), ..) => Some(("services", service.to_owned())),
            (None, Some(first), Some(name), Some(_)) => {
                section(first).map(|section| (section, name.to_owned()))
            }
            _ => None,
        };
        found.push(Refusal {
            step: DeployStep::File,
            of,
            path: one.path,
            place,
            message,
            expected: expected.to_owned(),
        });
    }
    for (key, place) in file.brought_in() {
        let instead = match key {
            "include" => "name each file with `docker stack deploy -c`",
            _ => "write all of the service here, or share it with a YAML anchor",
        };
        found.push(Refusal {
            step: DeployStep::File,
            of: None,
            path: key.to_owned(),
            place,
            message: format!("a stack cannot have `{key}`"),
            expected: instead.to_owned(),
        });
    }
}

/// What a list of the file lists twice, which Compose drops without a word.
fn twice(file: &Written, one: &Repeated) -> Option<Refusal> {
    let mut keys = one.keys.iter().map(String::as_str);
    let (first, name) = (keys.next()?, keys.next()?);
    let section = section(first)?;
    let path: Vec<&str> = keys.collect();
    let path = path.join(".");
    let (step, what) = match one.what {
        Twice::Item => (DeployStep::File, "an entry".to_owned()),
        Twice::File => (DeployStep::Specs, "a target".to_owned()),
        Twice::Mount => (DeployStep::Services, "a mount target".to_owned()),
        // The last one is deployed.
        Twice::Name => return None,
    };
    Some(Refusal {
        step,
        message: format!("a stack cannot have {what} of `{path}` of `{name}` twice"),
        of: Some((section, name.to_owned())),
        path,
        place: file.place(one.at),
        expected: "expected each once".to_owned(),
    })
}

/// What is known of a file of the project.
enum Size {
    Bytes(u64),
    Missing,
    Unknown,
}

impl Size {
    fn of(folder: Option<&Path>, path: &str) -> Self {
        let is_known = !path.contains('$') && !path.starts_with('~');
        let Some(folder) = folder.filter(|_| is_known) else {
            return Self::Unknown;
        };
        match folder.join(path).metadata() {
            Ok(file) if file.is_file() => Self::Bytes(file.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::Missing,
            _ => Self::Unknown,
        }
    }
}
