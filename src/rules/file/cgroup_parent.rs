//! A custom parent cgroup.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "cgroup-parent",
    severity: Severity::Hardening,
    title: "A container runs in the cgroup that Docker assigns",
    why: "In another cgroup, its resource limits are those of that cgroup.",
    origin: "CIS Docker 5.25 (5.24 of older editions)",
    equivalents: &[kics("Cgroup Not Default")],
    bad: service!("cgroup_parent: m-executor"),
    good: service!(),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let at = service.get("cgroup_parent")?;
        let message = format!("`{}` sets a parent cgroup", service.name);
        Some(Found::new(service.name, message, at.place()).label("expected no `cgroup_parent`"))
    })
}
