//! Rules of the trade, on one Compose file, whoever wrote it.

use super::rule::Rule;
use super::view::Service;
use super::{Deployed, Found};

mod build_and_image;
mod capability_added;
mod capability_escape;
mod capability_kept;
mod cgroup_parent;
mod container_name;
mod dead_port;
mod dependency_cycle;
mod device;
mod host_namespace;
mod host_network;
mod host_path;
mod host_path_writable;
mod logging_off;
mod new_privileges;
mod no_healthcheck;
mod no_limits;
mod no_pids_limit;
mod no_restart;
mod port_everywhere;
mod privileged;
mod propagation;
mod random_port;
mod refused;
mod root_user;
mod secret_in_environment;
mod security_profile;
mod socket;
mod tmpfs_exec;
mod undefined_resource;
mod unpinned_image;
mod unused_resource;
mod variable;
mod version_field;
mod waits_for_health;
mod writable_root;

pub(super) const RULES: &[&Rule] = &[
    &refused::RULE,
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
    &capability_kept::RULE,
    &new_privileges::RULE,
    &security_profile::RULE,
    &root_user::RULE,
    &writable_root::RULE,
    &tmpfs_exec::RULE,
    &cgroup_parent::RULE,
    &port_everywhere::RULE,
    &random_port::RULE,
    &dead_port::RULE,
    &unpinned_image::RULE,
    &build_and_image::RULE,
    &no_healthcheck::RULE,
    &waits_for_health::RULE,
    &no_restart::RULE,
    &no_limits::RULE,
    &no_pids_limit::RULE,
    &logging_off::RULE,
    &container_name::RULE,
    &variable::RULE,
    &undefined_resource::RULE,
    &unused_resource::RULE,
    &dependency_cycle::RULE,
    &version_field::RULE,
];

/// What one service is found to do, for every service of a file.
fn each(deployed: &Deployed<'_>, look: impl Fn(&Service<'_>) -> Vec<Found>) -> Vec<Found> {
    let mut found = Vec::new();
    for service in deployed.file.services() {
        let here = look(&service).into_iter();
        found.extend(here.map(|found| found.service(service.name).belonging(deployed)));
    }
    found
}
