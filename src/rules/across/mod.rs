//! Rules on several Compose files together: what two of them would share.
//!
//! Names, ports and directories are compared between files that run on one machine; files that no
//! spec describes are taken to run on one.

use super::rule::Rule;
use super::view::{File, Resource};
use super::{Deployed, Subject};

mod alias_shared;
mod bind_shared;
mod foreign_name;
mod literal_secret;
mod mirror;
mod name_shared;
mod port_collision;
mod preview_teardown;
mod project_shared;
mod secret_elsewhere;
mod subnet_overlap;

/// A network's or volume's name on the engine, with the project's in the place of the variable that
/// Compose sets itself.
fn on_engine(file: &File, resource: &Resource<'_>) -> String {
    let project = file.project_name();
    let name = &resource.name;
    name.replace("${COMPOSE_PROJECT_NAME}", &project)
        .replace("$COMPOSE_PROJECT_NAME", &project)
}

/// Compares what every two projects on one machine have of something: the later file and what it has,
/// then the earlier one. Two files of one project have the same things, which is the finding of
/// `project-shared`.
fn each_pair<'s, 'a, T>(
    subject: &'s Subject<'a>,
    things: impl Fn(&'s Deployed<'a>) -> Vec<T>,
    mut compare: impl FnMut(&'s Deployed<'a>, &[T], &'s Deployed<'a>, &[T]),
) {
    let deployed = subject.deployed.iter();
    let all: Vec<_> = deployed
        .map(|one| (one, one.file.project_name(), things(one)))
        .collect();
    for (at, (second, project, theirs)) in all.iter().enumerate() {
        for (first, other, ours) in all.iter().take(at) {
            if first.machine() == second.machine() && project != other {
                compare(second, theirs, first, ours);
            }
        }
    }
}

pub(super) const RULES: &[&Rule] = &[
    &literal_secret::RULE,
    &secret_elsewhere::RULE,
    &mirror::RULE,
    &foreign_name::RULE,
    &port_collision::RULE,
    &project_shared::RULE,
    &name_shared::RULE,
    &alias_shared::RULE,
    &bind_shared::RULE,
    &subnet_overlap::RULE,
    &preview_teardown::RULE,
];
