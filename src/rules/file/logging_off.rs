//! A container that says nothing.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::text;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "logging-off",
    severity: Severity::Warning,
    title: "What a container says is kept",
    why: "After an incident, what was not logged did not happen.",
    origin: "compose-lint CL-0014, CIS Docker 2.12",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    logging: { driver: none }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    logging: { driver: json-file }\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.dig(&["logging", "driver"]) else {
            return Vec::new();
        };
        if text(&at).as_deref() != Some("none") {
            return Vec::new();
        }
        let message = format!("what `{}` says is thrown away", service.name);
        vec![Found::new(service.name, message, at.place()).label("expected a driver that keeps it")]
    })
}
