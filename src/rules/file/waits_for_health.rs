//! Waiting for the health of what has no check.

use super::{each, is_unchecked, needs};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "waits-for-health",
    severity: Severity::Error,
    title: "What another waits for until it is healthy has a health check",
    why: "A service that turns off its check is never healthy, so what waits for it never starts.",
    origin: "",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: a:1\n    depends_on: { db: { condition: service_healthy } }\n  db: { image: d:1, healthcheck: { disable: true } }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: a:1\n    depends_on: { db: { condition: service_healthy } }\n  db: { image: d:1, healthcheck: { test: [CMD, ready] } }\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let needs = needs(service).into_iter();
        let for_health = needs.filter(|need| need.condition.as_deref() == Some("service_healthy"));
        for_health
            .filter_map(|need| {
                // An image may bring a check, so that a service that says nothing may be right.
                let other = deployed.file.service(&need.name).filter(is_unchecked)?;
                let check = other.get("healthcheck")?;
                let message = format!("`{}` waits for `{}` for ever", service.name, need.name);
                Some(
                    Found::new(service.name, message, need.place)
                        .label("until it is healthy")
                        .related(check.key_place(), "which nobody asks after"),
                )
            })
            .collect()
    })
}
