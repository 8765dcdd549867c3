//! Waiting for the health check of an image.

use super::waits_for_health::{Health, each_awaited};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "waits-for-image",
    severity: Severity::Hardening,
    title: "A service that others wait for until it is healthy has a health check in the file",
    why: "If the image has none, or drops its own in a later version, Compose fails: the container has no health check configured.",
    bad: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1 }
    "},
    good: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1, healthcheck: { test: [CMD, ready] } }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_awaited(deployed, |service, need, other, health| {
        let message = format!(
            "`{}` waits for a health check of `{}` that the file does not have",
            service.name, need.name
        );
        (health == Health::Unknown).then(|| {
            Found::new(service.name, message, need.at.key_place())
                .label("this works only if the image has one")
                .related(other.place(), "it has no `healthcheck`")
                .help(format!("add a `healthcheck` to `{}`", need.name))
        })
    })
}
