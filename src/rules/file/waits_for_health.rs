//! Waiting for a service without a health check to become healthy.

use super::{each, is_unchecked};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "waits-for-health",
    severity: Severity::Error,
    title: "A service that others wait for until it is healthy has a health check",
    why: "A service with a disabled health check never becomes healthy, so its dependents never start.",
    bad: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1, healthcheck: { disable: true } }
    "},
    good: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1, healthcheck: { test: [CMD, ready] } }
    "},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let needs = service.needs();
        let for_health = needs.filter(|need| need.condition == "service_healthy");
        for_health.filter_map(move |need| {
            // An image may have a health check of its own, so only a disabled one is a finding.
            let other = deployed.file.service(need.name)?;
            let check = other.get("healthcheck").filter(|_| is_unchecked(other))?;
            let message = format!("`{}` waits for `{}` forever", service.name, need.name);
            Some(
                Found::new(service.name, message, need.at.key_place())
                    .label("it waits until this is healthy")
                    .related(check.key_place(), "its health check is disabled"),
            )
        })
    })
}
