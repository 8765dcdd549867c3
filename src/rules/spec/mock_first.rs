//! Environments with made-up data.

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{
    Catalog, Channels, Data, Environment, Health, Host, Reach, Role, Route, Service,
};

pub(super) static RULE: Rule = Rule {
    code: "mock-first",
    severity: Severity::Error,
    title: "Previews and local environments use made-up data and mock backends",
    why: "An environment that anyone can start, with code that was not reviewed, must have nothing real to break.",
    bad: spec!("preview.yaml", "channels: live\n"),
    good: spec!("preview.yaml", "channels: none\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        if environment.data.value == Data::Own {
            found.extend(unguarded(environment));
            continue;
        }
        facts(environment, &mut found);
        for host in &environment.hosts {
            for service in host.services.values() {
                found.extend(backend(environment, host, service));
                calls(environment, host, service, &mut found);
            }
        }
    }
    found
}

/// Previews and local environments, where unreviewed code runs, must not use real data.
fn unguarded(environment: &Environment) -> Option<Found> {
    let reach = &environment.isolation.reach;
    let message = format!("`{}` is not mock-first: its data is real", environment.name);
    let found = Found::new("data", message, &environment.data.place)
        .label("expected `fixtures` or `mocked`")
        .of(environment);
    if environment.per_pull_request {
        Some(found.per_pull_request(environment))
    } else if reach.value == Reach::Loopback {
        Some(found.related(&reach.place, "only its own machine can reach it"))
    } else {
        None
    }
}

fn facts(environment: &Environment, found: &mut Vec<Found>) {
    let mut note = |what: &str, is_wrong: bool, place: &Place, expected: &str| {
        if is_wrong {
            let message = format!("`{}` is not mock-first: `{what}` is real", environment.name);
            found.push(
                Found::new(what, message, place)
                    .label(format!("expected `{expected}`"))
                    .related(&environment.data.place, "the data is made up")
                    .of(environment),
            );
        }
    };
    let route = &environment.compute.route;
    note(
        "compute.route",
        route.value != Route::Mock,
        &route.place,
        "mock",
    );
    let channels = &environment.channels;
    note(
        "channels",
        channels.value != Channels::None,
        &channels.place,
        "none",
    );
    let health = &environment.health;
    note(
        "health",
        health.value != Health::Mock,
        &health.place,
        "mock",
    );
}

/// A backend is a mock, or stores fixtures where the environment has no other data.
fn backend(environment: &Environment, host: &Host, service: &Service) -> Option<Found> {
    let keeps_fixtures = environment.data.value == Data::Fixtures;
    let is_fine = match service.role.value {
        Role::Mock | Role::Web | Role::Edge | Role::Monitor => true,
        Role::State | Role::Model => keeps_fixtures,
        Role::Api | Role::Worker => false,
    };
    if is_fine {
        return None;
    }
    let place = host.listed.get(&service.name)?;
    let message = format!(
        "`{}` runs the real backend `{}`",
        environment.name, service.name
    );
    Some(
        Found::new(&service.name, message, place)
            .label("expected a service with the role `mock` instead")
            .related(&service.role.place, "its role")
            .related(&environment.data.place, "the data is made up")
            .of_service(environment, host, service),
    )
}

fn calls(environment: &Environment, host: &Host, service: &Service, found: &mut Vec<Found>) {
    for call in &service.calls {
        let message = format!(
            "`{}` calls {} in `{}`",
            service.name,
            call.as_str(),
            environment.name
        );
        found.push(
            Found::new(&service.name, message, &call.place)
                .label("expected no outside calls")
                .related(&environment.data.place, "the data is made up")
                .of_service(environment, host, service),
        );
    }
}
