//! Fields that `docker stack deploy` refuses.

use crate::compose::Why;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "refused-by-stack",
    severity: Severity::Error,
    title: "`docker stack deploy` accepts the file",
    why: "`docker stack deploy` has a loader of its own, which refuses much that Compose accepts, and then deploys nothing of the file.",
    origin: "docker/cli, the schema of version 3 and `ForbiddenProperties`",
    bad: service!("mem_limit: 128m"),
    good: service!("deploy: { resources: { limits: { memory: 128m } } }"),
    check: Check::File(check),
    only: Some(Engine::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let unfit = deployed.file.unfit_for_stacks().into_iter();
    let refused = unfit.filter_map(|one| {
        let (message, place, label) = match one.why {
            Why::Dropped(_) => return None,
            Why::Refused(instead) => {
                let message = format!("a stack cannot have `{}`", one.path);
                (message, one.at.key_place(), instead)
            }
            Why::Form(is, expected) => {
                let message = format!("a stack cannot have `{}` as {is}", one.path);
                (message, one.at.place(), expected)
            }
        };
        let found = Found::new(one.service.unwrap_or(&one.path), message, place).label(label);
        Some(match one.service {
            Some(name) => found.service(name),
            None => found,
        })
    });
    let brought_in = deployed.file.brought_in().map(|(key, place)| {
        let instead = match key {
            "include" => "name each file with `docker stack deploy -c`",
            _ => "write all of the service here, or share it with a YAML anchor",
        };
        Found::new(key, format!("a stack cannot have `{key}`"), place).label(instead)
    });
    let found = refused.chain(brought_in);
    found.map(|found| found.belonging(deployed)).collect()
}
