//! A service that stays down.

use super::{each, jobs};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::text;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "no-restart",
    severity: Severity::Warning,
    title: "A service that ends is started again",
    why: "After a crash, or a restart of the host, it stays down until somebody notices.",
    origin: "CIS Docker 5.15 (5.14 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    restart: unless-stopped\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let jobs = jobs(deployed);
    each(deployed, |service| {
        // What others wait for until it is done is meant to end.
        if jobs.contains(service.name) {
            return Vec::new();
        }
        let says = service
            .get("restart")
            .or_else(|| service.dig(&["deploy", "restart_policy", "condition"]))
            .or_else(|| service.dig(&["deploy", "restart_policy"]));
        let place = match &says {
            None => service.place(),
            Some(at) if matches!(text(at).as_deref(), Some("no" | "none" | "false")) => at.place(),
            Some(_) => return Vec::new(),
        };
        let message = format!("`{}` is not started again", service.name);
        vec![Found::new(service.name, message, place).help("add `restart: unless-stopped`")]
    })
}
