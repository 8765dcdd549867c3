//! A group of processes of the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "cgroup-parent",
    severity: Severity::Warning,
    title: "A container is in the group of processes that Docker gives it",
    why: "In another group its limits are those of whoever made the group.",
    origin: "KICS `Cgroup Not Default`, CIS Docker 5.25 (5.24 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    cgroup_parent: m-executor\n",
    ]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.get("cgroup_parent") else {
            return Vec::new();
        };
        let message = format!(
            "`{}` is in a group of processes of its own choice",
            service.name
        );
        vec![Found::new(service.name, message, at.place()).label("expected none")]
    })
}
