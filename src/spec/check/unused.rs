//! What is declared and never used.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::spec::environment::EnvironmentFile;
use crate::spec::{Catalog, Common, Host, Key, Name};

/// Notes services, stacks and machines that no host uses.
pub(in crate::spec) fn descriptions(
    common: &Common,
    files: &[EnvironmentFile],
    problems: &mut Diagnostics,
) {
    let stacks: BTreeSet<&Name> = files
        .iter()
        .flat_map(|file| &file.hosts)
        .filter_map(|host| Some(&host.stack.as_ref()?.value))
        .collect();
    let machines: BTreeSet<&Name> = files
        .iter()
        .flat_map(|file| &file.hosts)
        .filter_map(|host| Some(&host.machine.as_ref()?.value))
        .collect();
    let run_by = |file: &EnvironmentFile| -> BTreeSet<Name> {
        let hosts = file.hosts.iter();
        let lists = hosts.filter_map(|host| {
            let stack = host
                .stack
                .as_ref()
                .and_then(|name| common.stacks.get(&name.value));
            let inherited = stack.and_then(|stack| stack.services.as_ref());
            host.layout.services.as_ref().or(inherited)
        });
        lists.flatten().map(|name| name.value.clone()).collect()
    };
    let mut run = BTreeSet::new();
    for file in files {
        let own = run_by(file);
        for (name, description) in &file.services {
            if !own.contains(name) {
                let message = format!("no host of `{}` runs the service `{name}`", file.name.value);
                note(message, description.place(), problems);
            }
        }
        run.extend(own);
    }
    for (name, description) in &common.services {
        if !run.contains(name) {
            let message = format!("no host runs the service `{name}`");
            note(message, description.place(), problems);
        }
    }
    for (name, stack) in &common.stacks {
        if !stacks.contains(name) {
            let message = format!("no host uses the stack `{name}`");
            note(message, Some(&stack.place), problems);
        }
    }
    for (name, machine) in &common.machines {
        if !machines.contains(name) {
            let message = format!("no host is on the machine `{name}`");
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
            let message = format!("no service of host `{}` is on network `{name}`", host.name);
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
    problems.extend(place.map(|place| {
        Diagnostic::new(message, place.clone()).label("described here and never used")
    }));
}
