//! A service that stays down.

use std::collections::BTreeSet;

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{entries, text};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "no-restart",
    severity: Severity::Warning,
    title: "A service that ends is started again",
    why: "After a crash, or a restart of the host, it stays down until somebody notices.",
    origin: "KICS `Restart Policy On Failure Not Set To 5`, CIS Docker 5.15 (5.14 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    restart: unless-stopped\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let needs = services
        .iter()
        .filter_map(|service| service.get("depends_on"));
    let jobs: BTreeSet<&str> = needs
        .flat_map(|needs| entries(&needs))
        .filter(|(_, need)| {
            let condition = need.get("condition").and_then(|at| text(&at));
            condition.as_deref() == Some("service_completed_successfully")
        })
        .map(|(name, _)| name)
        .collect();
    each(deployed, |service| {
        let says = service
            .get("restart")
            .or_else(|| service.dig(&["deploy", "restart_policy"]));
        let place = match &says {
            None => service.place(),
            Some(at) if text(at).as_deref() == Some("no") => at.place(),
            Some(_) => return Vec::new(),
        };
        // What others wait for until it is done is meant to end.
        if jobs.contains(service.name) {
            return Vec::new();
        }
        let message = format!("`{}` is not started again", service.name);
        vec![Found::new(service.name, message, place).help("add `restart: unless-stopped`")]
    })
}
