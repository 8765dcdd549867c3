//! What the services of a host reach on other hosts: the upstreams of the specs, and `extra_hosts`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::input::{Spec, shown};
use super::model::{Caller, Graph, Port, Route, Zone};
use crate::spec::{self, LevelKind};
use crate::state::{self, State};

/// The routes of a host, and those that each service uses.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) all: Vec<Route>,
    used: BTreeMap<String, BTreeSet<String>>,
    /// The names of all routes, as they are shown.
    taken: BTreeSet<String>,
    /// The names by which services call upstreams.
    names: BTreeMap<String, String>,
    /// The names of `extra_hosts` with their addresses.
    by_address: BTreeMap<(String, String), String>,
}

impl Routes {
    pub(super) fn of(expected: &State, spec: Option<Spec<'_>>) -> Self {
        let mut routes = Self::default();
        if let Some(spec) = spec {
            routes.upstreams(spec);
        }
        for (name, service) in &expected.services {
            for entry in service.config.fields.list("extra_hosts") {
                if let Some((alias, address)) = entry.split_once([':', '=']) {
                    routes.extra_host(name, alias, address, spec);
                }
            }
        }
        routes
    }

    /// The routes that a service uses.
    pub(super) fn used(&mut self, service: &str) -> Vec<String> {
        let used = self.used.remove(service).unwrap_or_default();
        used.into_iter().collect()
    }

    fn upstreams(&mut self, spec: Spec<'_>) {
        let Spec {
            environment, host, ..
        } = spec;
        for (name, upstream) in &environment.upstreams {
            let server = environment.server(upstream);
            if upstream.kind == LevelKind::MadeUp
                || server.is_some_and(|server| server.name == host.name)
            {
                continue;
            }
            let callers = host
                .services
                .values()
                .filter(|service| service.calls.iter().any(|called| called.value == *name));
            let mut is_used = false;
            for caller in callers {
                is_used = true;
                self.uses(caller.name.as_str(), name.as_str());
            }
            if !is_used {
                continue;
            }
            let port = upstream.route.as_ref().map(|route| route.port);
            if let Some(route) = &upstream.route {
                let alias = route.host.as_str().to_ascii_lowercase();
                self.names.insert(alias, name.to_string());
            }
            self.add(Route {
                name: shown(name.as_str()),
                address: match &upstream.route {
                    Some(route) => shown(&route.value.to_string()),
                    None => upstream.level.to_string(),
                },
                host: server.map(|server| server.name.to_string()),
                services: server.zip(port).map_or_else(Vec::new, |(server, port)| {
                    publishing(server, |one| one.may_be_on(port))
                }),
            });
        }
    }

    fn extra_host(&mut self, service: &str, alias: &str, address: &str, spec: Option<Spec<'_>>) {
        // The name of an upstream's route has to lead somewhere.
        if let Some(name) = self.names.get(&alias.to_ascii_lowercase()).cloned() {
            self.uses(service, &name);
            return;
        }
        let key = (alias.to_owned(), address.to_owned());
        if let Some(name) = self.by_address.get(&key).cloned() {
            self.uses(service, &name);
            return;
        }
        let name = if self.taken.contains(&shown(alias)) {
            format!("{alias} ({address})")
        } else {
            alias.to_owned()
        };
        let (host, services) = spec
            .zip(address.parse().ok())
            .and_then(|(spec, address)| answering(spec, alias, address))
            .unzip();
        self.add(Route {
            name: shown(&name),
            address: shown(address),
            host,
            services: services.unwrap_or_default(),
        });
        self.uses(service, &name);
        self.by_address.insert(key, name);
    }

    fn add(&mut self, route: Route) {
        self.taken.insert(route.name.clone());
        self.all.push(route);
    }

    fn uses(&mut self, service: &str, route: &str) {
        let used = self.used.entry(service.to_owned()).or_default();
        used.insert(shown(route));
    }
}

/// The host that has an address, of the same environment if it can be, and its services that publish a
/// port there; if one of them has the name that is called, only that one.
fn answering(spec: Spec<'_>, alias: &str, address: IpAddr) -> Option<(String, Vec<String>)> {
    let (machine, _) = spec
        .catalog
        .machines
        .iter()
        .find(|(_, machine)| machine.addresses.values().any(|one| one.value == address))?;
    let others = spec
        .catalog
        .environments
        .iter()
        .filter(|one| one.name != spec.environment.name);
    let mut hosts = std::iter::once(spec.environment)
        .chain(others)
        .flat_map(|environment| &environment.hosts);
    let is_there = |host: &&spec::Host| {
        let mut services = host.services.values();
        host.machine.value == *machine
            && services.any(|service| service.ports.iter().any(|port| is_on(host, port, address)))
    };
    let server = hosts.find(is_there)?;
    let mut services = publishing(server, |port| is_on(server, port, address));
    if services.iter().any(|name| name == alias) {
        services = vec![alias.to_owned()];
    }
    Some((server.name.to_string(), services))
}

fn is_on(host: &spec::Host, port: &spec::Published, address: IpAddr) -> bool {
    // A swarm publishes every port on all addresses.
    port.address == address || port.is_public() || host.orchestrator.value.is_swarm()
}

/// The services of a host that publish such a port.
fn publishing(host: &spec::Host, is_it: impl Fn(&spec::Published) -> bool) -> Vec<String> {
    host.services
        .values()
        .filter(|service| service.ports.iter().any(|port| is_it(port)))
        .map(|service| service.name.to_string())
        .collect()
}

/// The other hosts of the environment whose upstreams lead to a port of this one.
pub(super) fn callers(spec: Spec<'_>, port: &state::Port) -> Vec<Caller> {
    let Spec {
        environment, host, ..
    } = spec;
    let Some((from, to)) = port.published.map(state::PortRange::bounds) else {
        return Vec::new();
    };
    let mut callers = Vec::new();
    for (name, upstream) in &environment.upstreams {
        let is_here = environment
            .server(upstream)
            .is_some_and(|server| server.name == host.name);
        let is_port = upstream
            .route
            .as_ref()
            .is_some_and(|route| (from..=to).contains(&route.port));
        if !is_here || !is_port {
            continue;
        }
        let others = environment
            .hosts
            .iter()
            .filter(|other| other.name != host.name && other.calls(name));
        callers.extend(others.map(|other| Caller {
            host: other.name.to_string(),
            route: name.to_string(),
        }));
    }
    callers
}

/// Adds to each port the hosts among these whose `extra_hosts` lead there.
pub(crate) fn connect(graphs: &mut [Graph]) {
    let mut found: BTreeMap<(String, String), Vec<Caller>> = BTreeMap::new();
    for graph in graphs.iter() {
        let Some(host) = &graph.id.host else { continue };
        for route in &graph.routes {
            for service in &route.services {
                if let Some(server) = &route.host {
                    let callers = found.entry((server.clone(), service.clone())).or_default();
                    callers.push(Caller {
                        host: host.clone(),
                        route: route.name.clone(),
                    });
                }
            }
        }
    }
    for graph in graphs {
        let Some(host) = graph.id.host.clone() else {
            continue;
        };
        for service in &mut graph.services {
            let Some(callers) = found.get(&(host.clone(), service.name.clone())) else {
                continue;
            };
            // Of an upstream it is known to which port it leads.
            if service.ports.iter().any(|port| !port.callers.is_empty()) {
                continue;
            }
            let is_open = |port: &&mut Port| !matches!(port.reach, Zone::Loopback | Zone::Nowhere);
            for port in service.ports.iter_mut().filter(is_open) {
                port.callers.clone_from(callers);
                port.callers.sort();
                port.callers.dedup();
            }
        }
    }
}
