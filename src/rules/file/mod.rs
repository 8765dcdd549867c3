//! Best practices for any Compose file.

use std::collections::BTreeSet;

use super::rule::Rule;
use super::{Deployed, Found};
use crate::compose::{At, Port, Restart, Service};
use crate::spec::Trait;
use crate::state::{COMPLETED, DeployMode, RestartPolicy};

mod bind_missing;
mod build_and_image;
mod capability_added;
mod capability_escape;
mod capability_extra;
mod capability_kept;
mod cgroup_parent;
mod command_form;
mod container_name;
mod container_name_taken;
mod data_port;
mod dead_port;
mod debugger;
mod dependency_cycle;
mod device;
mod drive_letter;
mod dropped_by_stack;
mod gpu_field;
mod here;
mod hook;
mod host;
mod host_namespace;
mod host_network;
mod host_path;
mod host_path_writable;
mod inline_in_read_only;
mod listeners;
mod logging_off;
mod mount_option;
mod mounted_twice;
mod new_privileges;
mod no_healthcheck;
mod no_limits;
mod no_pids_limit;
mod no_restart;
mod open_ports;
mod port_everywhere;
mod port_unquoted;
mod privileged;
mod propagation;
mod purpose;
mod random_port;
mod refused;
mod refused_by_engine;
mod refused_by_stack;
mod root_user;
pub(super) mod secret_in_environment;
mod secret_not_given;
mod secret_unreadable;
mod security_profile;
mod set_twice;
mod shell;
mod shell_variable;
mod socket;
mod stack_data;
mod stack_fixed_name;
mod stack_port_address;
mod stack_start_first;
mod stack_unmet_constraint;
mod stack_unplaced_data;
mod tmpfs_exec;
mod undefined_resource;
mod unguarded;
mod unguarded_network;
mod unpinned_image;
mod unused_resource;
mod variable;
mod variable_name;
mod variable_not_set;
mod version_field;
mod waits_for_completion;
mod waits_for_health;
mod waits_for_image;
mod writable_root;

pub(super) const RULES: &[&Rule] = &[
    &refused::RULE,
    &refused_by_engine::RULE,
    &secret_in_environment::RULE,
    &privileged::RULE,
    &socket::RULE,
    &host_path_writable::RULE,
    &host_path::RULE,
    &propagation::RULE,
    &device::RULE,
    &host_network::RULE,
    &host_namespace::RULE,
    &capability_escape::RULE,
    &capability_added::RULE,
    &capability_extra::RULE,
    &capability_kept::RULE,
    &new_privileges::RULE,
    &security_profile::RULE,
    &root_user::RULE,
    &writable_root::RULE,
    &inline_in_read_only::RULE,
    &tmpfs_exec::RULE,
    &cgroup_parent::RULE,
    &data_port::RULE,
    &port_everywhere::RULE,
    &random_port::RULE,
    &unguarded_network::RULE,
    &port_unquoted::RULE,
    &dead_port::RULE,
    &unpinned_image::RULE,
    &build_and_image::RULE,
    &no_healthcheck::RULE,
    &waits_for_health::RULE,
    &waits_for_completion::RULE,
    &waits_for_image::RULE,
    &no_restart::RULE,
    &no_limits::RULE,
    &no_pids_limit::RULE,
    &logging_off::RULE,
    &container_name::RULE,
    &container_name_taken::RULE,
    &variable_not_set::RULE,
    &variable::RULE,
    &shell_variable::RULE,
    &bind_missing::RULE,
    &mounted_twice::RULE,
    &mount_option::RULE,
    &gpu_field::RULE,
    &command_form::RULE,
    &set_twice::RULE,
    &variable_name::RULE,
    &undefined_resource::RULE,
    &secret_not_given::RULE,
    &secret_unreadable::RULE,
    &drive_letter::RULE,
    &unused_resource::RULE,
    &dependency_cycle::RULE,
    &version_field::RULE,
    &refused_by_stack::RULE,
    &dropped_by_stack::RULE,
    &stack_port_address::RULE,
    &stack_unmet_constraint::RULE,
    &stack_unplaced_data::RULE,
    &stack_start_first::RULE,
    &stack_fixed_name::RULE,
];

/// Runs a check on every service of a file.
fn each<'a, F: IntoIterator<Item = Found>>(
    deployed: &'a Deployed<'_>,
    look: impl Fn(Service<'a>) -> F,
) -> Vec<Found> {
    let mut found = Vec::new();
    // What a provider runs is not a container of Compose's.
    let services = deployed.file.services();
    for service in services.filter(|service| service.get("provider").is_none()) {
        let own = look(service).into_iter();
        found.extend(own.map(|found| found.service(service.name).belonging(deployed)));
    }
    found
}

/// The mounts of a service in their short form, as they are written.
fn written_mounts<'a>(
    deployed: &'a Deployed<'_>,
    service: Service<'_>,
) -> impl Iterator<Item = (String, At<'a>)> + use<'a> {
    let text = deployed.file.text();
    let mounts = text.dig(&["services", service.name, "volumes"]);
    mounts.into_iter().flat_map(At::texts)
}

/// An entry of `ports`, which may publish several ports.
#[derive(Debug, Clone, Copy)]
struct PortEntry<'a> {
    /// The first port.
    port: Port<'a>,
    /// The last one.
    last: Port<'a>,
}

/// The entries of `ports` of a service.
fn port_entries(service: Service<'_>) -> impl Iterator<Item = PortEntry<'_>> {
    let mut ports = service.ports().peekable();
    std::iter::from_fn(move || {
        let port = ports.next()?;
        let place = port.place().at;
        let mut last = port;
        while let Some(next) = ports.next_if(|next| next.place().at == place) {
            last = next;
        }
        Some(PortEntry { port, last })
    })
}

/// The ports that a service publishes, of each entry of `ports` the first.
fn each_port(service: Service<'_>) -> impl Iterator<Item = Port<'_>> {
    port_entries(service).map(|entry| entry.port)
}

/// The services that are meant to exit: others wait for them until they complete, they say that nothing restarts them, or
/// their role in the specs is one of jobs.
fn jobs<'a>(deployed: &'a Deployed<'_>) -> BTreeSet<&'a str> {
    let services = deployed.file.services();
    let needs = services.flat_map(|service| service.needs().collect::<Vec<_>>());
    let until_completed = needs.filter(|need| need.condition == COMPLETED);
    let services = deployed.file.services();
    let once = services.filter(|service| is_run_once(*service));
    let needed = until_completed.map(|need| need.name);
    let services = deployed.of.iter().flat_map(|(_, host)| &host.services);
    let by_role = services.filter(|(_, service)| service.has(Trait::Job));
    needed
        .chain(once.map(|service| service.name))
        .chain(by_role.map(|(name, _)| name.as_str()))
        .collect()
}

/// Whether a service says that it is not restarted when it exits.
fn is_run_once(service: Service<'_>) -> bool {
    let condition = restart_condition(service).and_then(|at| at.text());
    condition.is_some_and(|text| RestartPolicy::of(&text).is_never())
        || deploy_mode(service).is_some_and(DeployMode::is_job)
}

/// How many tasks of a service a swarm runs, where it is known.
fn deploy_mode(service: Service<'_>) -> Option<DeployMode> {
    match service.dig(&["deploy", "mode"]) {
        Some(at) => at.text()?.parse().ok(),
        None => Some(DeployMode::default()),
    }
}

/// The text that says when Docker Compose restarts a service; nothing where it never does.
fn restart_condition(service: Service<'_>) -> Option<At<'_>> {
    match service.restart()? {
        Restart::Own(own) => Some(own),
        Restart::Deploy(policy) => policy.field("condition"),
    }
}

/// Whether a service disables the health check that its image may have.
fn is_unchecked(service: Service<'_>) -> bool {
    let is_disabled = service
        .dig(&["healthcheck", "disable"])
        .is_some_and(|at| at.flag() == Some(true));
    let test = service.dig(&["healthcheck", "test"]);
    // A string is a shell command, whatever it says.
    let test = test.filter(At::is_list);
    let first = test.and_then(|test| test.texts().next());
    is_disabled || first.is_some_and(|(word, _)| word == "NONE")
}
