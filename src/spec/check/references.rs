//! Every reference leads somewhere.

use std::collections::{BTreeSet, HashMap};

use super::dangling;
use crate::circles::in_words;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::{Catalog, Environment, Host, ImageSource, Key, Located, Name, Service};

/// Notes every reference that leads nowhere, or round in a circle.
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
            let all = catalog.environments.iter().map(|other| &other.name);
            all.filter(|name| **name != environment.name)
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
                format!("`{}` differs, and mirrors nothing", environment.name),
                first.what.place.clone(),
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
                format!("there is one `{}` only", environment.name),
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
                    .related(host.place.clone(), "on this host"),
            );
        }
    }
    for (volume, target) in &service.volumes {
        if !host.volumes.contains_key(volume) {
            let volume = Located::new(volume, target.place.to_key());
            problems.push(
                dangling("volume", &volume, host.volumes.keys())
                    .related(host.place.clone(), "on this host"),
            );
        }
    }
}

fn needs(host: &Host, service: &Service, problems: &mut Diagnostics) {
    for need in &service.needs {
        if !host.services.contains_key(&need.value) && !host.listed.contains_key(&need.value) {
            problems.push(
                dangling("service", need, host.listed.keys())
                    .related(host.place.clone(), "on this host"),
            );
        }
    }
}

fn released(catalog: &Catalog, service: &Service, problems: &mut Diagnostics) {
    if matches!(service.image.value, ImageSource::Released(_)) && catalog.registry.is_none() {
        problems.push(
            Diagnostic::new(
                format!(
                    "service `{}` runs a release, and there is no `registry`",
                    service.name
                ),
                service.image.place.clone(),
            )
            .label("expected a `registry` in the catalogue that it comes from"),
        );
    }
}

/// Notes a circle of needs, once for each service that begins one.
fn cycles(host: &Host, problems: &mut Diagnostics) {
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in host.services.keys() {
        walk(host, start, &mut done, problems);
    }
}

/// Follows the needs of a service, and of those that it needs, and so on. They may be as many as there
/// are services, so that the way is a list of its own: each service with how many of its needs were seen.
fn walk<'a>(
    host: &'a Host,
    start: &'a Name,
    done: &mut BTreeSet<&'a Name>,
    problems: &mut Diagnostics,
) {
    let is_new = |name: &Name, done: &BTreeSet<&Name>| {
        host.services.contains_key(name) && !done.contains(name)
    };
    if !is_new(start, done) {
        return;
    }
    let mut route: Vec<(&Name, usize)> = vec![(start, 0)];
    let mut places: HashMap<&Name, usize> = HashMap::from([(start, 0)]);
    while let Some((name, seen)) = route.last_mut() {
        let service = host.services.get(*name);
        let Some(need) = service.and_then(|service| service.needs.get(*seen)) else {
            places.remove(*name);
            done.insert(*name);
            route.pop();
            continue;
        };
        *seen += 1;
        if let Some(from) = places.get(&need.value) {
            let circle: Vec<&str> = route
                .iter()
                .skip(*from)
                .map(|(name, _)| name.as_str())
                .chain([need.as_str()])
                .collect();
            problems.push(
                Diagnostic::new(
                    format!("services need each other: {}", in_words(&circle)),
                    need.place.clone(),
                )
                .label("this need closes the circle")
                .related(host.place.clone(), "on this host"),
            );
        } else if is_new(&need.value, done) {
            places.insert(&need.value, route.len());
            route.push((&need.value, 0));
        }
    }
}

fn routes(environment: &Environment, host: &Host, problems: &mut Diagnostics) {
    for (domain, routes) in &host.routes {
        if !environment.domains.contains_key(domain) {
            let domain = Located::new(domain, routes.place.clone());
            problems.push(
                dangling("domain", &domain, environment.domains.keys())
                    .related(environment.place.clone(), "in this environment"),
            );
        }
        for name in routes.values() {
            if !host.listed.contains_key(&name.value) {
                problems.push(dangling("service", name, host.listed.keys()));
            }
        }
    }
}
