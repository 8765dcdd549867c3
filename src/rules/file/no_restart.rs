//! A service without a restart policy.

use super::{each, jobs};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "no-restart",
    severity: Severity::Warning,
    title: "A service has a restart policy",
    why: "After a crash or a reboot of the host, it stays down until somebody notices.",
    origin: "CIS Docker 5.15 (5.14 of older editions)",
    bad: service!(),
    good: service!("restart: unless-stopped"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let jobs = jobs(deployed);
    each(deployed, |service| {
        let policy = service
            .get("restart")
            .or_else(|| service.dig(&["deploy", "restart_policy", "condition"]))
            .or_else(|| service.dig(&["deploy", "restart_policy"]));
        let place = match &policy {
            // A job that others wait for is meant to exit.
            _ if jobs.contains(service.name) => return None,
            None => service.place(),
            Some(at) if matches!(at.text().as_deref(), Some("no" | "none" | "false")) => at.place(),
            Some(_) => return None,
        };
        let message = format!("`{}` has no restart policy", service.name);
        Some(Found::new(service.name, message, place).help("add `restart: unless-stopped`"))
    })
}
