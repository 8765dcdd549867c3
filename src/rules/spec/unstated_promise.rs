//! Promises that a strict catalogue demands.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Environment, Reach};

pub(super) static RULE: Rule = Rule {
    code: "unstated-promise",
    severity: Severity::Error,
    title: "Where the catalogue is `strict`, every environment states every promise",
    why: "A promise that is not stated is not checked, and nobody sees that it is missing.",
    bad: spec!(
        "catalog.yaml",
        "namespaces: [database, vectors, bucket, queue, cache]\n"
    ),
    good: spec!(
        "catalog.yaml",
        "namespaces: [database, vectors, bucket, queue]\n"
    ),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    if !catalog.is_strict() {
        return found;
    }
    for environment in &catalog.environments {
        for what in missing(catalog, environment) {
            let message = format!("`{}` does not state its `{what}`", environment.name);
            let mut finding = Found::new(what.clone(), message, &environment.place)
                .label(format!("expected `{what}`"))
                .of(environment);
            if let Some(strict) = &catalog.strict {
                finding = finding.related(&strict.place, "the catalogue is strict");
            }
            found.push(finding);
        }
    }
    for (environment, host, service) in catalog.services() {
        let (limits, by_hand) = (&service.limits, host.by_hand().is_some());
        let set = [
            ("role", service.role.is_some()),
            // Rules for files look for the limits in one that is written by hand.
            ("limits.cpus", by_hand || limits.cpus.is_some()),
            ("limits.memory", by_hand || limits.memory.is_some()),
            ("limits.pids", by_hand || limits.pids.is_some()),
        ];
        for (what, _) in set.into_iter().filter(|(_, is_set)| !is_set) {
            let message = format!("service `{}` does not state its `{what}`", service.name);
            found.push(
                Found::new(&service.name, message, &service.place)
                    .label(format!("expected `{what}`"))
                    .of_service(environment, host, service),
            );
        }
    }
    found
}

/// The promises that an environment does not state.
fn missing(catalog: &Catalog, environment: &Environment) -> Vec<String> {
    let class = environment.secrets.as_ref();
    // Who may see it, how long it keeps data and what promotes into it is nothing for an environment that nobody else
    // reaches or that has no data of its own.
    let is = |reach: Reach| environment.reach().is_some_and(|own| own.value == reach);
    let stated = [
        ("domains", !environment.domains.is_empty()),
        ("data", environment.data.is_some()),
        (
            "secrets.class",
            class.is_some_and(|secrets| secrets.class.is_some()),
        ),
        ("health", environment.health.is_some()),
        ("isolation", environment.isolation.is_some()),
        (
            "access",
            !is(Reach::Public) || environment.domains.is_empty() || !environment.access.is_empty(),
        ),
        (
            "retention",
            environment.has_made_up_data() != Some(false) || !environment.retention.is_empty(),
        ),
        (
            "promotion",
            is(Reach::Loopback) || environment.reach().is_none() || environment.promotion.is_some(),
        ),
    ];
    let fields = stated.into_iter().filter(|(_, is_stated)| !is_stated);
    let namespaces = catalog
        .namespaces
        .iter()
        .filter(|kind| !environment.namespaces.contains_key(&kind.value));
    let upstreams = catalog
        .upstreams
        .keys()
        .filter(|name| !environment.upstreams.contains_key(*name));
    fields
        .map(|(what, _)| what.to_owned())
        .chain(namespaces.map(|kind| format!("namespaces.{}", kind.value)))
        .chain(upstreams.map(|name| format!("upstreams.{name}")))
        .collect()
}
