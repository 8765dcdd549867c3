//! Environments with made-up data.

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{
    Catalog, Data, Environment, Health, Host, LevelKind, Located, Reach, Service, Trait,
};

pub(super) static RULE: Rule = Rule {
    code: "mock-first",
    severity: Severity::Error,
    title: "Previews and local environments use made-up data and mock backends",
    why: "An environment that anyone can start, with code that was not reviewed, must have nothing real to break.",
    bad: spec!("preview.yaml", "upstreams: { channels: live }\n"),
    good: spec!("preview.yaml", "upstreams: { channels: none }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let Some(data) = &environment.data else {
            continue;
        };
        if data.value == Data::Own {
            found.extend(unguarded(environment, data));
            continue;
        }
        facts(environment, data, &mut found);
        for host in &environment.hosts {
            for service in host.services.values() {
                found.extend(backend(environment, data, host, service));
                calls(environment, data, host, service, &mut found);
            }
        }
    }
    found
}

/// Previews and local environments, where unreviewed code runs, must not use real data.
fn unguarded(environment: &Environment, data: &Located<Data>) -> Option<Found> {
    let message = format!("`{}` is not mock-first: its data is real", environment.name);
    let found = Found::new("data", message, &data.place)
        .label("expected `fixtures` or `mocked`")
        .help("load scrubbed fixtures and say `data: fixtures`; or remove `data`, which promises nothing then")
        .of(environment);
    let reach = environment.reach();
    let loopback = reach.filter(|reach| reach.value == Reach::Loopback);
    match loopback {
        _ if environment.per_pull_request => Some(found.per_pull_request(environment)),
        Some(reach) => Some(found.related(&reach.place, "only its own machine can reach it")),
        None => None,
    }
}

fn facts(environment: &Environment, data: &Located<Data>, found: &mut Vec<Found>) {
    let mut note = |what: String, place: &Place, expected: String, fix: String| {
        let message = format!("`{}` is not mock-first: `{what}` is real", environment.name);
        found.push(
            Found::new(what, message, place)
                .label(expected)
                .related(&data.place, "the data is made up")
                .help(fix)
                .of(environment),
        );
    };
    for (name, upstream) in &environment.upstreams {
        if upstream.kind != LevelKind::MadeUp {
            note(
                format!("upstreams.{name}"),
                &upstream.level.place,
                "expected the first level, which reaches nothing real".to_owned(),
                format!(
                    "set `upstreams: {{ {name}: LEVEL }}` to the first level that catalog.yaml lists for `{name}`"
                ),
            );
        }
    }
    let health = environment.health.as_ref();
    if let Some(health) = health.filter(|health| health.value == Health::Live) {
        note(
            "health".to_owned(),
            &health.place,
            "expected `mock`".to_owned(),
            "set `health: mock`".to_owned(),
        );
    }
}

/// A backend is a mock, or stores fixtures where the environment has no other data.
fn backend(
    environment: &Environment,
    data: &Located<Data>,
    host: &Host,
    service: &Service,
) -> Option<Found> {
    let role = service.role.as_ref()?;
    let keeps_real_data = role.has(Trait::KeepsData) && data.value != Data::Fixtures;
    if !role.has(Trait::Backend) && !keeps_real_data {
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
            .related(&role.place, "its role")
            .related(&data.place, "the data is made up")
            .help(format!(
                "list a service with `role: mock` instead of `{0}` under `services` of host `{1}`; or, if `{0}` answers with \
                 made-up data here, say `services: {{ {0}: {{ role: mock }} }}` in this environment",
                service.name, host.name
            ))
            .of_service(environment, host, service),
    )
}

fn calls(
    environment: &Environment,
    data: &Located<Data>,
    host: &Host,
    service: &Service,
    found: &mut Vec<Found>,
) {
    for call in &service.calls {
        let message = format!(
            "`{}` calls {} in `{}`",
            service.name, call.value, environment.name
        );
        found.push(
            Found::new(&service.name, message, &call.place)
                .label("expected no outside calls")
                .related(&data.place, "the data is made up")
                .help(format!(
                    "say `services: {{ {}: {{ calls: null }} }}` in this environment, where it calls nothing",
                    service.name
                ))
                .of_service(environment, host, service),
        );
    }
}
