//! What is declared and never used.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::spec::shared::Shared;
use crate::spec::{Catalog, Environment, Host, Key, Name};

/// Notes services, stacks and machines that no host uses.
pub(in crate::spec) fn descriptions(
    shared: &Shared,
    environments: &[Environment],
    problems: &mut Diagnostics,
) {
    let hosts = || {
        environments
            .iter()
            .flat_map(|environment| &environment.hosts)
    };
    for environment in environments {
        let run: BTreeSet<&Name> = environment
            .hosts
            .iter()
            .flat_map(|host| host.listed.keys())
            .collect();
        for (name, description) in &environment.services {
            if !run.contains(name) {
                let message = format!(
                    "no host of `{}` runs the service `{name}`",
                    environment.name
                );
                note(message, description.place(), problems);
            }
        }
    }
    let run: BTreeSet<&Name> = hosts().flat_map(|host| host.listed.keys()).collect();
    for (name, description) in &shared.services {
        if !run.contains(name) {
            let message = format!("no host runs the service `{name}`");
            note(message, description.place(), problems);
        }
    }
    let stacks: BTreeSet<&Name> = hosts()
        .filter_map(|host| Some(&host.stack.as_ref()?.value))
        .collect();
    for (name, stack) in &shared.stacks {
        if !stacks.contains(name) {
            let message = format!("no host uses the stack `{name}`");
            note(message, Some(&stack.place), problems);
        }
    }
    let machines: BTreeSet<&Name> = hosts().map(|host| &host.machine.value).collect();
    for (name, machine) in &shared.machines {
        if !machines.contains(name) {
            let message = format!("no host uses the machine `{name}`");
            note(message, Some(&machine.place), problems);
        }
    }
}

/// Notes networks and volumes that no service uses; Compose would not create them.
pub(super) fn resources(catalog: &Catalog, problems: &mut Diagnostics) {
    for (_, host) in catalog.hosts() {
        of_host(host, problems);
    }
}

fn of_host(host: &Host, problems: &mut Diagnostics) {
    let services = || host.services.values();
    let used: BTreeSet<&Key> = services()
        .flat_map(|s| &s.networks)
        .map(|n| &n.value)
        .collect();
    for (name, network) in &host.networks {
        if !used.contains(name) {
            let message = format!(
                "no service of host `{}` is attached to network `{name}`",
                host.name
            );
            note(message, Some(&network.place), problems);
        }
    }
    let used: BTreeSet<&Key> = services().flat_map(|s| s.volumes.keys()).collect();
    for (name, volume) in &host.volumes {
        if !used.contains(name) {
            let message = format!("no service of host `{}` mounts volume `{name}`", host.name);
            note(message, Some(&volume.place), problems);
        }
    }
}

fn note(message: String, place: Option<&Place>, problems: &mut Diagnostics) {
    problems.extend(
        place.map(|place| Diagnostic::new(message, place).label("declared here and never used")),
    );
}
