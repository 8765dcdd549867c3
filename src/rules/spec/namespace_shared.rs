//! Namespaces that two environments share.

use std::collections::HashMap;

use super::known::Known;
use crate::rules::prelude::*;
use crate::spec::{Catalog, Name};

pub(super) static RULE: Rule = Rule {
    code: "namespace-shared",
    severity: Severity::Error,
    title: "Two environments do not share a database, a bucket, a queue or another namespace",
    why: "One environment reads what the other writes: a test in staging becomes an incident in prod.",
    bad: spec!("staging.yaml", "namespaces: { bucket: shop-prod }\n"),
    good: spec!("staging.yaml", "namespaces: { bucket: shop-staging }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let mut known: HashMap<&Name, Known> = HashMap::new();
    for (at, second) in catalog.environments.iter().enumerate() {
        for (kind, b) in &second.namespaces {
            // Some stores ignore case, others do not.
            let written = second.as_written(b).to_lowercase();
            let known = known.entry(kind).or_default();
            let met = known.meeting(&written);
            known.add(&written, at);
            for (first, shared) in met {
                let Some(first) = catalog.environments.get(first) else {
                    continue;
                };
                let Some(a) = first.namespaces.get(kind) else {
                    continue;
                };
                let message = format!(
                    "`{}` and `{}` share the {kind} `{shared}`",
                    first.name, second.name
                );
                // The environment that the name contains is right.
                let (wrong, right, owner, other) = if shared.contains(first.name.as_str()) {
                    (b, a, second, first)
                } else {
                    (a, b, first, second)
                };
                found.push(
                    Found::new(format!("namespaces.{kind}"), message, &wrong.place)
                        .label("expected its own")
                        .related(&right.place, format!("used by `{}`", other.name))
                        .of(owner)
                        .of(other),
                );
            }
        }
    }
    found
}
