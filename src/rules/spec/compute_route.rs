//! The route to the models.

use std::net::IpAddr;

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Call, Catalog, Environment, Route};

pub(super) static RULE: Rule = Rule {
    code: "compute-route",
    severity: Severity::Error,
    title: "The route to the models leads to a host of the same environment",
    why: "If another environment answers, both share the models, and one can read the requests of the other.",
    bad: spec! {"staging.yaml", r#"
        compute: { route: "models-prod:11435" }
    "#},
    good: spec! {"staging.yaml", r#"
        compute: { route: "models-staging:11435" }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let Route::Address { host: name, port } = &environment.compute.route.value else {
            continue;
        };
        let route = &environment.compute.route;
        if environment.compute.served_by.is_none() {
            found.push(
                Found::new(
                    "compute.route",
                    format!(
                        "no host of `{}` serves the route `{}`",
                        environment.name, route.value
                    ),
                    &route.place,
                )
                .label("expected `served_by` beside it")
                .of(environment),
            );
        }
        found.extend(published(environment, name.as_str(), *port));
        for other in catalog
            .environments
            .iter()
            .filter(|other| other.name != environment.name)
        {
            found.extend(taken(environment, name.as_str(), *port, other));
        }
    }
    found
}

/// What is wrong with where the port of the route is published: on a public address, where no caller
/// reaches it, or on another address than the route has.
fn published(environment: &Environment, name: &str, port: u16) -> Vec<Found> {
    let route = &environment.compute.route;
    let Some(server) = environment.compute_host() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut note = |message: String, place: &Place, label: &'static str| {
        found.push(
            Found::new("compute.route", message, place)
                .label(label)
                .related(&route.place, "the route")
                .of(environment),
        );
    };
    let services = server.services.values();
    for public in services.flat_map(|service| &service.ports) {
        if public.is_public() && public.may_be_on(port) {
            note(
                format!(
                    "the models of `{}` are open to the internet",
                    environment.name
                ),
                &public.place,
                "expected a private address of the machine",
            );
        }
    }
    let Some(at) = environment.compute_address() else {
        found.push(
            Found::new(
                "compute.route",
                format!("host `{}` does not publish port {port}", server.name),
                &route.place,
            )
            .label("the route's port")
            .related(&server.place, "this host should serve it")
            .help(format!(
                "publish it under `ports:` of the host, as \"ADDRESS:{port}:CONTAINER_PORT\""
            ))
            .of(environment)
            .on(server),
        );
        return found;
    };
    if at.is_public() {
        return found;
    }
    let caller = environment
        .hosts
        .iter()
        .find(|host| host.machine.value != server.machine.value && host.calls(Call::Compute));
    if let Some(caller) = caller.filter(|_| at.address.is_loopback()) {
        note(
            format!(
                "`{}` cannot reach the models of `{}`",
                caller.name, environment.name
            ),
            &at.place,
            "expected an address that other machines can reach",
        );
    }
    if name
        .parse::<IpAddr>()
        .is_ok_and(|address| address != at.address)
    {
        note(
            format!(
                "the route of `{}` leads to {name}, but its models are published elsewhere",
                environment.name
            ),
            &at.place,
            "published here",
        );
    }
    found
}

/// Another environment that publishes the port of the route on the machine, or uses the same name.
fn taken(environment: &Environment, name: &str, port: u16, other: &Environment) -> Option<Found> {
    let route = &environment.compute.route;
    if let Route::Address { host, .. } = &other.compute.route.value
        && host.as_str().eq_ignore_ascii_case(name)
    {
        // The environment that the name contains is right.
        let name = name.to_ascii_lowercase();
        if name.contains(environment.name.as_str())
            || (!name.contains(other.name.as_str()) && environment.name < other.name)
        {
            return None;
        }
        return Some(
            Found::new(
                "compute.route",
                format!(
                    "`{}` and `{}` use the same name for their models, `{name}`",
                    environment.name, other.name
                ),
                &route.place,
            )
            .label("expected its own name")
            .related(
                &other.compute.route.place,
                format!("the route of `{}`", other.name),
            )
            .of(environment)
            .of(other),
        );
    }
    let own = environment.compute_host()?;
    let rivals = other
        .hosts
        .iter()
        .filter(|host| host.machine.value == own.machine.value);
    let mut published = rivals
        .flat_map(|host| host.services.values())
        .flat_map(|service| &service.ports);
    let rival = published.find(|rival| rival.may_be_on(port))?;
    Some(
        Found::new(
            "compute.route",
            format!(
                "`{}` publishes port {port} of machine `{}`, which is the route of `{}`",
                other.name, own.machine.value, environment.name
            ),
            &rival.place,
        )
        .label("expected another port")
        .related(&route.place, "the route")
        .of(other)
        .of(environment),
    )
}
