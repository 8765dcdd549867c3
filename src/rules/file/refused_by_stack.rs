//! What `docker stack deploy` refuses.

use crate::compose::refused_by_stacks;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "refused-by-stack",
    severity: Severity::Error,
    title: "`docker stack deploy` accepts the file",
    why: "`docker stack deploy` has a loader of its own, which refuses much that Compose accepts, and then deploys nothing of the file; what the swarm refuses of a service, a network, a config or a secret ends the deploy halfway.",
    origin: "docker/cli, the schema of version 3, `ForbiddenProperties` and `convert`; moby/swarmkit, `controlapi`",
    bad: service!("mem_limit: 128m"),
    good: service!("deploy: { resources: { limits: { memory: 128m } } }"),
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let found = refused_by_stacks(&deployed.file).into_iter().map(|one| {
        let what = match &one.of {
            Some((_, name)) => name.clone(),
            None => one.path.clone(),
        };
        let service = one.service().map(str::to_owned);
        let found = Found::new(what, one.message, one.place).label(one.expected);
        match service {
            Some(name) => found.service(&name),
            None => found,
        }
    });
    found.map(|found| found.belonging(deployed)).collect()
}
