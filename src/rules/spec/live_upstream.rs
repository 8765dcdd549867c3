//! Real upstreams.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Environment, LevelKind, Name, Upstream};

pub(super) static RULE: Rule = Rule {
    code: "live-upstream",
    severity: Severity::Error,
    title: "Only one environment uses the last level of an upstream, and those that mirror it use a level for tests",
    why: "A test message to a customer cannot be taken back, and an upstream that staging never uses is first tried in prod.",
    bad: spec!("staging.yaml", "upstreams: { channels: live }\n"),
    good: spec!("staging.yaml", "upstreams: { channels: sandbox }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    catalog
        .upstreams
        .keys()
        .flat_map(|name| of_one(catalog, name))
        .collect()
}

fn of_one(catalog: &Catalog, name: &Name) -> Vec<Found> {
    let mut found = Vec::new();
    let used: Vec<(&Environment, &Upstream)> = catalog
        .environments
        .iter()
        .filter_map(|environment| Some((environment, environment.upstreams.get(name)?)))
        .collect();
    let real: Vec<&(&Environment, &Upstream)> = used
        .iter()
        .filter(|(_, upstream)| upstream.kind == LevelKind::Real)
        .collect();
    let what = format!("upstreams.{name}");
    for (environment, upstream) in &real {
        let first = real.iter().find(|(other, _)| other.mirrors.is_none());
        let (place, why) = match (&environment.mirrors, first) {
            (Some(mirrored), _) => (&mirrored.place, "it mirrors this environment"),
            (None, Some((other, first))) if other.name < environment.name => {
                (&first.level.place, "this environment uses it too")
            }
            _ => continue,
        };
        found.push(
            Found::new(
                what.clone(),
                format!("`{}` uses the real `{name}`", environment.name),
                &upstream.level.place,
            )
            .label("expected a level for tests")
            .related(place, why)
            .of(environment),
        );
    }
    for (environment, upstream) in &used {
        let mirrored = environment.mirrors.as_ref();
        let original = mirrored
            .and_then(|mirrored| real.iter().find(|(other, _)| other.name == mirrored.value));
        if let Some((_, original)) = original.filter(|_| upstream.kind == LevelKind::MadeUp) {
            let message = format!("`{}` does not test `{name}`", environment.name);
            found.push(
                Found::new(what.clone(), message, &upstream.level.place)
                    .label("expected a level for tests")
                    .related(&original.level.place, "it mirrors this")
                    .of(environment),
            );
        }
    }
    found
}
