//! Four namespaces, disjoint between any two environments.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Environment};

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
    for (at, first) in catalog.environments.iter().enumerate() {
        for second in catalog.environments.iter().skip(at + 1) {
            for ((kind, a), (_, b)) in first
                .namespaces
                .all()
                .into_iter()
                .zip(second.namespaces.all())
            {
                // Stores fold case in some places and not in others.
                let written = |of: &Environment, name| of.as_written(name).to_lowercase();
                let Some(shared) = written(first, a).meets(&written(second, b)) else {
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
