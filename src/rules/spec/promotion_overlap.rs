//! Refs that may be promoted into several environments.

use crate::promote;
use crate::rules::MAX_NAMED;
use crate::rules::prelude::*;
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "promotion-overlap",
    severity: Severity::Error,
    title: "A ref promotes into one environment",
    why: "A branch that matches two patterns would skip a stage.",
    bad: spec!("prod.yaml", "promotion: { from: main }\n"),
    good: spec!("prod.yaml", "promotion: { from: release-candidate }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let sources: Vec<_> = catalog
        .environments
        .iter()
        .filter_map(|environment| Some((environment, &environment.promotion.as_ref()?.from)))
        .collect();
    let mut found = Vec::new();
    for (at, (second, b)) in sources.iter().enumerate() {
        let others = sources.iter().take(at);
        let overlapping = others.filter(|(_, a)| promote::may_overlap(a.as_str(), b.as_str()));
        for (first, a) in overlapping.take(MAX_NAMED) {
            // The environment that requires more is the one that is too open.
            let strictness = |environment: &crate::spec::Environment| {
                environment
                    .promotion
                    .as_ref()
                    .map_or(0, |promotion| promotion.requires.len())
            };
            let (wrong, right, owner, other) = if strictness(first) > strictness(second) {
                (a, b, first, second)
            } else {
                (b, a, second, first)
            };
            let message = format!(
                "`{}` promotes into `{}` and into `{}`",
                wrong.value, owner.name, other.name
            );
            found.push(
                Found::new("promotion", message, &wrong.place)
                    .label("expected a source that matches no other environment")
                    .related(&right.place, format!("what promotes into `{}`", other.name))
                    .of(owner)
                    .of(other),
            );
        }
    }
    found
}
