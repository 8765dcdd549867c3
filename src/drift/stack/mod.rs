//! Comparing a stack with what a manager of its swarm has, both ways, and what `docker stack deploy` would do about each
//! difference (docker/cli, `cli/command/stack/deploy_composefile.go`).
//!
//! A service is compared by the table of its fields, which is that of the specs that the client sends. The client sends
//! each spec as a whole, so what was changed by hand on a service is gone after the next deploy; what exists already of
//! networks, configs and secrets it leaves as it is, or fails on.

mod explain;
mod files;
mod known;
mod networks;
mod running;
mod services;
mod taken;

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::unreadable::found;
use super::{Comparison, Context, unchecked};
use crate::fields::Field;
use crate::finding::Code;
use crate::state::{
    Answered, DEFINITION, Live, STACK_LABEL, Stack, State, Swarm, Unreadable, scoped_name,
};

/// Whether it is a label that the client or composegen writes: whose a thing is, is compared as its owner.
fn is_label_of_stack(field: &Field, key: &str) -> bool {
    field.path == "labels" && (key == STACK_LABEL || key == DEFINITION)
}

/// A stack as its file declares it and as the swarm has it, with the states around them.
#[derive(Clone, Copy)]
struct Stacks<'a> {
    expected: &'a State,
    observed: &'a State,
    context: &'a Context,
    /// The stack of the file.
    declared: &'a Stack,
    /// The stack that the swarm has.
    deployed: &'a Stack,
    /// What only the live one has.
    live: &'a Swarm,
}

impl Stacks<'_> {
    /// Whether a field of the file depends on a variable without a value.
    fn is_unset(&self, section: &str, key: &str, field: &str) -> bool {
        self.has_unset(section, key, field, &['.', '['])
    }

    /// Whether all of a field does, and not only entries of it.
    fn is_unset_whole(&self, section: &str, key: &str, field: &str) -> bool {
        self.has_unset(section, key, field, &['['])
    }

    /// Whether a field does, or what is below it behind one of these characters.
    fn has_unset(&self, section: &str, key: &str, field: &str, below: &[char]) -> bool {
        let path = format!("{section}.{key}.{field}");
        let is_it = |unset: &String| {
            let rest = unset.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(below))
        };
        self.expected.unset.keys().any(is_it)
    }

    /// The message about a thing that has the name that the stack needs, and not its label.
    fn taken(&self, thing: &str, owner: Option<&str>) -> String {
        let project = &self.expected.project;
        match owner {
            Some(owner) => format!("{thing} belongs to the stack `{owner}`"),
            None => format!("{thing} exists, but has no label of the stack `{project}`"),
        }
    }

    /// Whether what cannot be read may be of the stack. Of services of others, only what they share with it matters.
    fn may_be_own(&self, one: &Unreadable) -> bool {
        one.kind != Answered::Service
            || one.name.starts_with(&self.full_name(""))
            || self.live.foreign.contains_key(&one.name)
            || self.live.unprefixed.contains(&one.name)
    }

    /// The name of a service on the swarm.
    fn full_name(&self, service: &str) -> String {
        scoped_name(&self.expected.project, service)
    }
}

/// The state of a stack.
#[derive(Clone, Copy)]
pub(super) struct StackState<'a> {
    state: &'a State,
    stack: &'a Stack,
}

impl<'a> StackState<'a> {
    /// The state, if it is that of a stack.
    pub(super) fn of(state: &'a State) -> Option<Self> {
        let stack = state.stack.as_ref()?;
        Some(Self { state, stack })
    }
}

/// Compares a stack with the live one.
pub(super) fn compare(
    expected: StackState<'_>,
    observed: StackState<'_>,
    context: &Context,
) -> Comparison {
    let nothing = Swarm::default();
    let stacks = Stacks {
        expected: expected.state,
        observed: observed.state,
        context,
        declared: expected.stack,
        deployed: observed.stack,
        live: observed.stack.live.as_ref().unwrap_or(&nothing),
    };
    let mut coverage = CoverageTracker::default();
    let mut differences = refused(stacks.declared);
    differences.extend(networks::networks(stacks, &mut coverage));
    differences.extend(files::files(stacks, &mut coverage));
    differences.extend(services::services(stacks, &mut coverage));
    differences.extend(taken::taken(stacks));
    differences.extend(running::running(stacks, &mut coverage));
    let live = stacks.observed.live.as_ref();
    let unreadable = live.map_or(&[][..], |live: &Live| &live.unreadable);
    let (own, others): (Vec<_>, Vec<_>) = unreadable.iter().partition(|one| stacks.may_be_own(one));
    for one in others {
        coverage.unchecked(
            format!(
                "`{}` of service `{}`, which is not of the stack",
                one.field, one.name
            ),
            format!(
                "it cannot be read: expected {}, found {}",
                one.expected, one.found
            ),
        );
    }
    differences.extend(own.into_iter().map(|one| {
        let mut own = stacks
            .declared
            .services
            .keys()
            .filter(|service| stacks.full_name(service) == one.name);
        // Which stack an unreadable answer is about may be what cannot be read.
        let resource = own.next().unwrap_or(&one.name);
        found(one, Some(resource.clone()), &mut coverage)
    }));
    not_listed(stacks, &mut coverage);
    unchecked::unset(stacks.expected, &mut coverage);
    let (mut findings, plan) = explain::explain(differences, stacks);
    super::sort(&mut findings);
    Comparison {
        findings,
        plan,
        coverage: coverage.coverage(),
        unchecked: coverage.into_unchecked(),
    }
}

/// What a deploy fails over in any case.
fn refused(wanted: &Stack) -> Vec<Difference> {
    let refused = wanted.refused.iter().map(|refusal| Difference {
        step: Some(refusal.step),
        place: refusal.place.clone(),
        ..Difference::new(Code::DeployRefused, &refusal.resource, &refusal.message)
    });
    refused.collect()
}

/// What a manager cannot tell.
fn not_listed(stacks: Stacks<'_>, coverage: &mut CoverageTracker) {
    if !stacks.expected.volumes.is_empty() {
        coverage.unchecked(
            "the volumes of the stack",
            "each node has its own, and a manager does not list them",
        );
    }
    for network in stacks.observed.networks.values() {
        if network.fields.is_on("attachable") {
            coverage.unchecked(
                format!(
                    "the containers that were attached to network `{}` by hand",
                    network.name
                ),
                "it is attachable, and only their nodes list them",
            );
        }
    }
    for node in &stacks.live.nodes {
        if node.state != "ready" {
            coverage.unchecked(
                format!("what runs on node `{}` ({})", node.hostname, node.id),
                format!("the node is {}", node.state),
            );
        }
    }
}

/// A difference at a field of a service.
fn at_service(difference: Difference, service: &str, field: &str) -> Difference {
    difference.at(&["services", service, field])
}
