//! What promotion into an environment with real upstreams requires.

use crate::promote;
use crate::rules::prelude::*;
use crate::spec::{Catalog, Requirement};

pub(super) static RULE: Rule = Rule {
    code: "guarded-release",
    severity: Severity::Error,
    title: "An environment that uses a real upstream requires a rehearsal, an approval and a journal entry",
    why: "After an incident, the first questions are what changed and who approved it.",
    bad: spec!("prod.yaml", "promotion: { requires: [approval] }\n"),
    good: spec!(
        "prod.yaml",
        "promotion: { requires: [approval, journal] }\n"
    ),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let Some((name, upstream)) = environment.real_upstreams().next() else {
            continue;
        };
        let live = upstream.level.place.clone();
        let why = format!("it uses the real `{name}`");
        let Some(promotion) = &environment.promotion else {
            if !catalog.is_strict() {
                continue;
            }
            let message = format!(
                "`{}` does not say what may be promoted into it",
                environment.name
            );
            found.push(
                Found::new("promotion", message, &environment.place)
                    .label("expected a `promotion` field")
                    .help("add `promotion: { from: release-candidate, requires: [approval, journal] }`")
                    .related(live, why)
                    .of(environment),
            );
            continue;
        };
        if let Some(demand) = promotion.demand(Requirement::Journal)
            && promote::stages_before(catalog, environment)
                .next()
                .is_none()
        {
            let message = format!("no environment mirrors `{}`", environment.name);
            found.push(
                Found::new("promotion", message, &demand.place)
                    .label("this requires that a commit was in an environment that mirrors it")
                    .related(live.clone(), why.clone())
                    .help(format!(
                        "set `mirrors: {}` in the environment that it is rehearsed in",
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
            let message = format!("promotion into `{}` requires no {word}", environment.name);
            found.push(
                Found::new("promotion", message, place)
                    .label(format!("expected `{word}` in `requires`"))
                    .related(live.clone(), why.clone())
                    .of(environment),
            );
        }
    }
    found
}
