//! What a difference of a stack means: why it is there, what `docker stack deploy` would do about it, and the command that
//! fixes it.

use super::Stacks;
use crate::drift::difference::Difference;
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::orchestrator::Orchestrator;
use crate::plan::Plan;
use crate::plan::stack::{self, Effect, StackDifference, StackInput};
use crate::redact::Sensitive;
use crate::state::{DEFINITION, StackService};

/// The findings of all differences, and what a deploy would do.
pub(super) fn explain(differences: Vec<Difference>, stacks: Stacks<'_>) -> (Vec<Finding>, Plan) {
    let found: Vec<StackDifference<'_>> = differences.iter().map(found).collect();
    let (plan, fates) = stack::plan(StackInput {
        expected: stacks.expected,
        declared: stacks.declared,
        deployed: stacks.deployed,
        found: &found,
        options: stacks.context.deploy,
    });
    let both = differences.into_iter().zip(fates);
    let findings = both.map(|(one, fate)| {
        let cause = cause(&one, stacks);
        let help = help(&one, fate.after, stacks);
        let finding = Finding {
            code: one.code,
            severity: one.severity,
            kind: one.code.kind(),
            resource: one.resource,
            container: None,
            field: one.field,
            expected: one.expected,
            observed: one.observed,
            cause,
            after_up: fate.after,
            failure: None,
            message: one.message,
            help,
            subject: one.subject,
            orchestrator: Orchestrator::Swarm,
            place: one.place,
            whole: one.whole,
        };
        (finding, fate.effect)
    });
    (fold(findings.collect(), stacks), plan)
}

/// A difference, as far as a deploy depends on it.
fn found(difference: &Difference) -> StackDifference<'_> {
    StackDifference {
        code: difference.code,
        severity: difference.severity,
        resource: &difference.resource,
        place: &difference.place,
        expected: &difference.expected,
        observed: &difference.observed,
        message: &difference.message,
        depends_on_order: difference.depends_on_order,
        step: difference.step,
    }
}

/// Why there is a difference: what was deployed from this definition was changed by hand since.
fn cause(difference: &Difference, stacks: Stacks<'_>) -> Cause {
    if let Some(cause) = difference.cause {
        return cause;
    }
    if stacks.context.is_applied {
        return Cause::Unapplied;
    }
    let [section, service, ..] = difference.place.as_slice() else {
        return Cause::Unknown;
    };
    let is = stacks
        .deployed
        .services
        .get(service)
        .filter(|_| section == "services");
    // That of the service; files that were rendered in another way have one of its containers.
    let of_service = |service: &StackService| {
        let labels = service.fields.map("deploy.labels");
        labels.get(DEFINITION).cloned().flatten()
    };
    let of_containers = |is: &StackService| is.fields.map("labels").get(DEFINITION)?.clone();
    let now = stacks.declared.services.get(service).and_then(of_service);
    let (now, then) = if now.is_some() {
        (now, is.and_then(of_service))
    } else {
        let wanted = stacks.expected.services.get(service);
        let now = wanted.and_then(|service| service.config.definition.clone());
        (now.map(Sensitive::whole), is.and_then(of_containers))
    };
    match (now, then) {
        _ if matches!(difference.code, Code::ServiceTasks | Code::ServiceUpdate) => Cause::Unknown,
        (Some(now), Some(then)) if now == then => Cause::OutOfBand,
        (Some(_), Some(_)) => Cause::Unapplied,
        _ => Cause::Unknown,
    }
}

fn help(difference: &Difference, after_up: AfterUp, stacks: Stacks<'_>) -> Option<String> {
    let commands = &stacks.context.commands;
    let project = stacks.expected.project.as_str();
    let full = stacks.full_name(&difference.resource);
    let observed = difference.observed.as_str().unwrap_or_default();
    let is_given = |section: &str, name: &str| {
        stacks
            .deployed
            .services
            .values()
            .any(|service| service.is_given(section, name))
    };
    match difference.code {
        // `--prune` knows it by its name alone.
        Code::ServiceOrphan if stacks.live.unprefixed.contains(&difference.resource) => {
            commands.docker(&["service", "rm", observed])
        }
        Code::ServiceOrphan => commands.stack(&["--prune"], project),
        // The finding is about the manager's own network.
        Code::NetworkChanged if stacks.live.local_networks.contains(&difference.resource) => {
            let is = stacks.observed.networks.get(&difference.resource);
            commands.docker(&["network", "rm", &is.map_or(full, |is| is.name.clone())])
        }
        Code::NetworkExtra => commands.docker(&["network", "rm", observed]),
        // What a service has cannot be removed.
        Code::ConfigExtra if !is_given("configs", observed) => {
            commands.docker(&["config", "rm", observed])
        }
        Code::SecretExtra if !is_given("secrets", observed) => {
            commands.docker(&["secret", "rm", observed])
        }
        Code::NodeDown => {
            let node = difference.subject.as_deref().unwrap_or_default();
            commands.docker(&["node", "inspect", "--pretty", node])
        }
        Code::ServiceTasks => commands.docker(&["service", "ps", "--no-trunc", &full]),
        Code::ServiceUpdate => commands.docker(&["service", "inspect", "--pretty", &full]),
        _ if after_up == AfterUp::Heals => commands.stack(&[], project),
        _ => None,
    }
}

/// One finding for a stack of which nothing is there.
fn fold(findings: Vec<(Finding, Effect)>, stacks: Stacks<'_>) -> Vec<Finding> {
    let project = stacks.expected.project.as_str();
    let is_own = |key: &String| {
        let networks = &stacks.expected.networks;
        networks.get(key).is_none_or(|network| !network.external)
    };
    let is_there = !stacks.deployed.services.is_empty()
        || stacks.observed.networks.keys().any(is_own)
        || stacks.declared.services.is_empty();
    if is_there {
        return findings.into_iter().map(|(finding, _)| finding).collect();
    }
    let (missing, rest): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|(_, effect)| *effect == Effect::Create);
    let any = |after| missing.iter().any(|(finding, _)| finding.after_up == after);
    // What comes after something that fails is not done.
    let after_up = [AfterUp::Fails, AfterUp::Unknown]
        .into_iter()
        .find(|after| any(*after))
        .unwrap_or(AfterUp::Heals);
    let message = format!("nothing of stack `{project}` is on the swarm");
    let missing = Finding::new(Code::ProjectMissing, Severity::Drift, project, message);
    let mut rest: Vec<Finding> = rest.into_iter().map(|(finding, _)| finding).collect();
    rest.push(Finding {
        after_up,
        orchestrator: Orchestrator::Swarm,
        help: match after_up {
            AfterUp::Heals => stacks.context.commands.stack(&[], project),
            // What makes it fail has to be fixed first.
            _ => None,
        },
        place: vec!["services".to_owned()],
        ..missing.field("project", project, serde_json::Value::Null)
    });
    rest
}
