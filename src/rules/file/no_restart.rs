//! A service without a restart policy.

use super::{each, jobs, restart_condition};
use crate::compose::Restart;
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
        if restart_condition(service).is_some() || jobs.contains(service.name) {
            return None;
        }
        let message = format!("`{}` has no restart policy", service.name);
        Some(match service.restart() {
            Some(Restart::Deploy(policy)) => Found::new(service.name, message, policy.key_place())
                .label(
                    "without a `condition`, the engine never restarts it, whatever `restart` says",
                )
                .help("add `condition: any`, or `condition: none` if it is meant to exit"),
            _ => Found::new(service.name, message, service.place())
                .help("add `restart: unless-stopped`, or `restart: \"no\"` if it is meant to exit"),
        })
    })
}
