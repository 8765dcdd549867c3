//! Placement constraints that no node meets.

use super::each;
use crate::compose::{At, unmet_constraint};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "stack-unmet-constraint",
    severity: Severity::Error,
    title: "Placement constraints name what nodes have",
    why: "A swarm takes a constraint with a key or value that no node can have, and `docker stack deploy` succeeds, but the tasks stay pending: `no suitable node (scheduling constraints not satisfied)`.",
    origin: "moby/swarmkit, `constraint.NodeMatches`; docs.docker.com/reference/cli/docker/service/create",
    bad: service!("deploy: { placement: { constraints: [node.rol == manager] } }"),
    good: service!("deploy: { placement: { constraints: [node.role == manager] } }"),
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let constraints = service
            .dig(&["deploy", "placement", "constraints"])
            .into_iter()
            .flat_map(At::texts);
        let found = constraints.filter_map(|(text, at)| {
            let one = at.is_known().then(|| unmet_constraint(&text)).flatten()?;
            let message = format!(
                "no node has `{}`, so tasks of `{}` stay pending",
                one.part, service.name
            );
            let found = Found::new(service.name, message, at.place()).label(one.expected);
            Some(found.did_you_mean(one.part, one.known.iter().copied()))
        });
        found.collect::<Vec<_>>()
    })
}
