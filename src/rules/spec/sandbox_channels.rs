//! Live channels.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Channels};

pub(super) static RULE: Rule = Rule {
    code: "sandbox-channels",
    severity: Severity::Error,
    title: "Only one environment uses live channels, and those that mirror it use sandboxes",
    why: "A test message to a customer cannot be taken back, and a channel that staging never uses is first tried in prod.",
    bad: spec!("staging.yaml", "channels: live\n"),
    good: spec!("staging.yaml", "channels: sandbox\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let live: Vec<_> = catalog
        .environments
        .iter()
        .filter(|environment| environment.channels.value == Channels::Live)
        .collect();
    for environment in &live {
        let others = live.iter().find(|other| other.name != environment.name);
        let (place, why) = match (&environment.mirrors, others) {
            (Some(mirrored), _) => (&mirrored.place, "it mirrors this environment"),
            (None, Some(other)) if other.mirrors.is_none() && other.name < environment.name => (
                &other.channels.place,
                "this environment has the live channels",
            ),
            _ => continue,
        };
        found.push(
            Found::new(
                "channels",
                format!("`{}` sends messages to real people", environment.name),
                &environment.channels.place,
            )
            .label("expected `sandbox`")
            .related(place, why)
            .of(environment),
        );
    }
    for environment in &catalog.environments {
        let Some(mirrored) = &environment.mirrors else {
            continue;
        };
        let original = live.iter().find(|other| other.name == mirrored.value);
        if let Some(original) = original
            && environment.channels.value == Channels::None
        {
            let message = format!("`{}` does not test the channels", environment.name);
            found.push(
                Found::new("channels", message, &environment.channels.place)
                    .label("expected `sandbox`")
                    .related(&original.channels.place, "it mirrors these")
                    .of(environment),
            );
        }
    }
    found
}
