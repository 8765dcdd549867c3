//! A service without a process limit.

use super::each;
use crate::compose::At;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "no-pids-limit",
    severity: Severity::Hardening,
    title: "A service has a process limit",
    why: "A fork bomb in one container stops the whole host.",
    origin: "OWASP Docker Security rule 7, CIS Docker 5.29 (5.28 of older editions)",
    equivalents: &[kics("Pids Limit Not Set")],
    bad: service!(),
    good: service!("pids_limit: 100"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let is_stack = deployed.orchestrator.is_swarm();
    let help = if is_stack {
        "set `deploy.resources.limits.pids`"
    } else {
        "set `pids_limit`, or `deploy.resources.limits.pids`"
    };
    each(deployed, |service| {
        // A stack ignores it.
        let is_ignored = |at: &At<'_>| is_stack && at.name() == Some("pids_limit");
        let limit = service.limits("pids_limit").find(|at| !is_ignored(at));
        let number = limit.and_then(|at| at.text());
        // The value of a variable is unknown.
        let is_set =
            number.is_some_and(|number| number.parse().map_or(true, |limit: i64| limit > 0));
        let place = limit.map_or(service.place(), |at| at.place());
        let message = format!("`{}` has no process limit", service.name);
        (!is_set).then(|| Found::new(service.name, message, place).help(help))
    })
}
