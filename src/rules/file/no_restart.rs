//! A service without a restart policy.

use super::{each, jobs};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "no-restart",
    severity: Severity::Hardening,
    title: "A service has a restart policy",
    why: "After a crash or a reboot of the host, it stays down until somebody notices.",
    origin: "CIS Docker 5.15 (5.14 of older editions)",
    bad: service!(),
    good: service!("restart: unless-stopped"),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let jobs = jobs(deployed);
    each(deployed, |service| {
        let policy = service
            .get("restart")
            .or_else(|| service.dig(&["deploy", "restart_policy"]));
        let message = format!("`{}` has no restart policy", service.name);
        (policy.is_none() && !jobs.contains(service.name)).then(|| {
            Found::new(service.name, message, service.place())
                .help("add `restart: unless-stopped`, or `restart: \"no\"` if it is meant to exit")
        })
    })
}
