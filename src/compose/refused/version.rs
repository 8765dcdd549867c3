//! The version that a file names. The client of stacks has a schema for each of them (docker/cli, `cli/compose/schema`).

use super::refusal::{Refusal, known};
use super::section;
use crate::compose::view::At;
use crate::state::DeployStep;

/// The newest version is 3.13, which files without one have too.
const NEWEST: u8 = 13;

/// The minor version of 3 in which each field was new; `*` is any name, `[]` the items of a list, and `x-` an extension.
/// The long forms of ports and mounts have a `target`.
const SINCE: [(u8, &str); 44] = [
    (1, "secrets"),
    (1, "services.*.secrets"),
    (2, "networks.*.attachable"),
    (2, "services.*.build.cache_from"),
    (2, "services.*.deploy.endpoint_mode"),
    (2, "services.*.ports.[].target"),
    (2, "services.*.volumes.[].target"),
    (3, "configs"),
    (3, "services.*.build.labels"),
    (3, "services.*.configs"),
    (3, "services.*.credential_spec"),
    (3, "services.*.deploy.placement.preferences"),
    (4, "services.*.build.network"),
    (4, "services.*.build.target"),
    (4, "services.*.deploy.update_config.order"),
    (4, "services.*.healthcheck.start_period"),
    (4, "volumes.*.name"),
    (4, "x-"),
    (5, "configs.*.name"),
    (5, "networks.*.name"),
    (5, "secrets.*.name"),
    (5, "services.*.build.shm_size"),
    (
        5,
        "services.*.deploy.resources.reservations.generic_resources",
    ),
    (5, "services.*.isolation"),
    (6, "services.*.volumes.[].tmpfs"),
    (7, "configs.*.x-"),
    (7, "networks.*.x-"),
    (7, "secrets.*.x-"),
    (7, "services.*.deploy.rollback_config"),
    (7, "services.*.init"),
    (7, "services.*.x-"),
    (7, "volumes.*.x-"),
    (8, "configs.*.template_driver"),
    (8, "secrets.*.driver"),
    (8, "secrets.*.driver_opts"),
    (8, "secrets.*.template_driver"),
    (8, "services.*.credential_spec.config"),
    (8, "services.*.deploy.placement.max_replicas_per_node"),
    (9, "services.*.build.extra_hosts"),
    (9, "services.*.cgroupns_mode"),
    (9, "services.*.deploy.resources.limits.pids"),
    (12, "services.*.healthcheck.start_interval"),
    (13, "services.*.networks.*.driver_opts"),
    (13, "services.*.oom_score_adj"),
];

/// Adds what is refused for the version that a file names.
pub(super) fn refused(file: At<'_>, found: &mut Vec<Refusal>) {
    let Some((version, at)) = known(file.field("version")) else {
        return;
    };
    let minor = match version.strip_prefix("3.") {
        None if version == "3" => return,
        None => None,
        Some(minor) => (0..=NEWEST).find(|number| number.to_string() == minor),
    };
    let Some(minor) = minor else {
        found.push(Refusal {
            step: DeployStep::File,
            of: None,
            path: "version".to_owned(),
            place: at.place(),
            message: format!("a stack cannot have the version `{version}`"),
            expected: format!("expected 3.0 to 3.{NEWEST}, or none: the newest"),
        });
        return;
    };
    for (since, path) in SINCE.into_iter().filter(|(since, _)| *since > minor) {
        let steps: Vec<&str> = path.split('.').collect();
        below(file, &steps, &mut Vec::new(), &mut |trail, at| {
            let of = match trail {
                [first, name, _, ..] => section(first).map(|section| (section, (*name).to_owned())),
                _ => None,
            };
            let path = if of.is_some() { trail.get(2..) } else { None };
            let path = path.unwrap_or(trail).join(".");
            found.push(Refusal {
                step: DeployStep::File,
                place: at.key_place(),
                message: format!("a stack of version {version} cannot have `{path}`"),
                expected: format!(
                    "it needs version 3.{since}; a file without `version` has the newest"
                ),
                of,
                path,
            });
        });
    }
}

/// Finds what is at a path below a value, with the names on the way to it.
fn below<'a>(
    at: At<'a>,
    steps: &[&str],
    trail: &mut Vec<&'a str>,
    found: &mut dyn FnMut(&[&str], At<'a>),
) {
    let Some((step, rest)) = steps.split_first() else {
        return found(trail, at);
    };
    if *step == "[]" {
        for item in at.items() {
            below(item, rest, trail, found);
        }
        return;
    }
    for (name, value) in at.entries() {
        let is_meant = match *step {
            "*" => true,
            "x-" => name.starts_with("x-"),
            step => name == step,
        };
        if is_meant {
            trail.push(name);
            below(value, rest, trail, found);
            trail.pop();
        }
    }
}
