//! Data of a service that may move to another node.

use super::stack_data::data;
use super::{deploy_mode, each};
use crate::compose::At;
use crate::rules::prelude::*;
use crate::state::Constraint;
use crate::state::DeployMode;

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
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        // One task of a global service runs on every node, each with data of its own.
        if deploy_mode(service).is_some_and(DeployMode::is_global) {
            return None;
        }
        let mut constraints = service
            .dig(&["deploy", "placement", "constraints"])
            .into_iter()
            .flat_map(At::texts);
        if constraints.any(|(text, _)| pins(&text)) {
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

/// Whether a constraint may leave one node: it names one, or a label, or the role of the manager, of which there may be only
/// one. All workers, all nodes of a platform and all nodes but one are many.
fn pins(constraint: &str) -> bool {
    let Some(constraint) = Constraint::parse(constraint) else {
        // The value of a variable is not known, and what a swarm refuses is found by another rule.
        return true;
    };
    let is_of_many = match constraint.key().as_str() {
        "node.role" => !constraint.value.eq_ignore_ascii_case("manager"),
        key => key.starts_with("node.platform."),
    };
    constraint.is_equal && !is_of_many
}

#[cfg(test)]
mod tests {
    use super::pins;

    #[test]
    fn a_constraint_pins_if_it_can_leave_one_node() {
        for text in [
            "node.labels.data == true",
            "node.hostname==db-1",
            "node.id == abc",
            "node.role == manager",
            "engine.labels.disk == ssd",
            "node.hostname == ${NODE}",
        ] {
            assert!(pins(text), "{text}");
        }
        for text in [
            "node.role == worker",
            "node.role != manager",
            "node.hostname != db-1",
            "node.platform.os == linux",
            "node.labels.data != true",
            "Node.Role==Worker",
        ] {
            assert!(!pins(text), "{text}");
        }
    }
}
