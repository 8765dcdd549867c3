//! An update that starts the new task before the old one stops, on data that both write.

use super::stack_data::data;
use super::{deploy_mode, each};
use crate::rules::prelude::*;
use crate::state::DeployMode;

pub(super) static RULE: Rule = Rule {
    code: "stack-start-first",
    severity: Severity::Error,
    title: "An update of a single task with data stops it first",
    why: "With `order: start-first` the new task starts while the old one still runs, and two processes write to data that one expects to have alone.",
    origin: "docs.docker.com/reference/compose-file/deploy/#update_config",
    bad: compose! {"
        services:
          db:
            image: a:1
            volumes: ['data:/data']
            deploy:
              placement: { constraints: ['node.labels.data == true'] }
              update_config: { order: start-first }
        volumes: { data: {} }
    "},
    good: compose! {"
        services:
          db:
            image: a:1
            volumes: ['data:/data']
            deploy:
              placement: { constraints: ['node.labels.data == true'] }
              update_config: { order: stop-first }
        volumes: { data: {} }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let order = service.dig(&["deploy", "update_config", "order"])?;
        let replicas = service.dig(&["deploy", "replicas"]);
        let is_single = replicas.is_none_or(|at| at.text().as_deref() == Some("1"));
        if order.text().as_deref() != Some("start-first")
            || !is_single
            || deploy_mode(service) != Some(DeployMode::Replicated)
        {
            return None;
        }
        let mount = data(deployed, service).find(|mount| !mount.read_only)?;
        let message = format!(
            "an update runs two tasks of `{}` on `{}`",
            service.name, mount.target
        );
        Some(
            Found::new(service.name, message, order.place())
                .label("expected `stop-first`, which is the default")
                .related(mount.place(), "both write to this"),
        )
    })
}
