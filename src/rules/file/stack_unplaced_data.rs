//! Data of a service that may move to another node.

use super::each;
use super::stack_data::{data, mode};
use crate::compose::At;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "stack-unplaced-data",
    severity: Severity::Error,
    title: "A service with data on a node stays on that node",
    why: "Volumes and folders are those of one node, so a task that the swarm starts on another one finds an empty volume, or no folder.",
    origin: "docs.docker.com/engine/swarm/services",
    bad: compose! {"
        services:
          db: { image: 'a:1', volumes: ['data:/data'] }
        volumes: { data: {} }
    "},
    good: compose! {"
        services:
          db:
            image: a:1
            volumes: ['data:/data']
            deploy: { placement: { constraints: ['node.labels.data == true'] } }
        volumes: { data: {} }
    "},
    check: Check::File(check),
    only: Some(Engine::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        // One task of a global service runs on every node, each with data of its own.
        if mode(service).starts_with("global") {
            return None;
        }
        let constraints = service.dig(&["deploy", "placement", "constraints"]);
        let mut constraints = constraints.into_iter().flat_map(At::texts);
        // A platform is one of many nodes.
        if constraints.any(|(text, _)| !text.trim_start().starts_with("node.platform.")) {
            return None;
        }
        let mount = data(deployed, service).next()?;
        let message = format!(
            "`{}` mounts `{}` and may run on any node",
            service.name, mount.target
        );
        Some(
            Found::new(service.name, message, mount.place())
                .label("this is on one node alone")
                .help("set `deploy.placement.constraints`, such as `node.labels.data == true`"),
        )
    })
}
