//! Waiting for the health of what has no check.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{entries, flag, scalars, text};
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
        let mut found = Vec::new();
        let needs = service
            .get("depends_on")
            .map(|at| entries(&at))
            .unwrap_or_default();
        for (name, at) in needs {
            let condition = at.get("condition");
            if condition.as_ref().and_then(text).as_deref() != Some("service_healthy") {
                continue;
            }
            let Some(other) = deployed.file.service(name) else {
                continue;
            };
            // An image may bring a check, so that a file that says nothing may be right.
            let Some(check) = other.get("healthcheck") else {
                continue;
            };
            let is_off = check.get("disable").and_then(|at| flag(&at)) == Some(true);
            let test = check.get("test").map(|at| scalars(&at)).unwrap_or_default();
            if is_off || test.first().is_some_and(|(word, _)| word == "NONE") {
                let message = format!("`{}` waits for `{name}` for ever", service.name);
                found.push(
                    Found::new(service.name, message, at.key_place())
                        .label("until it is healthy")
                        .related(check.key_place(), "which nobody asks after"),
                );
            }
        }
        found
    })
}
