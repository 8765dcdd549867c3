//! What `docker stack deploy` would do, as an ordered list of operations with their causes.
//!
//! The client sends the specs of all services as a whole, creates what is missing, and leaves or refuses what else is not as
//! the file says. So a plan is made of what a comparison found ([`StackDifference`]), each with its [`Fate`], from which the
//! findings of `drift` have theirs too.

mod data;
mod fate;
mod options;
mod ports;
mod room;
mod sent;
mod services;
mod tasks;
#[cfg(test)]
mod tests;

pub use fate::{Effect, Fate, StackDifference};
pub use options::{DeployOptions, ResolveImage};
pub use ports::{Fails, PortConflict, port_conflicts};

use std::collections::BTreeSet;

use room::Room;

use crate::finding::{AfterUp, Code, ResourceKind, Severity};
use crate::plan::{Action, Downtime, Operation, Plan, Rule};
use crate::state::{DeployStep, Stack, State, why_unset};

/// The stack that a plan leads to, the one that the swarm has, and the states around them.
#[derive(Debug, Clone, Copy)]
pub struct StackInput<'a> {
    /// What the file asks for.
    pub expected: &'a State,
    /// The stack of the file.
    pub declared: &'a Stack,
    /// The stack that the swarm has.
    pub deployed: &'a Stack,
    /// What the comparison of the two found.
    pub found: &'a [StackDifference<'a>],
    /// The options of `docker stack deploy`.
    pub options: DeployOptions,
}

/// The plan for a stack, and what becomes of each difference.
#[must_use]
pub fn plan(input: StackInput<'_>) -> (Plan, Vec<Fate>) {
    let parts = sent::parts(input);
    let parts = parts.iter().map(sent::SentPart::difference);
    let found: Vec<StackDifference<'_>> = input.found.iter().copied().chain(parts).collect();
    let (plan, mut fates) = of_all(StackInput {
        found: &found,
        ..input
    });
    fates.truncate(input.found.len());
    (plan, fates)
}

/// The plan for everything that differs, and what becomes of each difference.
fn of_all(input: StackInput<'_>) -> (Plan, Vec<Fate>) {
    let fates = fate::fates(input);
    let mut operations = removals(input, &fates);
    for step in [
        DeployStep::File,
        DeployStep::ExternalNetworks,
        DeployStep::Networks,
        DeployStep::Secrets,
        DeployStep::Configs,
        DeployStep::Specs,
    ] {
        let both = input.found.iter().zip(&fates);
        // Those of services come after all others.
        let of_step = both.filter(|(found, fate)| fate.step == step && found.service().is_none());
        operations.extend(of_step.filter_map(|(found, fate)| of_file(found, *fate)));
    }
    let mut downtime: Vec<Downtime> = operations
        .iter()
        .filter(|one| one.action == Action::Remove)
        .map(|one| Downtime {
            service: one.resource.clone(),
            how_long: "for good: it is removed".to_owned(),
        })
        .collect();
    let room = Room::of(input);
    for (name, found) in fate::by_service(input, &fates) {
        let of_service = services::Planned::of(name, &found, input, &room);
        operations.extend(of_service.operation);
        downtime.extend(of_service.downtime);
    }
    let jobs = jobs(input, &fates, &operations);
    operations.extend(jobs);
    let plan = Plan {
        operations,
        downtime,
        unknown: unknown(input, &fates, &room),
        services: input.declared.services.keys().cloned().collect(),
        ..Plan::default()
    };
    (plan, fates)
}

/// What the tasks of a job do when its spec is sent.
const RUN_AGAIN: &str = "its tasks run once more";

/// The jobs that run again although nothing differs.
fn jobs(input: StackInput<'_>, fates: &[Fate], operations: &[Operation]) -> Vec<Operation> {
    let failed = fate::failed(fates);
    if failed.is_some_and(|failed| failed != DeployStep::Services) {
        return Vec::new();
    }
    let others: BTreeSet<&str> = operations
        .iter()
        .filter(|one| one.kind == ResourceKind::Service)
        .map(|one| one.resource.as_str())
        .collect();
    let jobs = input.declared.services.iter().filter(|(name, service)| {
        service.is_job()
            && input.deployed.services.contains_key(*name)
            && !others.contains(name.as_str())
    });
    let operation = |name: &String| {
        let cause = "every deploy runs a job again";
        let cause = match failed {
            None => cause.to_owned(),
            Some(_) => after_others(cause, ResourceKind::Service),
        };
        Operation::new(
            Action::Update,
            ResourceKind::Service,
            name,
            Rule::StackJob,
            cause,
        )
        .certain(failed.is_none())
        .tasks(RUN_AGAIN.to_owned())
    };
    jobs.map(|(name, _)| operation(name)).collect()
}

/// The services that `--prune` removes, before anything else is done.
fn removals(input: StackInput<'_>, fates: &[Fate]) -> Vec<Operation> {
    let both = input.found.iter().zip(fates);
    let removed = both.filter(|(_, fate)| fate.effect == Effect::Remove);
    let operations = removed.map(|(found, fate)| {
        // The client refuses the file before.
        if fate.after == AfterUp::Fails {
            let cause = unreached(found.message);
            return Operation::new(
                Action::Leave,
                ResourceKind::Service,
                found.resource,
                fate.rule,
                cause,
            );
        }
        let operation = Operation::new(
            Action::Remove,
            ResourceKind::Service,
            found.resource,
            fate.rule,
            found.message,
        );
        let unprefixed = || {
            input
                .deployed
                .live
                .as_ref()?
                .unprefixed_services
                .get(found.resource)
        };
        match input
            .deployed
            .services
            .get(found.resource)
            .or_else(unprefixed)
        {
            Some(is) => data::of_removal(operation, is),
            None => operation,
        }
    });
    operations.collect()
}

/// What is done about a network, a config or a secret.
fn of_file(found: &StackDifference<'_>, fate: Fate) -> Option<Operation> {
    let section = found
        .place
        .iter()
        .map(String::as_str)
        .filter(|part| *part != "stack")
        .take(1)
        .last();
    let kind = match (fate.step, section) {
        (DeployStep::Secrets, _) | (_, Some("secrets")) => ResourceKind::Secret,
        (DeployStep::Configs, _) | (_, Some("configs")) => ResourceKind::Config,
        (_, Some("networks")) => ResourceKind::Network,
        (_, Some("volumes")) => ResourceKind::Volume,
        _ => found.code.kind(),
    };
    let operation =
        |action, cause: String| Operation::new(action, kind, found.resource, fate.rule, cause);
    let message = found.message.to_owned();
    match (fate.effect, fate.after) {
        (Effect::Fail, _) => Some(operation(
            Action::Fail,
            match found.code {
                Code::ConfigContent => {
                    format!("{message}; configs and secrets cannot be changed, so use a new name")
                }
                _ => message,
            },
        )),
        (Effect::Create, AfterUp::Fails) => Some(operation(Action::Leave, unreached(&message))),
        (Effect::Create, after) => {
            let cause = match after {
                AfterUp::Unknown => after_others(&message, kind),
                _ => message,
            };
            Some(operation(Action::Create, cause).certain(after == AfterUp::Heals))
        }
        (Effect::Update | Effect::Retry, AfterUp::Fails) => {
            Some(operation(Action::Leave, unreached(&message)))
        }
        (Effect::Update, after) => {
            Some(operation(Action::Update, message).certain(after == AfterUp::Heals))
        }
        (Effect::Retry, _) => {
            let cause = format!("{message}; it fails if the content is different");
            Some(operation(Action::Update, cause).certain(false))
        }
        // Services alone depend on each other's ports.
        (Effect::Leave | Effect::Remove | Effect::MayFail, _) => None,
    }
}

/// The cause of an operation that is not reached, because the deploy fails before.
fn unreached(cause: &str) -> String {
    format!("{cause}; not reached, as `docker stack deploy` fails earlier")
}

/// The cause of an operation that may not be reached, because another one of the same step fails.
fn after_others(cause: &str, kind: ResourceKind) -> String {
    let kind = kind.as_str();
    format!("{cause}; skipped if the failing {kind} comes first, as their order is not fixed")
}

/// What is not known and may change the plan.
fn unknown(input: StackInput<'_>, fates: &[Fate], room: &Room<'_>) -> Vec<String> {
    let mut unknown = Vec::new();
    let is_reached = fate::failed(fates).is_none_or(|failed| failed == DeployStep::Services);
    let names: Vec<String> = input
        .declared
        .services
        .iter()
        .filter(|_| is_reached)
        .filter(|(name, service)| {
            let image = service.image.as_deref().unwrap_or_default();
            let is_there = input.deployed.services.contains_key(*name);
            is_there && !image.contains('@') && resolves(name, input)
        })
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if !names.is_empty() {
        unknown.push(format!(
            "whether the tags of the images of {} name the same digests as at the last deploy: no registry is asked, and \
             where one differs, the service is updated and its tasks are replaced",
            names.join(", ")
        ));
    }
    if let Some(names) = room.unsure(input, fates).filter(|_| is_reached) {
        unknown.push(format!(
            "whether nodes have room for what {names} reserve beside what other services do"
        ));
    }
    unknown.extend(unset(input.expected));
    for (name, wanted) in &input.declared.secrets {
        let is_missing = !wanted.external && !input.deployed.secrets.contains_key(name);
        if is_missing && wanted.digest.is_none() && wanted.fields.get("driver").is_none() {
            unknown.push(format!(
                "whether the file of secret `{name}` is where it is deployed: it cannot be read here, and without it `docker \
                 stack deploy` fails after it created the networks"
            ));
        }
        let is = input.deployed.secrets.get(name);
        let is_hidden = is.is_some_and(|is| is.digest.is_none());
        if is_hidden && !wanted.external {
            unknown.push(format!(
                "whether secret `{name}` has the content of the file: if not, `docker stack deploy` fails before it \
                 updates any service"
            ));
        }
    }
    for found in input.found {
        let is_running = found.severity == Severity::Notice && is_reached;
        if found.code == Code::ServiceUpdate && is_running {
            unknown.push(format!(
                "whether this finishes first: {}; the swarm may refuse another update (`update out of sequence`)",
                found.message
            ));
        }
    }
    for (found, fate) in input.found.iter().zip(fates) {
        let is_drift = found.severity != Severity::Notice;
        if found.code == Code::ServiceTasks && fate.after == AfterUp::Unknown && is_drift {
            unknown.push(format!("whether its new tasks run: {}", found.message));
        }
    }
    unknown
}

/// What depends on the shell or the machine of the deploy.
fn unset(expected: &State) -> impl Iterator<Item = String> {
    expected.unset.iter().map(|(path, variables)| {
        let then = if variables.is_empty() {
            "if it cannot be where it is deployed, `docker stack deploy` does nothing"
        } else {
            "without one where it is deployed, it is empty or not set, or `docker stack deploy` refuses the file"
        };
        format!("what `{path}` is: {}; {then}", why_unset(variables))
    })
}

/// Whether the swarm is asked to look up the digest of a service's image.
fn resolves(service: &str, input: StackInput<'_>) -> bool {
    match input.options.resolve_image {
        ResolveImage::Always => true,
        ResolveImage::Changed => !fate::keeps_image(service, input),
        ResolveImage::Never => false,
    }
}
