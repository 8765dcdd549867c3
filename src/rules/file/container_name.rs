//! A fixed container name.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "container-name",
    severity: Severity::Hardening,
    title: "A container has the name that Compose generates",
    why: "A container name is unique on a host, so a service with a fixed name cannot be scaled, and a second project cannot start.",
    equivalents: &[dclint("service-container-name-regex")],
    bad: service!("container_name: web"),
    good: service!(),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let at = service.get("container_name")?;
        let message = format!("`{}` has a fixed container name", service.name);
        let found =
            Found::new(service.name, message, at.place()).label("expected no `container_name`");
        Some(match deployed.of {
            Some((environment, _)) if environment.per_pull_request => {
                found.per_pull_request(environment)
            }
            _ => found,
        })
    })
}
