//! What is declared can work.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::{Catalog, Environment, Host, Located, Machine, Published, Service};

/// Notes what cannot work.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    for environment in &catalog.environments {
        upstreams(environment, problems);
        for host in &environment.hosts {
            let machine = catalog.machines.get(&host.machine.value);
            for service in host.services.values() {
                way_out(host, service, problems);
                if host.by_hand().is_some() {
                    continue;
                }
                secrets(environment, host, service, problems);
                for port in &service.ports {
                    if let Some(machine) = machine {
                        published(host, machine, port, problems);
                    }
                }
            }
            routes(host, problems);
        }
    }
}

/// What stands beside a route means nothing without it.
fn upstreams(environment: &Environment, problems: &mut Diagnostics) {
    for upstream in environment.upstreams.values() {
        let (None, Some(server)) = (&upstream.route, &upstream.served_by) else {
            continue;
        };
        problems.push(
            Diagnostic::new(
                "`served_by` has no effect without a `route`",
                server.place.to_key(),
            )
            .label("expected a `route` beside it, or no `served_by`")
            .related(upstream.place.clone(), "the upstream"),
        );
    }
}

/// A service whose networks are all internal cannot call anything outside.
fn way_out(host: &Host, service: &Service, problems: &mut Diagnostics) {
    let is_elsewhere = service.networks.is_empty() || service.compose.get("network_mode").is_some();
    let has_way_out = is_elsewhere
        || service.networks.iter().any(|network| {
            let network = host.networks.get(&network.value);
            network.is_none_or(|network| !network.is_internal())
        });
    if has_way_out {
        return;
    }
    let why = "it is attached only to `internal` networks";
    for call in &service.calls {
        problems.push(
            Diagnostic::new(
                format!("service `{}` cannot call {}", service.name, call.value),
                call.place.clone(),
            )
            .label(why)
            .related(service.place.clone(), "the service"),
        );
    }
}

/// A secret is declared by the host, or is a file in the environment's directory of secrets.
fn secrets(environment: &Environment, host: &Host, service: &Service, problems: &mut Diagnostics) {
    if environment.secret_directory().is_some() {
        return;
    }
    let declared = host.sections.get("secrets");
    for secret in &service.secrets {
        if declared.is_some_and(|declared| declared.get(secret.as_str()).is_some()) {
            continue;
        }
        let mut problem = Diagnostic::new(
            format!(
                "service `{}` uses the secret `{}`, but `{}` has no secrets",
                service.name, secret.value, environment.name
            ),
            secret.place.clone(),
        )
        .label("expected no secret here");
        let class = environment
            .secrets
            .as_ref()
            .and_then(|secrets| secrets.class.as_ref());
        if let Some(class) = class {
            problem = problem.related(class.place.clone(), "this class has no `directory`");
        }
        problems.push(problem.help(
            "say `secrets: []` for the service in this environment, name the `directory` that holds \
             the environment's secrets, or declare the secret under `secrets:` of the host as Compose does",
        ));
    }
}

/// A port is published on an address that the machine has.
fn published(
    host: &Host,
    machine: &Machine,
    port: &Located<Published>,
    problems: &mut Diagnostics,
) {
    let mut addresses = machine.addresses.values();
    if port.address.is_loopback()
        || port.is_public()
        || addresses.any(|address| address.value == port.address)
    {
        return;
    }
    let known: Vec<String> = machine.addresses.values().map(|a| a.to_string()).collect();
    let expected = if known.is_empty() {
        "expected a loopback address: the machine names no other".to_owned()
    } else {
        format!("expected one of {}", known.join(", "))
    };
    problems.push(
        Diagnostic::new(
            format!(
                "machine `{}` has no address {}",
                host.machine.value, port.address
            ),
            port.place.clone(),
        )
        .label(expected)
        .related(machine.place.clone(), "the machine"),
    );
}

/// A route leads to a service that answers on some port.
fn routes(host: &Host, problems: &mut Diagnostics) {
    for name in host.routes.values().flat_map(|routes| routes.values()) {
        let Some(service) = host.services.get(&name.value) else {
            continue;
        };
        if service.serves.is_none() {
            problems.push(
                Diagnostic::new(
                    format!("service `{}` has no `serves` port", name.value),
                    name.place.clone(),
                )
                .label("a route leads to it")
                .related(service.place.clone(), "expected a field `serves` here"),
            );
        }
    }
}
