//! What is declared can work.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::{Catalog, Environment, Host, Located, Machine, Published, Route, Service};

/// Notes what cannot work.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    for environment in &catalog.environments {
        compute(environment, problems);
        for host in &environment.hosts {
            let machine = catalog.machines.get(&host.machine.value);
            for service in host.services.values() {
                way_out(host, service, problems);
                secrets(environment, service, problems);
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

/// A route that nothing serves is not said to be served.
fn compute(environment: &Environment, problems: &mut Diagnostics) {
    let compute = &environment.compute;
    let Some(server) = &compute.served_by else {
        return;
    };
    if compute.route.value == Route::Mock {
        problems.push(
            Diagnostic::new(
                "`served_by` has no effect where the route is `mock`",
                server.place.to_key(),
            )
            .label("expected no `served_by`")
            .related(&compute.route.place, "the route"),
        );
    }
}

/// A service whose networks are all internal cannot call anything outside.
fn way_out(host: &Host, service: &Service, problems: &mut Diagnostics) {
    let has_way_out = service.networks.iter().any(|network| {
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
                format!("service `{}` cannot call {}", service.name, call.as_str()),
                &call.place,
            )
            .label(why)
            .related(&service.place, "the service"),
        );
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
                    "service `{}` uses the secret `{}`, but `{}` has no secrets",
                    service.name, secret.value, environment.name
                ),
                &secret.place,
            )
            .label("expected no secret here")
            .related(&secrets.class.place, "this class has no `directory`")
            .help(format!(
                "say `secrets: []` for the service in this environment, or name the `directory` \
                 that holds the secrets of class `{}`",
                secrets.class.value
            )),
        );
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
            &port.place,
        )
        .label(expected)
        .related(&machine.place, "the machine"),
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
                    &name.place,
                )
                .label("a route leads to it")
                .related(&service.place, "expected a field `serves` here"),
            );
        }
    }
}
