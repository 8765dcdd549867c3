//! Every reference leads somewhere.

use std::collections::{BTreeSet, HashMap};

use crate::cycles::{Needs, in_words};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::read::dangling;
use crate::spec::{Catalog, Environment, Host, ImageSource, Key, Located, Name, Service};

/// Notes every reference that leads nowhere or forms a cycle.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    private_domains(catalog, problems);
    for environment in &catalog.environments {
        access(environment, problems);
        mirrored(catalog, environment, problems);
        alone(environment, problems);
        compute(environment, problems);
        for host in &environment.hosts {
            if !catalog.machines.contains_key(&host.machine.value) {
                problems.push(dangling("machine", &host.machine, catalog.machines.keys()));
            }
            for service in host.services.values() {
                attachments(host, service, problems);
                needs(host, service, problems);
                released(catalog, service, problems);
            }
            cycles(host, problems);
            routes(environment, host, problems);
        }
    }
}

/// A private domain that no environment has would make nothing private.
fn private_domains(catalog: &Catalog, problems: &mut Diagnostics) {
    let known: BTreeSet<&Key> = catalog
        .environments
        .iter()
        .flat_map(|environment| environment.domains.keys())
        .collect();
    for domain in &catalog.private_domains {
        if !known.contains(&domain.value) {
            problems.push(dangling("domain", domain, &known));
        }
    }
}

fn mirrored(catalog: &Catalog, environment: &Environment, problems: &mut Diagnostics) {
    if let Some(mirrored) = &environment.mirrors {
        let others = || {
            catalog
                .environments
                .iter()
                .map(|other| &other.name)
                .filter(|name| **name != environment.name)
        };
        if !others().any(|name| *name == mirrored.value) {
            problems.push(dangling("environment", mirrored, others()));
        }
    }
}

/// Fields that say something only beside another one.
fn alone(environment: &Environment, problems: &mut Diagnostics) {
    if let (None, Some(first)) = (&environment.mirrors, environment.differs.first()) {
        problems.push(
            Diagnostic::new(
                format!("`{}` has `differs`, but no `mirrors`", environment.name),
                &first.what.place,
            )
            .label("expected a field `mirrors` beside `differs`"),
        );
    }
    if let Some(most) = environment
        .at_most
        .as_ref()
        .filter(|_| !environment.per_pull_request)
    {
        problems.push(
            Diagnostic::new(
                format!("there is only one `{}`", environment.name),
                most.place.to_key(),
            )
            .label("expected `per: pull-request` beside it"),
        );
    }
}

fn access(environment: &Environment, problems: &mut Diagnostics) {
    for (domain, access) in &environment.access {
        if !environment.domains.contains_key(domain) {
            let domain = Located::new(domain, access.place.clone());
            problems.push(dangling("domain", &domain, environment.domains.keys()));
        }
    }
}

fn compute(environment: &Environment, problems: &mut Diagnostics) {
    if let Some(server) = &environment.compute.served_by
        && !environment
            .hosts
            .iter()
            .any(|host| host.name == server.value)
    {
        let known = environment.hosts.iter().map(|host| &host.name);
        problems.push(dangling("host", server, known));
    }
}

fn attachments(host: &Host, service: &Service, problems: &mut Diagnostics) {
    for network in &service.networks {
        if !host.networks.contains_key(&network.value) {
            problems.push(
                dangling("network", network, host.networks.keys())
                    .related(&host.place, "on this host"),
            );
        }
    }
    for (volume, target) in &service.volumes {
        if !host.volumes.contains_key(volume) {
            let volume = Located::new(volume, target.place.to_key());
            problems.push(
                dangling("volume", &volume, host.volumes.keys())
                    .related(&host.place, "on this host"),
            );
        }
    }
}

fn needs(host: &Host, service: &Service, problems: &mut Diagnostics) {
    for need in &service.needs {
        if !host.services.contains_key(&need.value) && !host.listed.contains_key(&need.value) {
            problems.push(
                dangling("service", need, host.listed.keys()).related(&host.place, "on this host"),
            );
        }
    }
}

fn released(catalog: &Catalog, service: &Service, problems: &mut Diagnostics) {
    if matches!(service.image.value, ImageSource::Released(_)) && catalog.registry.is_none() {
        problems.push(
            Diagnostic::new(
                format!(
                    "service `{}` runs a release, but no `registry` is set",
                    service.name
                ),
                &service.image.place,
            )
            .label("expected a `registry` in catalog.yaml"),
        );
    }
}

/// Notes every cycle of dependencies, at the need that closes it.
fn cycles(host: &Host, problems: &mut Diagnostics) {
    let services: Vec<(&Name, &Service)> = host.services.iter().collect();
    let numbers: HashMap<&Name, usize> = host.services.keys().zip(0..).collect();
    let graph = services.iter().map(|(_, service)| {
        service
            .needs
            .iter()
            .filter_map(|need| numbers.get(&need.value).copied())
            .collect()
    });
    for cycle in Needs(graph.collect()).cycles() {
        let on_it: Vec<&(&Name, &Service)> = cycle
            .iter()
            .filter_map(|number| services.get(*number))
            .collect();
        let [.., (_, last), (first, _)] = on_it.as_slice() else {
            continue;
        };
        let names: Vec<&str> = on_it.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("services need each other: {}", in_words(&names));
        if let Some(need) = last.needs.iter().find(|need| need.value == **first) {
            problems.push(
                Diagnostic::new(message, &need.place)
                    .label("this dependency closes the cycle")
                    .related(&host.place, "on this host"),
            );
        }
    }
}

fn routes(environment: &Environment, host: &Host, problems: &mut Diagnostics) {
    for (domain, routes) in &host.routes {
        if !environment.domains.contains_key(domain) {
            let domain = Located::new(domain, routes.place.clone());
            problems.push(
                dangling("domain", &domain, environment.domains.keys())
                    .related(&environment.place, "in this environment"),
            );
        }
        for name in routes.values() {
            if !host.listed.contains_key(&name.value) {
                problems.push(dangling("service", name, host.listed.keys()));
            }
        }
    }
}
