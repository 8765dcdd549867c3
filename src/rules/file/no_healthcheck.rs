//! A service without a health check.

use super::{each, is_unchecked, jobs};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "no-healthcheck",
    severity: Severity::Hardening,
    title: "A service has a health check",
    why: "To Docker, a process that hangs is running, and it still receives traffic.",
    origin: "CIS Docker 4.6, 5.27 (5.26 of older editions)",
    equivalents: &[kics("Healthcheck Not Set")],
    bad: service!(),
    good: service!("healthcheck: { test: [CMD, 'true'] }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let jobs = jobs(deployed);
    each(deployed, |service| {
        let place = match service.get("healthcheck") {
            // The exit status of a job says whether it worked.
            _ if jobs.contains(service.name) => return None,
            None => service.place(),
            Some(at) if is_unchecked(service) => at.key_place(),
            Some(_) => return None,
        };
        let message = format!("`{}` has no health check", service.name);
        Some(Found::new(service.name, message, place).help("add a `healthcheck`"))
    })
}
