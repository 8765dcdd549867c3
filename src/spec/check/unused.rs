//! What is declared and never used.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Place;
use crate::spec::catalog::UnusedDeclaration;
use crate::spec::description::Description;
use crate::spec::service::PROMISES;
use crate::spec::shared::Shared;
use crate::spec::{Catalog, Environment, Host, ImageSource, Key, Name, Service};
use crate::yaml::Tree;

/// Why a description of a service that no rendered host runs has no effect.
const BY_HAND: &str = "its hosts have Compose files of their own (`files`)";

/// Services, stacks and machines that no host uses, roles that no service has, and upstreams that no environment uses.
pub(in crate::spec) fn descriptions(
    shared: &Shared,
    environments: &[Environment],
) -> Vec<UnusedDeclaration> {
    let mut found: Vec<UnusedDeclaration> = environments.iter().flat_map(services_of).collect();
    let mut note = |message: String, place: Place| {
        found.push(UnusedDeclaration {
            message,
            place,
            environment: None,
        });
    };
    let hosts: Vec<&Host> = environments.iter().flat_map(|one| &one.hosts).collect();
    used_by_hosts(shared, &hosts, &mut note);
    used_by_services(shared, &hosts, &mut note);
    for (name, levels) in &shared.upstreams {
        let mut environments = environments.iter();
        if !environments.any(|environment| environment.upstreams.contains_key(name)) {
            let message = format!("no environment uses the upstream `{name}`");
            note(message, levels.place.clone());
        }
    }
    of_stacks(shared, &hosts, &mut note);
    beside_files(shared, environments, &mut found);
    found
}

/// The services that an environment describes, and none of its hosts runs.
fn services_of(environment: &Environment) -> Vec<UnusedDeclaration> {
    let run: BTreeSet<&Name> = environment
        .hosts
        .iter()
        .flat_map(|host| host.listed.keys())
        .collect();
    let unused = environment
        .services
        .iter()
        .filter(|(name, description)| !run.contains(name) && !description.leaves_out());
    unused
        .map(|(name, description)| UnusedDeclaration {
            message: format!(
                "no host of `{}` runs the service `{name}`",
                environment.name
            ),
            place: description.place(),
            environment: Some(environment.name.clone()),
        })
        .collect()
}

/// The services, stacks and machines of the catalogue that no host uses.
fn used_by_hosts(shared: &Shared, hosts: &[&Host], note: &mut impl FnMut(String, Place)) {
    let hosts = hosts.iter();
    let run: BTreeSet<&Name> = hosts.clone().flat_map(|host| host.listed.keys()).collect();
    for (name, description) in &shared.services {
        if !run.contains(name) {
            note(
                format!("no host runs the service `{name}`"),
                description.place(),
            );
        }
    }
    let stacks: BTreeSet<&Name> = hosts
        .clone()
        .filter_map(|host| Some(&host.stack.as_ref()?.value))
        .collect();
    for (name, stack) in &shared.stacks {
        if !stacks.contains(name) {
            note(
                format!("no host uses the stack `{name}`"),
                stack.key_place(),
            );
        }
    }
    let machines: BTreeSet<&Name> = hosts.map(|host| &host.machine.value).collect();
    for (name, machine) in &shared.machines {
        if !machines.contains(name) {
            note(
                format!("no host uses the machine `{name}`"),
                machine.place.clone(),
            );
        }
    }
}

/// The roles that no service has, and a registry that none has an image of.
fn used_by_services(shared: &Shared, hosts: &[&Host], note: &mut impl FnMut(String, Place)) {
    let mut services = hosts.iter().flat_map(|host| host.services.values());
    let roles: BTreeSet<&Name> = services
        .clone()
        .filter_map(|service| Some(&service.role.as_ref()?.value.name))
        .collect();
    for (name, place) in &shared.roles.declared {
        if !roles.contains(name) {
            note(format!("no service has the role `{name}`"), place.clone());
        }
    }
    let is_released = |service: &Service| {
        let image = service.image.as_ref().map(|image| &image.value);
        matches!(image, Some(ImageSource::Released(_)))
    };
    if let Some(registry) = &shared.registry
        && !services.any(is_released)
    {
        let message = "no service has an image of the registry (`release`)".to_owned();
        note(message, registry.prefix.place.clone());
    }
}

/// What is described for rendered hosts alone, where all hosts that it could be for have Compose files of their own.
fn beside_files(shared: &Shared, environments: &[Environment], found: &mut Vec<UnusedDeclaration>) {
    let all: Vec<&Host> = environments.iter().flat_map(|one| &one.hosts).collect();
    if all.iter().all(|host| host.by_hand().is_none()) {
        return;
    }
    let is_by_hand = |hosts: &[&Host]| hosts.iter().all(|host| host.by_hand().is_some());
    let mut unused = Vec::new();
    if is_by_hand(&all) {
        let own = [("values", &shared.values), ("defaults", &shared.defaults)];
        let own = own
            .into_iter()
            .filter_map(|(key, tree)| Some((key, tree.as_ref()?)));
        unused.extend(own.map(|(key, tree)| (key, tree.key_place(), None)));
    }
    for environment in environments {
        let hosts: Vec<&Host> = environment.hosts.iter().collect();
        let mut given = hosts
            .iter()
            .filter_map(|host| host.values.as_ref())
            .flat_map(Tree::entries)
            .map(|(_, value)| value.key_place());
        let own = &environment.place.source.name;
        if !is_by_hand(&hosts) {
            continue;
        }
        let of = || Some(environment.name.clone());
        let first = given.find(|place| place.source.name == *own);
        unused.extend(first.map(|place| ("values", place, of())));
        let defaults = environment.defaults.as_ref();
        unused.extend(defaults.map(|tree| ("defaults", tree.key_place(), of())));
    }
    found.extend(
        unused
            .into_iter()
            .map(|(key, place, environment)| UnusedDeclaration {
                message: format!("`{key}` has no effect: {BY_HAND}"),
                place,
                environment,
            }),
    );
    let mut levels = vec![(None, &shared.services, all)];
    levels.extend(environments.iter().map(|environment| {
        let hosts = environment.hosts.iter().collect();
        (Some(&environment.name), &environment.services, hosts)
    }));
    for (environment, services, hosts) in levels {
        for (name, description) in services {
            let mut run = hosts.iter().filter(|host| host.listed.contains_key(name));
            // That no host runs it is said elsewhere.
            if run.clone().next().is_none() || run.any(|host| host.by_hand().is_none()) {
                continue;
            }
            if let Some((message, place)) = beside_file(name, description) {
                found.push(UnusedDeclaration {
                    message,
                    place,
                    environment: environment.cloned(),
                });
            }
        }
    }
}

/// What is described of a service that only Compose files written by hand run, beyond what it promises.
fn beside_file(name: &Name, description: &Description) -> Option<(String, Place)> {
    let unused: Vec<_> = description
        .tree
        .entries()
        .iter()
        .filter(|(key, _)| !PROMISES.contains(&key.as_str()))
        .collect();
    let place = match unused.first() {
        Some((_, first)) => first.key_place(),
        None if description.leaves_out() => description.place(),
        None => return None,
    };
    let names: Vec<String> = unused.iter().map(|(key, _)| format!("`{key}`")).collect();
    let message = match names.as_slice() {
        [] => format!("`{name}: null` has no effect: {BY_HAND}"),
        [one] => format!("{one} of the service `{name}` has no effect: {BY_HAND}"),
        all => format!(
            "{} of the service `{name}` have no effect: {BY_HAND}",
            all.join(", ")
        ),
    };
    Some((message, place))
}

/// Networks and volumes of stacks that no host has, as none of its services uses them.
fn of_stacks(shared: &Shared, hosts: &[&Host], note: &mut impl FnMut(String, Place)) {
    for (name, stack) in &shared.stacks {
        let on_stack = |host: &&&Host| host.stack.as_ref().is_some_and(|own| own.value == *name);
        let hosts: Vec<&&Host> = hosts.iter().filter(on_stack).collect();
        // That nobody uses the stack is reported above.
        if hosts.is_empty() {
            continue;
        }
        let networks: BTreeSet<&str> = hosts
            .iter()
            .flat_map(|host| names(&host.networks))
            .collect();
        let volumes: BTreeSet<&str> = hosts.iter().flat_map(|host| names(&host.volumes)).collect();
        for (section, what, used) in [
            ("networks", "network", networks),
            ("volumes", "volume", volumes),
        ] {
            let declared = stack.get(section).map(Tree::entries).unwrap_or_default();
            for (key, tree) in declared {
                let is_default = section == "networks" && key == "default";
                if !used.contains(key.as_str()) && !is_default {
                    let message =
                        format!("no service of a host with the stack `{name}` uses {what} `{key}`");
                    note(message, tree.key_place());
                }
            }
        }
    }
}

fn names<T>(declared: &BTreeMap<Key, T>) -> impl Iterator<Item = &str> {
    declared.keys().map(Key::as_str)
}

/// Networks and volumes that no service uses; Compose would not create them.
pub(in crate::spec) fn resources(catalog: &Catalog) -> Vec<UnusedDeclaration> {
    let mut found = Vec::new();
    for (environment, host) in catalog.hosts() {
        let mut note = |message: String, place: &Place| {
            found.push(UnusedDeclaration {
                message,
                place: place.clone(),
                environment: Some(environment.name.clone()),
            });
        };
        // Rules for files look at those that are written by hand.
        if host.by_hand().is_none() {
            of_host(host, &mut note);
        }
    }
    found
}

fn of_host(host: &Host, note: &mut impl FnMut(String, &Place)) {
    let services = || host.services.values();
    let used: BTreeSet<&Key> = services()
        .flat_map(|service| &service.networks)
        .map(|network| &network.value)
        .collect();
    for (name, network) in &host.networks {
        // Services that name no network are attached to this one.
        let is_default = name.as_str() == "default";
        if !used.contains(name) && !is_default {
            let message = format!(
                "no service of host `{}` is attached to network `{name}`",
                host.name
            );
            note(message, &network.place);
        }
    }
    let used: BTreeSet<&Key> = services()
        .flat_map(|service| &service.mounts)
        .filter_map(|mount| Some(&mount.volume.as_ref()?.value))
        .collect();
    for (name, volume) in &host.volumes {
        if !used.contains(name) {
            let message = format!("no service of host `{}` mounts volume `{name}`", host.name);
            note(message, &volume.place);
        }
    }
}
