//! Four namespaces, disjoint between any two environments.

use std::collections::HashMap;

use super::known::Known;
use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "namespace-shared",
    severity: Severity::Error,
    title: "Two environments share no database, vector store, bucket or queue",
    why: "What one environment writes, another would read: a test in staging would be an incident in prod.",
    origin: "",
    bad: Example::Spec {
        file: "staging.yaml",
        text: "namespaces: { bucket: shop-prod }\n",
    },
    good: Example::Spec {
        file: "staging.yaml",
        text: "namespaces: { bucket: shop-staging }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let mut known: HashMap<&str, Known> = HashMap::new();
    for (at, second) in catalog.environments.iter().enumerate() {
        for (kind, b) in second.namespaces.all() {
            // Stores fold case in some places and not in others.
            let written = second.as_written(b).to_lowercase();
            let known = known.entry(kind).or_default();
            let met = known.meeting(&written);
            known.add(&written, at);
            for (first, shared) in met {
                let Some(first) = catalog.environments.get(first) else {
                    continue;
                };
                let Some((_, a)) = first.namespaces.all().into_iter().find(|(k, _)| *k == kind)
                else {
                    continue;
                };
                let message = format!(
                    "`{}` and `{}` share the {kind} `{shared}`",
                    first.name, second.name
                );
                // The one that is called like its environment is the one that is right.
                let (wrong, right, owner, other) = if shared.contains(first.name.as_str()) {
                    (b, a, second, first)
                } else {
                    (a, b, first, second)
                };
                found.push(
                    Found::new(format!("namespaces.{kind}"), message, wrong.place.clone())
                        .label("expected one of its own")
                        .related(right.place.clone(), format!("that of `{}`", other.name))
                        .of(owner)
                        .of(other),
                );
            }
        }
    }
    found
}
