//! Retention periods.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Data, Environment};

pub(super) static RULE: Rule = Rule {
    code: "retention",
    severity: Severity::Error,
    title: "An environment with its own data declares how long it keeps it",
    why: "Without a retention period, data is kept until the disk is full, or longer than the law allows.",
    bad: spec!("prod.yaml", "retention: {}\n"),
    good: spec!("prod.yaml", "retention: { metrics: 90d }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let states_it = |environment: &Environment| !environment.retention.is_empty();
    let first = catalog.environments.iter().find(|one| states_it(one));
    let is_promised = catalog.is_strict() || first.is_some();
    for environment in &catalog.environments {
        let data = environment.data.as_ref();
        let own = data.filter(|data| data.value == Data::Own && is_promised);
        if let Some(data) = own.filter(|_| !states_it(environment)) {
            let message = format!("`{}` declares no retention", environment.name);
            let mut missing = Found::new("retention", message, &environment.place)
                .label("expected an entry under `retention`, such as `logs: 30d`")
                .related(&data.place, "it has its own data")
                .of(environment);
            let stated = first.and_then(|first| Some((first, first.retention.values().next()?)));
            if let Some((first, period)) = stated {
                let why = format!(
                    "`{}` declares it, so all with their own data do",
                    first.name
                );
                missing = missing.related(&period.place, why);
            }
            found.push(missing);
        }
        let mirrored = environment.mirrors.as_ref();
        let Some(other) = mirrored.and_then(|name| catalog.environment(&name.value)) else {
            continue;
        };
        for (whole, part) in [(environment, other), (other, environment)] {
            for (kind, period) in &whole.retention {
                if part.retention.contains_key(kind) || part.retention.is_empty() {
                    continue;
                }
                let place = part.retention.values().next();
                let place = place.map_or(part.place.clone(), |first| first.place.clone());
                let message = format!("`{}` declares no retention of {kind}", part.name);
                found.push(
                    Found::new(format!("retention.{kind}"), message, place)
                        .label(format!("expected `{kind}` beside this"))
                        .related(&period.place, format!("`{}` declares it", whole.name))
                        .of(part),
                );
            }
        }
    }
    found
}
