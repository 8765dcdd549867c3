//! Disabled logging.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "logging-off",
    severity: Severity::Warning,
    title: "Container logs are kept",
    why: "After an incident, what was not logged cannot be reconstructed.",
    origin: "CIS Docker 2.12",
    equivalents: &[compose_lint("CL-0014")
        .except("Not for `NONE` in capitals, a driver that Docker does not have.")],
    bad: service!("logging: { driver: none }"),
    good: service!("logging: { driver: json-file }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let at = service.dig(&["logging", "driver"])?;
        let message = format!("logging of `{}` is disabled", service.name);
        (at.text()? == "none").then(|| {
            Found::new(service.name, message, at.place()).label("expected a driver that keeps logs")
        })
    })
}
