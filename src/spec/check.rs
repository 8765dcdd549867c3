//! What one part of a spec says of another: every reference leads somewhere, and everything that
//! is declared is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::IpAddr;

use super::environment::{Environment, EnvironmentFile, Host, Reach};
use super::located::Located;
use super::names::{Key, Name, Published, Route};
use super::service::{Call, ImageSource, Role, Service};
use super::{Catalog, Common, Machine, VolumeKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;

/// A reference that leads nowhere.
pub(super) fn dangling<T: Display>(
    what: &str,
    name: &Located<T>,
    known: impl IntoIterator<Item = impl Display>,
) -> Diagnostic {
    let known: Vec<String> = known.into_iter().map(|name| name.to_string()).collect();
    let label = if known.is_empty() {
        format!("expected a declared {what}, and none is declared")
    } else {
        format!("expected one of {}", known.join(", "))
    };
    Diagnostic::new(
        format!("there is no {what} `{}`", name.value),
        name.place.clone(),
    )
    .label(label)
    .did_you_mean(&name.to_string(), known.iter().map(String::as_str))
}

/// Notes what is described and never used.
pub(super) fn unused(common: &Common, files: &[EnvironmentFile], problems: &mut Diagnostics) {
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
                note_unused(message, description.place(), problems);
            }
        }
        run.extend(own);
    }
    for (name, description) in &common.services {
        if !run.contains(name) {
            let message = format!("no host runs the service `{name}`");
            note_unused(message, description.place(), problems);
        }
    }
    for (name, stack) in &common.stacks {
        if !stacks.contains(name) {
            let message = format!("no host uses the stack `{name}`");
            note_unused(message, Some(&stack.place), problems);
        }
    }
    for (name, machine) in &common.machines {
        if !machines.contains(name) {
            let message = format!("no host is on the machine `{name}`");
            note_unused(message, Some(&machine.place), problems);
        }
    }
}

fn note_unused(message: String, place: Option<&Place>, problems: &mut Diagnostics) {
    problems.extend(place.map(|place| {
        Diagnostic::new(message, place.clone()).label("described here and never used")
    }));
}

/// Notes everything in a catalogue that does not fit together.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    unique_names(catalog, problems);
    unique_outputs(catalog, problems);
    unique_projects(catalog, problems);
    unique_ports(catalog, problems);
    for environment in &catalog.environments {
        access(environment, problems);
        compute(environment, problems);
        for host in &environment.hosts {
            let Some(machine) = catalog.machines.get(&host.machine.value) else {
                problems.push(dangling("machine", &host.machine, catalog.machines.keys()));
                continue;
            };
            for service in host.services.values() {
                attachments(host, service, problems);
                needs(host, service, problems);
                secrets(environment, service, problems);
                released(catalog, service, problems);
                for port in &service.ports {
                    published(environment, host, machine, service, port, problems);
                }
            }
            cycles(host, problems);
            routes(environment, host, problems);
            unused_resources(host, problems);
        }
    }
}

/// Notes the second of two things that must not have one name.
fn twice<'a, T: Ord + Display>(
    things: impl IntoIterator<Item = (T, &'a Place)>,
    message: impl Fn(&T) -> String,
    problems: &mut Diagnostics,
) {
    let mut seen: BTreeMap<T, &Place> = BTreeMap::new();
    for (thing, place) in things {
        if let Some(first) = seen.get(&thing) {
            problems.push(
                Diagnostic::new(message(&thing), place.clone())
                    .label("again here")
                    .related((*first).clone(), "first here"),
            );
        } else {
            seen.insert(thing, place);
        }
    }
}

fn unique_names(catalog: &Catalog, problems: &mut Diagnostics) {
    let environments = catalog.environments.iter();
    twice(
        environments.map(|environment| (&environment.name, &environment.place)),
        |name| format!("two environments are called `{name}`"),
        problems,
    );
    twice(
        catalog.hosts().map(|(_, host)| (&host.name, &host.place)),
        |name| format!("two hosts are called `{name}`"),
        problems,
    );
    for (own, host) in catalog.hosts() {
        let named_alike = catalog.environments.iter().find(|e| e.name == host.name);
        if let Some(other) = named_alike.filter(|other| other.name != own.name) {
            let message = format!("host `{}` is called like another environment", host.name);
            problems.push(
                Diagnostic::new(message, host.place.clone())
                    .label("a command could not tell which of the two is meant")
                    .related(other.place.clone(), "the environment"),
            );
        }
    }
}

fn unique_outputs(catalog: &Catalog, problems: &mut Diagnostics) {
    twice(
        catalog
            .hosts()
            .map(|(_, host)| (&host.output.value, &host.output.place)),
        |output| format!("two hosts write `{output}`"),
        problems,
    );
}

/// Two hosts on one machine may not share a project: `down` of one would take the other with it.
/// Two hosts of one environment may not either, so that a name says which one is meant.
fn unique_projects(catalog: &Catalog, problems: &mut Diagnostics) {
    let mut seen: Vec<(&Environment, &Host)> = Vec::new();
    for (environment, host) in catalog.hosts() {
        let same = seen.iter().find(|(other, first)| {
            first.project.value == host.project.value
                && (first.machine.value == host.machine.value || other.name == environment.name)
        });
        if let Some((_, first)) = same {
            problems.push(
                Diagnostic::new(
                    format!("two hosts use the project `{}`", host.project.value),
                    host.project.place.clone(),
                )
                .label("again here")
                .related(first.project.place.clone(), "first here")
                .help("`docker compose down` of one would take the other with it"),
            );
        }
        seen.push((environment, host));
    }
}

fn unique_ports(catalog: &Catalog, problems: &mut Diagnostics) {
    let mut seen: Vec<(&Name, &Located<Published>)> = Vec::new();
    for (_, host) in catalog.hosts() {
        for port in host.services.values().flat_map(|service| &service.ports) {
            let machine = &host.machine.value;
            let collision = seen.iter().find(|(other, first)| {
                *other == machine
                    && port.port.is_some()
                    && first.port == port.port
                    && first.protocol == port.protocol
                    && overlap(first.address, port.address)
            });
            if let Some((_, first)) = collision {
                problems.push(
                    Diagnostic::new(
                        format!("port `{}` is taken on machine `{machine}`", port.value),
                        port.place.clone(),
                    )
                    .label("expected a port of its own")
                    .related(first.place.clone(), "taken here"),
                );
            }
            seen.push((machine, port));
        }
    }
}

fn overlap(a: IpAddr, b: IpAddr) -> bool {
    a == b || a.is_unspecified() || b.is_unspecified()
}

fn access(environment: &Environment, problems: &mut Diagnostics) {
    for (domain, access) in &environment.access {
        if !environment.domains.contains_key(domain) {
            let domain = Located::new(domain, access.place.clone());
            problems.push(dangling("domain", &domain, environment.domains.keys()));
        }
    }
}

/// The models' route must be served by its own host on the port that it declares.
fn compute(environment: &Environment, problems: &mut Diagnostics) {
    let compute = &environment.compute;
    let Some(server) = &compute.served_by else {
        return;
    };
    let Some(host) = environment
        .hosts
        .iter()
        .find(|host| host.name == server.value)
    else {
        let known = environment.hosts.iter().map(|host| &host.name);
        problems.push(dangling("host", server, known));
        return;
    };
    let Route::Address { port, .. } = &compute.route.value else {
        problems.push(
            Diagnostic::new(
                "nothing serves a route that is `mock`",
                server.place.to_key(),
            )
            .label("expected no `served_by`")
            .related(compute.route.place.clone(), "the route"),
        );
        return;
    };
    if environment.compute_address().is_none() {
        problems.push(
            Diagnostic::new(
                format!("host `{}` does not publish port {port}", host.name),
                compute.route.place.clone(),
            )
            .label("the route's port")
            .related(host.place.clone(), "this host is to serve it")
            .help(format!(
                "publish it under `ports:` of the host, as \"ADDRESS:{port}:CONTAINER_PORT\""
            )),
        );
    }
}

impl Environment {
    /// The address on which the host that serves the models publishes the route's port.
    #[must_use]
    pub fn compute_address(&self) -> Option<&Located<Published>> {
        let Route::Address { port, .. } = &self.compute.route.value else {
            return None;
        };
        let server = self.compute.served_by.as_ref()?;
        let host = self.hosts.iter().find(|host| host.name == server.value)?;
        let mut ports = host.services.values().flat_map(|service| &service.ports);
        ports.find(|published| published.port == Some(*port))
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
    let has_way_out = service.networks.iter().any(|network| {
        let network = host.networks.get(&network.value);
        network.is_none_or(|network| !network.is_internal())
    });
    if has_way_out {
        return;
    }
    let why = "every network it is on is `internal`, which has no way in or out";
    for port in &service.ports {
        problems.push(
            Diagnostic::new(
                format!("service `{}` cannot publish a port", service.name),
                port.place.clone(),
            )
            .label(why)
            .related(service.place.clone(), "the service"),
        );
    }
    for call in &service.calls {
        problems.push(
            Diagnostic::new(
                format!("service `{}` cannot call {}", service.name, call.as_str()),
                call.place.clone(),
            )
            .label(why)
            .related(service.place.clone(), "the service"),
        );
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

fn secrets(environment: &Environment, service: &Service, problems: &mut Diagnostics) {
    let secrets = &environment.secrets;
    if secrets.directory.is_some() {
        return;
    }
    for secret in &service.secrets {
        problems.push(
            Diagnostic::new(
                format!(
                    "service `{}` is given the secret `{}`, and `{}` has none",
                    service.name, secret.value, environment.name
                ),
                secret.place.clone(),
            )
            .label("expected no secret here")
            .related(
                secrets.class.place.clone(),
                "no `directory` holds this class",
            )
            .help(format!(
                "say `secrets: []` for the service in this environment, or name the `directory` \
                 that holds the secrets of class `{}`",
                secrets.class.value
            )),
        );
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

/// A port is published where the environment's isolation allows it, and on an address that the
/// spec names.
fn published(
    environment: &Environment,
    host: &Host,
    machine: &Machine,
    service: &Service,
    port: &Located<Published>,
    problems: &mut Diagnostics,
) {
    let isolation = &environment.isolation;
    let refuse = |message: String, expected: String| {
        Diagnostic::new(message, port.place.clone()).label(expected)
    };
    if port.address.is_loopback() {
        return;
    }
    if isolation.reach.value == Reach::Loopback {
        problems.push(
            refuse(
                format!("`{}` is published beyond loopback", port.value),
                "expected an address in 127.0.0.0/8, or ::1".into(),
            )
            .related(
                isolation.reach.place.clone(),
                "the environment promises this",
            ),
        );
        return;
    }
    if port.is_public() {
        let is_declared = port
            .port
            .is_some_and(|number| isolation.public.iter().any(|public| public.value == number));
        let is_allowed = service
            .allow
            .keys()
            .any(|rule| rule.as_str() == "public-port");
        if isolation.reach.value == Reach::Public
            && is_declared
            && is_allowed
            && service.role.value == Role::Edge
        {
            return;
        }
        problems.push(
            refuse(
                format!("`{}` is published to the world", port.value),
                "expected an address of the machine".into(),
            )
            .related(isolation.reach.place.clone(), "the environment's reach")
            .help(
                "the world may reach a service whose role is `edge`, that allows `public-port` \
                 with a reason, on a port that `isolation.public` names",
            ),
        );
        return;
    }
    if !machine
        .addresses
        .values()
        .any(|address| address.value == port.address)
    {
        let known: Vec<String> = machine.addresses.values().map(|a| a.to_string()).collect();
        let expected = if known.is_empty() {
            "expected a loopback address: the machine names no other".to_owned()
        } else {
            format!("expected one of {}", known.join(", "))
        };
        problems.push(
            refuse(
                format!(
                    "machine `{}` has no address {}",
                    host.machine.value, port.address
                ),
                expected,
            )
            .related(machine.place.clone(), "the machine"),
        );
        return;
    }
    let is_declared = port.port.is_some_and(|number| {
        isolation
            .private
            .iter()
            .any(|private| private.value == number)
    });
    if !is_declared {
        problems.push(
            refuse(
                format!(
                    "`{}` is not among the environment's private ports",
                    port.value
                ),
                "expected a port that `isolation.private` names".into(),
            )
            .related(isolation.reach.place.clone(), "the environment's isolation"),
        );
    }
}

/// Notes a circle of needs, once for each service that begins one.
fn cycles(host: &Host, problems: &mut Diagnostics) {
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in host.services.keys() {
        let mut route: Vec<&Name> = Vec::new();
        walk(host, start, &mut route, &mut done, problems);
    }
}

fn walk<'a>(
    host: &'a Host,
    name: &'a Name,
    route: &mut Vec<&'a Name>,
    done: &mut BTreeSet<&'a Name>,
    problems: &mut Diagnostics,
) {
    let Some(service) = host.services.get(name) else {
        return;
    };
    if done.contains(name) {
        return;
    }
    route.push(name);
    for need in &service.needs {
        if let Some(from) = route.iter().position(|seen| **seen == need.value) {
            let circle: Vec<&str> = route
                .iter()
                .skip(from)
                .map(|name| name.as_str())
                .chain([need.as_str()])
                .collect();
            problems.push(
                Diagnostic::new(
                    format!("services need each other: {}", circle.join(" → ")),
                    need.place.clone(),
                )
                .label("this need closes the circle")
                .related(host.place.clone(), "on this host"),
            );
        } else {
            walk(host, &need.value, route, done, problems);
        }
    }
    route.pop();
    done.insert(name);
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
            match host.services.get(&name.value) {
                None if host.listed.contains_key(&name.value) => {}
                None => problems.push(dangling("service", name, host.services.keys())),
                Some(service) if service.serves.is_none() => problems.push(
                    Diagnostic::new(
                        format!("service `{}` answers on no port", name.value),
                        name.place.clone(),
                    )
                    .label("a route leads to it")
                    .related(service.place.clone(), "expected a field `serves` here"),
                ),
                Some(_) => {}
            }
        }
    }
}

fn unused_resources(host: &Host, problems: &mut Diagnostics) {
    // Where a service could not be read, nobody knows what it would have used.
    if host.services.len() != host.listed.len() {
        return;
    }
    let services = || host.services.values();
    let used: BTreeSet<&Key> = services()
        .flat_map(|s| &s.networks)
        .map(|n| &n.value)
        .collect();
    for (name, network) in &host.networks {
        if !used.contains(name) {
            let message = format!("no service of host `{}` is on network `{name}`", host.name);
            note_unused(message, Some(&network.place), problems);
        }
    }
    let used: BTreeSet<&Key> = services().flat_map(|s| s.volumes.keys()).collect();
    for (name, volume) in &host.volumes {
        if !used.contains(name) {
            let message = format!("no service of host `{}` mounts volume `{name}`", host.name);
            note_unused(message, Some(&volume.place), problems);
        }
    }
}

impl Host {
    /// The volumes that Compose creates for this host; a directory of the host is none.
    pub fn named_volumes(&self) -> impl Iterator<Item = (&Key, &super::Volume)> {
        let volumes = self.volumes.iter();
        volumes.filter(|(_, volume)| !matches!(volume.kind, VolumeKind::Bind(_)))
    }

    /// Whether a service of this host calls something outside its project.
    #[must_use]
    pub fn calls(&self, call: Call) -> bool {
        let mut calls = self.services.values().flat_map(|service| &service.calls);
        calls.any(|made| made.value == call)
    }
}
