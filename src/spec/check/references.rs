//! Every reference leads somewhere.

use std::collections::{BTreeSet, HashMap};

use crate::cycles::{Needs, in_words};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Path;
use crate::spec::read::dangling;
use crate::spec::{Catalog, Environment, Host, ImageSource, Key, Located, Name, Service};
use crate::yaml;

/// Notes every reference that leads nowhere or forms a cycle.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    private_domains(catalog, problems);
    mirror_cycles(catalog, problems);
    for environment in &catalog.environments {
        access(environment, problems);
        mirrored(catalog, environment, problems);
        alone(environment, problems);
        upstreams(environment, problems);
        for host in &environment.hosts {
            // A product that names no machines has one for each host.
            let is_known = catalog.machines.contains_key(&host.machine.value);
            if !is_known && !catalog.machines.is_empty() {
                let problem = dangling("machine", &host.machine, catalog.machines.keys());
                problems.push(problem.help(
                    "name the `machine` that the host runs on, or add one with its name to `machines` in catalog.yaml",
                ));
            }
            for service in host.services.values() {
                calls(catalog, environment, service, problems);
                // What is wrong with a file that is written by hand is for the reader of Compose files to say.
                if host.by_hand().is_none() {
                    attachments(host, service, problems);
                    needs(catalog, environment, host, service, problems);
                    released(catalog, service, problems);
                }
            }
            if host.by_hand().is_none() {
                cycles(host, problems);
            }
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
        if environment.name == mirrored.value {
            let message = format!("`{}` mirrors itself", environment.name);
            let known: Vec<&str> = others().map(Name::as_str).collect();
            problems.push(
                Diagnostic::new(message, mirrored.place.clone()).label(format!(
                    "expected another environment: {}",
                    known.join(", ")
                )),
            );
        } else if !others().any(|name| *name == mirrored.value) {
            problems.push(dangling("environment", mirrored, others()));
        }
    }
}

/// No environment mirrors itself by way of others.
fn mirror_cycles(catalog: &Catalog, problems: &mut Diagnostics) {
    let environments = &catalog.environments;
    let names = environments.iter().map(|environment| &environment.name);
    let numbers: HashMap<&Name, usize> = names.zip(0..).collect();
    let graph = environments.iter().map(|environment| {
        environment
            .mirrors
            .iter()
            .map(|mirrored| &mirrored.value)
            .filter(|name| **name != environment.name)
            .filter_map(|name| numbers.get(name).copied())
            .collect()
    });
    for cycle in Needs(graph.collect()).cycles() {
        let on_it: Vec<&Environment> = cycle
            .iter()
            .filter_map(|number| environments.get(*number))
            .collect();
        let names: Vec<&str> = on_it.iter().map(|one| one.name.as_str()).collect();
        let message = format!("environments mirror each other: {}", in_words(&names));
        if let Some(mirrored) = on_it.first().and_then(|first| first.mirrors.as_ref()) {
            problems.push(
                Diagnostic::new(message, mirrored.place.clone())
                    .label("expected one of them to mirror no other"),
            );
        }
    }
}

/// Fields that say something only beside another one.
fn alone(environment: &Environment, problems: &mut Diagnostics) {
    if let (None, Some(first)) = (&environment.mirrors, environment.differs.first()) {
        problems.push(
            Diagnostic::new(
                format!("`{}` has `differs`, but no `mirrors`", environment.name),
                first.what.place.clone(),
            )
            .label("expected a field `mirrors` beside `differs`")
            .follows_from(yaml::field(
                &environment.place.source,
                &Path::root().key("mirrors"),
            )),
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

fn upstreams(environment: &Environment, problems: &mut Diagnostics) {
    for upstream in environment.upstreams.values() {
        if let Some(server) = &upstream.served_by
            && environment.server(upstream).is_none()
        {
            let known = environment.hosts.iter().map(|host| &host.name);
            problems.push(dangling("host", server, known));
        }
    }
}

/// What a service calls is an upstream that the catalogue declares and of which the environment states the level.
fn calls(
    catalog: &Catalog,
    environment: &Environment,
    service: &Service,
    problems: &mut Diagnostics,
) {
    for call in &service.calls {
        if !catalog.upstreams.contains_key(&call.value) {
            problems.push(dangling("upstream", call, catalog.upstreams.keys()));
        } else if !environment.upstreams.contains_key(&call.value) {
            problems.push(
                Diagnostic::new(
                    format!(
                        "`{}` does not say which `{}` its services call",
                        environment.name, call.value
                    ),
                    environment.place.clone(),
                )
                .label(format!("expected `upstreams: {{ {}: LEVEL }}`", call.value))
                .follows_from(call.value.to_string())
                .related(call.place.clone(), "called here"),
            );
        }
    }
}

fn attachments(host: &Host, service: &Service, problems: &mut Diagnostics) {
    for network in &service.networks {
        // Compose declares `default` where nobody does.
        if !host.networks.contains_key(&network.value) && network.as_str() != "default" {
            problems.push(
                dangling("network", network, host.networks.keys())
                    .related(host.place.clone(), "on this host"),
            );
        }
    }
    let volumes = service
        .mounts
        .iter()
        .filter_map(|mount| mount.volume.as_ref());
    for volume in volumes {
        if !host.volumes.contains_key(&volume.value) {
            problems.push(
                dangling("volume", volume, host.volumes.keys())
                    .related(host.place.clone(), "on this host"),
            );
        }
    }
}

/// What a service needs runs beside it, or on another host of its environment, which Compose cannot wait for.
fn needs(
    catalog: &Catalog,
    environment: &Environment,
    host: &Host,
    service: &Service,
    problems: &mut Diagnostics,
) {
    for need in &service.needs {
        let need = &need.service;
        let runs_on = |host: &Host| host.listed.contains_key(&need.value);
        if environment.hosts.iter().any(runs_on) {
            continue;
        }
        let left_out = host.left_out.get(&need.value);
        let help = |name: &Name| {
            let (service, environment) = (&service.name, &environment.name);
            format!(
                "run `{name}` on a host of `{environment}`, or say `services: {{ {service}: {{ needs: {{ {name}: null }} }} }}` \
                 there",
            )
        };
        let problem = if let Some(left_out) = left_out {
            let (name, environment) = (&need.value, &environment.name);
            Diagnostic::new(
                format!(
                    "service `{}` needs `{name}`, which `{environment}` leaves out",
                    service.name
                ),
                need.place.clone(),
            )
            .label("needed here")
            .related(left_out.clone(), "left out here")
            .help(help(name))
        } else if catalog.hosts().any(|(_, host)| runs_on(host)) {
            let (name, environment) = (&need.value, &environment.name);
            Diagnostic::new(
                format!("service `{name}` does not run in `{environment}`"),
                need.place.clone(),
            )
            .label(format!("service `{}` needs it", service.name))
            .help(help(name))
        } else {
            let others = host.listed.keys().filter(|name| **name != service.name);
            dangling("service", need, others)
        };
        problems.push(problem.related(host.place.clone(), "on this host"));
    }
}

fn released(catalog: &Catalog, service: &Service, problems: &mut Diagnostics) {
    let Some(image) = &service.image else {
        return;
    };
    let ImageSource::Released(released) = &image.value else {
        return;
    };
    let (message, label) = match &catalog.registry {
        None => (
            "runs a release, but no `registry` is set",
            "expected a `registry` in catalog.yaml",
        ),
        Some(registry) if registry.tag.is_none() && released.tag.is_none() => (
            "runs a release, but no variable holds its tag",
            "expected `release: { image: NAME, tag: VARIABLE }`, or a `tag` of the `registry` in catalog.yaml",
        ),
        Some(_) => return,
    };
    problems.push(
        Diagnostic::new(
            format!("service `{}` {message}", service.name),
            image.place.clone(),
        )
        .label(label),
    );
}

/// Notes every cycle of dependencies, at the need that closes it.
fn cycles(host: &Host, problems: &mut Diagnostics) {
    let services: Vec<(&Name, &Service)> = host.services.iter().collect();
    let numbers: HashMap<&Name, usize> = host.services.keys().zip(0..).collect();
    let graph = services.iter().map(|(_, service)| {
        service
            .needs
            .iter()
            .filter_map(|need| numbers.get(&need.service.value).copied())
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
        if let Some(need) = last.needs.iter().find(|need| need.service.value == **first) {
            problems.push(
                Diagnostic::new(message, need.service.place.clone())
                    .label("this dependency closes the cycle")
                    .related(host.place.clone(), "on this host"),
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
                    .related(environment.place.clone(), "in this environment"),
            );
        }
        for name in routes.values() {
            if !host.listed.contains_key(&name.value) {
                problems.push(
                    dangling("service", name, host.listed.keys())
                        .related(&host.place, "on this host"),
                );
            }
        }
    }
}
