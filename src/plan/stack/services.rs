//! What is done about a service.

use super::room::Room;
use super::tasks::{Replaced, Updated};
use super::{
    Effect, Fate, RUN_AGAIN, StackDifference, StackInput, after_others, data, tasks, unreached,
};
use crate::finding::{AfterUp, ResourceKind, Severity};
use crate::plan::{Action, Downtime, Operation, Rule};
use crate::state::StackService;
use crate::text::plural::first_of;

/// How many differences of a service are listed.
const LISTED: usize = 5;

/// The operation for a service, if there is one.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) operation: Option<Operation>,
    pub(super) downtime: Option<Downtime>,
}

impl Planned {
    pub(super) fn of(
        name: &str,
        found: &[(StackDifference<'_>, Fate)],
        input: StackInput<'_>,
        room: &Room<'_>,
    ) -> Self {
        let with = |effect: Effect| -> Vec<(StackDifference<'_>, Fate)> {
            let some = found
                .iter()
                .filter(|(_, fate)| fate.effect == effect)
                .filter(|(found, _)| found.severity != Severity::Notice);
            some.copied().collect()
        };
        let operation =
            |action, rule, cause| Operation::new(action, ResourceKind::Service, name, rule, cause);
        let fails = with(Effect::Fail);
        if let Some((_, fate)) = fails.first() {
            return Self::only(operation(Action::Fail, fate.rule, why_fails(&fails)));
        }
        let (created, updated) = (with(Effect::Create), with(Effect::Update));
        let retried = with(Effect::Retry);
        let done = [&created, &updated, &retried]
            .into_iter()
            .find(|some| !some.is_empty());
        let Some(some @ [(_, fate), ..]) = done.map(Vec::as_slice) else {
            return Self::default();
        };
        let ordered = with(Effect::MayFail);
        let messages = messages(&[&ordered, some].concat());
        let fate = *fate;
        if fate.after == AfterUp::Fails {
            return Self::only(operation(Action::Leave, fate.rule, unreached(&messages)));
        }
        let is_certain = fate.after == AfterUp::Heals;
        // How its last update ended.
        let last = retried.first().filter(|_| fate.effect != Effect::Retry);
        let cause = match last {
            Some((last, _)) => format!("{messages}; {}", last.message),
            None => messages,
        };
        let cause = match fate.effect {
            Effect::Retry => format!("{cause}; the same spec may fail again"),
            // The cause says so by itself.
            _ if is_certain || !ordered.is_empty() || last.is_some() => cause,
            _ => after_others(&cause, ResourceKind::Service),
        };
        if fate.effect == Effect::Create {
            let operation = operation(Action::Create, fate.rule, cause).certain(is_certain);
            return Self::creation(operation, input.declared.services.get(name), room);
        }
        let operation = operation(Action::Update, fate.rule, cause).certain(is_certain);
        let fields: Vec<StackDifference<'_>> = updated.iter().map(|(found, _)| *found).collect();
        Self::update(operation, name, fate.effect, &fields, input, room)
    }

    /// The operation that creates a service, with how many of its tasks no node runs.
    fn creation(operation: Operation, wanted: Option<&StackService>, room: &Room<'_>) -> Self {
        let pending = wanted.and_then(|wanted| room.pending(wanted));
        let crowded = || Some(room.crowded(wanted?, None)?.message);
        Self::only(match pending.or_else(crowded) {
            Some(pending) => operation.tasks(pending),
            None => operation,
        })
    }

    /// The operation that updates a service, with what becomes of its tasks, and how long it is down.
    fn update(
        operation: Operation,
        name: &str,
        effect: Effect,
        fields: &[StackDifference<'_>],
        input: StackInput<'_>,
        room: &Room<'_>,
    ) -> Self {
        let (Some(wanted), Some(is)) = (
            input.declared.services.get(name),
            input.deployed.services.get(name),
        ) else {
            return Self::only(operation);
        };
        let updated = Updated::of(name, wanted, is, fields, input);
        let tasks = if effect == Effect::Retry {
            "tasks that do not have the spec of the file are replaced".to_owned()
        } else if wanted.is_job() {
            RUN_AGAIN.to_owned()
        } else {
            updated.tasks()
        };
        let pending = room.pending(wanted);
        let is_replaced = updated.replaced != Replaced::No;
        let is_stuck = pending.is_some() && is_replaced;
        let crowded = updated.crowded(room).filter(|_| pending.is_none());
        let is_crowded_out = crowded.as_ref().is_some_and(|crowded| crowded.is_whole);
        let pending = pending.or(crowded.map(|crowded| crowded.message));
        let tasks = match pending.filter(|_| is_replaced || updated.grows()) {
            Some(pending) => format!("{tasks}, {pending}"),
            None => tasks,
        };
        let operation = data::of_update(operation, &updated, fields, input).tasks(tasks);
        let how_long = if is_crowded_out {
            Some(tasks::KEPT.to_owned())
        } else {
            updated.how_long(is_stuck)
        };
        Self {
            operation: Some(operation),
            downtime: how_long.map(|how_long| Downtime {
                service: name.to_owned(),
                how_long,
            }),
        }
    }

    fn only(operation: Operation) -> Self {
        Self {
            operation: Some(operation),
            downtime: None,
        }
    }
}

/// What differs, in one sentence each.
fn messages(found: &[(StackDifference<'_>, Fate)]) -> String {
    let messages = found.iter().map(|(one, _)| one.message.to_owned());
    first_of(messages.collect(), LISTED).join("; ")
}

/// Why a service cannot be deployed.
fn why_fails(found: &[(StackDifference<'_>, Fate)]) -> String {
    let causes = found.iter().map(|(one, fate)| match fate.rule {
        Rule::StackMode => format!(
            "{}; a swarm does not change the mode of a service, so remove it first",
            one.message
        ),
        Rule::StackNetworkScope => format!(
            "{}; services cannot join a network that only the manager has",
            one.message
        ),
        _ => one.message.to_owned(),
    });
    causes.collect::<Vec<_>>().join("; ")
}
