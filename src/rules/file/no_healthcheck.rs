//! A service whose health nobody asks after.

use super::{each, is_unchecked, jobs};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "no-healthcheck",
    severity: Severity::Warning,
    title: "A service has a health check",
    why: "A process that hangs is running to Docker, and traffic goes on reaching it.",
    origin: "KICS `Healthcheck Not Set`, CIS Docker 4.6, 5.27 (5.26 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    healthcheck: { test: [CMD, 'true'] }\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let jobs = jobs(deployed);
    each(deployed, |service| {
        // Whether what is meant to end did its work, its exit status says.
        if jobs.contains(service.name) {
            return Vec::new();
        }
        let place = match service.get("healthcheck") {
            None => service.place(),
            Some(at) if is_unchecked(service) => at.key_place(),
            Some(_) => return Vec::new(),
        };
        let message = format!("nobody asks whether `{}` is well", service.name);
        vec![Found::new(service.name, message, place).help("add a `healthcheck`")]
    })
}
