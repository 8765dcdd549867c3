//! What only mirrors an environment reaches nobody real.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Channels};

pub(super) static RULE: Rule = Rule {
    code: "sandbox-channels",
    severity: Severity::Error,
    title: "Real channels are one environment's, and what mirrors it uses their sandboxes",
    why: "A test message that reaches a customer cannot be taken back, and what was never sent in a rehearsal is sent for the first time in earnest.",
    origin: "",
    bad: Example::Spec {
        file: "staging.yaml",
        text: "channels: live\n",
    },
    good: Example::Spec {
        file: "staging.yaml",
        text: "channels: sandbox\n",
    },
    check: Check::Spec(check),
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
            (Some(mirrored), _) => (mirrored.place.clone(), "it only mirrors this one"),
            (None, Some(other)) if other.mirrors.is_none() && other.name < environment.name => {
                (other.channels.place.clone(), "they are this environment's")
            }
            _ => continue,
        };
        found.push(
            Found::new(
                "channels",
                format!("`{}` writes to real people", environment.name),
                environment.channels.place.clone(),
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
            let message = format!("`{}` tries none of the channels", environment.name);
            found.push(
                Found::new("channels", message, environment.channels.place.clone())
                    .label("expected `sandbox`")
                    .related(original.channels.place.clone(), "it mirrors these")
                    .of(environment),
            );
        }
    }
    found
}
