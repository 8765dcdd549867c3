//! Disabled logging.

use indoc::indoc;

use super::each;
use crate::rules::equivalent::compose_lint;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "logging-off",
    severity: Severity::Warning,
    title: "Container logs are kept",
    why: "After an incident, what was not logged cannot be reconstructed.",
    origin: "CIS Docker 2.12",
    equivalents: &[compose_lint("CL-0014")],
    bad: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                logging: { driver: none }
        "#}]),
    good: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                logging: { driver: json-file }
        "#}]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.dig(&["logging", "driver"]) else {
            return Vec::new();
        };
        if at.text().as_deref() != Some("none") {
            return Vec::new();
        }
        let message = format!("logging of `{}` is disabled", service.name);
        vec![
            Found::new(service.name, message, at.place())
                .label("expected a driver that keeps logs"),
        ]
    })
}
