//! A service whose health nobody asks after.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{flag, scalars};
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
    each(deployed, |service| {
        let off = service.get("healthcheck").filter(|at| {
            let is_disabled = at.get("disable").and_then(|at| flag(&at)) == Some(true);
            let test = at.get("test").map(|at| scalars(&at)).unwrap_or_default();
            is_disabled || test.first().is_some_and(|(word, _)| word == "NONE")
        });
        let place = match (service.get("healthcheck"), off) {
            (None, _) => service.place(),
            (Some(_), Some(off)) => off.key_place(),
            (Some(_), None) => return Vec::new(),
        };
        let message = format!("nobody asks whether `{}` is well", service.name);
        vec![Found::new(service.name, message, place).help("add a `healthcheck`")]
    })
}
