//! What reaches real people is entered through a guarded door.

use crate::promote;
use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Channels, Requirement};

pub(super) static RULE: Rule = Rule {
    code: "guarded-release",
    severity: Severity::Error,
    title: "Nothing reaches the environment with live channels without a rehearsal, an approval and a journal entry",
    why: "When something breaks there, the first question is what changed, and who said that it may.",
    origin: "",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "promotion: { requires: [approval] }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "promotion: { requires: [approval, journal] }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        if environment.channels.value != Channels::Live {
            continue;
        }
        let live = environment.channels.place.clone();
        let Some(promotion) = &environment.promotion else {
            let message = format!("nothing says what may promote into `{}`", environment.name);
            found.push(
                Found::new("promotion", message, environment.place.clone())
                    .label("expected a field `promotion`")
                    .related(live, "its channels are live")
                    .of(environment),
            );
            continue;
        };
        if let Some(demand) = promotion.demand(Requirement::Journal)
            && promote::stages_before(catalog, environment)
                .next()
                .is_none()
        {
            let message = format!("`{}` has no stage before it", environment.name);
            found.push(
                Found::new("promotion", message, demand.place.clone())
                    .label("this asks that a commit was in the environment that mirrors it")
                    .related(live.clone(), "its channels are live")
                    .help(format!(
                        "say `mirrors: {}` in the environment that it is rehearsed in",
                        environment.name
                    ))
                    .of(environment),
            );
        }
        for (needed, word) in [
            (Requirement::Approval, "approval"),
            (Requirement::Journal, "journal"),
        ] {
            if promotion.demand(needed).is_some() {
                continue;
            }
            let place = promotion
                .requires
                .first()
                .map_or(&promotion.from.place, |first| &first.place);
            let message = format!("`{}` can be entered without {word}", environment.name);
            found.push(
                Found::new("promotion", message, place.clone())
                    .label(format!("expected `{word}` among what it `requires`"))
                    .related(live.clone(), "its channels are live")
                    .of(environment),
            );
        }
    }
    found
}
