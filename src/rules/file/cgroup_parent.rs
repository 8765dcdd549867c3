//! A custom parent cgroup.

use indoc::indoc;

use super::{BARE, each};
use crate::rules::equivalent::kics;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "cgroup-parent",
    severity: Severity::Warning,
    title: "A container runs in the cgroup that Docker assigns",
    why: "In another cgroup, its resource limits are those of that cgroup.",
    origin: "CIS Docker 5.25 (5.24 of older editions)",
    equivalents: &[kics("Cgroup Not Default")],
    bad: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                cgroup_parent: m-executor
        "#}]),
    good: Example::Compose(&[BARE]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.get("cgroup_parent") else {
            return Vec::new();
        };
        let message = format!("`{}` sets a parent cgroup", service.name);
        vec![Found::new(service.name, message, at.place()).label("expected no `cgroup_parent`")]
    })
}
