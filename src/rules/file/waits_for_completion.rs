//! Waiting for the end of a service that is always restarted.

use super::{each, restart_condition};
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::state::COMPLETED;

pub(super) static RULE: Rule = Rule {
    code: "waits-for-completion",
    severity: Severity::Error,
    title: "A service that others wait for until it is completed is not restarted",
    why: "The engine restarts it whenever it ends, so `docker compose up` waits for its end forever, and its dependents never start.",
    bad: compose! {"
        services:
          web:
            image: a:1
            depends_on: { migrate: { condition: service_completed_successfully } }
          migrate: { image: a:1, restart: always }
    "},
    good: compose! {"
        services:
          web:
            image: a:1
            depends_on: { migrate: { condition: service_completed_successfully } }
          migrate: { image: a:1, restart: on-failure }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let needs = service.needs();
        let for_end = needs.filter(|need| need.condition == COMPLETED);
        let found = for_end.filter_map(|need| {
            let policy = restarted(deployed.file.service(need.name)?)?;
            let message = format!("`{}` waits for `{}` forever", service.name, need.name);
            Some(
                Found::new(service.name, message, need.at.key_place())
                    .label("it waits until this is completed")
                    .related(policy.place(), "the engine always restarts it"),
            )
        });
        found.collect::<Vec<_>>()
    })
}

/// The policy that restarts a service after it completed.
fn restarted(service: Service<'_>) -> Option<At<'_>> {
    let policy = restart_condition(service).filter(At::is_known)?;
    let text = policy.text()?;
    matches!(text.as_str(), "always" | "unless-stopped" | "any").then_some(policy)
}
