//! The data that tasks leave behind, or lose, when they are replaced or removed. Each node has volumes of its own.

use super::tasks::{Replaced, Updated};
use super::{StackDifference, StackInput};
use crate::plan::Operation;
use crate::state::StackService;

/// Adds to an update of a service what its tasks lose.
pub(super) fn of_update(
    operation: Operation,
    updated: &Updated<'_>,
    found: &[StackDifference<'_>],
    input: StackInput<'_>,
) -> Operation {
    let (wanted, is) = (updated.wanted, updated.is);
    let mut loses = Vec::new();
    let gone: Vec<&str> = named(is)
        .filter(|(_, volume)| named(wanted).all(|(_, other)| other != *volume))
        .map(|(_, volume)| volume)
        .collect();
    loses.extend(left_behind(&gone));
    let is_moved = found
        .iter()
        .any(|one| one.field() == Some("deploy.placement.constraints"));
    if updated.replaced != Replaced::No && (is_moved || may_move(wanted, input)) {
        let kept: Vec<&str> = named(wanted)
            .filter(|(target, volume)| {
                is_local(wanted, target) && named(is).any(|(_, other)| other == *volume)
            })
            .map(|(_, volume)| volume)
            .collect();
        if !kept.is_empty() {
            loses.push(format!(
                "a task may start on another node, which has {} of its own: the data stays on the node where it is now",
                volumes(&kept)
            ));
        }
    }
    let has_fewer = updated.replaced != Replaced::No || updated.shrinks();
    let lost = anonymous(is).filter(|_| has_fewer && updated.running > 0);
    add(operation, loses, lost)
}

/// Adds to the removal of a service what its tasks lose.
pub(super) fn of_removal(operation: Operation, is: &StackService) -> Operation {
    let names: Vec<&str> = named(is).map(|(_, volume)| volume).collect();
    add(
        operation,
        left_behind(&names).into_iter().collect(),
        anonymous(is),
    )
}

fn add(operation: Operation, mut loses: Vec<String>, lost: Option<String>) -> Operation {
    let is_destructive = lost.is_some();
    loses.extend(lost);
    let text = loses.join("; ");
    if is_destructive {
        operation.destroys(text)
    } else {
        operation.loses((!text.is_empty()).then_some(text))
    }
}

fn left_behind(names: &[&str]) -> Option<String> {
    let data = || format!("the data in {} is left behind on its nodes", volumes(names));
    (!names.is_empty()).then(data)
}

/// The anonymous volumes of a service: a node removes them together with the container of a task (moby,
/// `daemon/cluster/executor/container/adapter.go`: `remove`).
fn anonymous(service: &StackService) -> Option<String> {
    let targets: Vec<String> = sources(service)
        .filter(|(_, source)| *source == "volume")
        .map(|(target, _)| format!("`{target}`"))
        .collect();
    (!targets.is_empty()).then(|| {
        format!(
            "what its tasks wrote to anonymous volumes ({}), which are removed with them",
            targets.join(", ")
        )
    })
}

/// Whether a new task may start on another node than the old one.
fn may_move(service: &StackService, input: StackInput<'_>) -> bool {
    let constraints = service.fields.list("deploy.placement.constraints");
    let live = input.deployed.live.as_ref();
    let nodes = live.map_or(0, |live| live.nodes_for(constraints).count());
    nodes > 1 && !service.is_global()
}

/// Whether a volume is a folder of the node.
fn is_local(service: &StackService, target: &str) -> bool {
    let mut options = service
        .fields
        .map("volumes")
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(target)?, value)));
    !options.any(|(option, value)| {
        let is_other = || {
            value
                .as_ref()
                .is_some_and(|value| value.revealed() != "local")
        };
        option.starts_with(",driver_opts.") || option == ",driver" && is_other()
    })
}

/// What a service mounts, by target.
fn sources(service: &StackService) -> impl Iterator<Item = (&str, &str)> {
    let mounts = service
        .fields
        .map("volumes")
        .iter()
        .filter(|(name, _)| !name.contains(','));
    mounts.filter_map(|(target, source)| Some((target.as_str(), source.as_ref()?.revealed())))
}

/// Its named volumes, by target.
fn named(service: &StackService) -> impl Iterator<Item = (&str, &str)> {
    sources(service).filter_map(|(target, source)| Some((target, source.strip_prefix("volume ")?)))
}

fn volumes(names: &[&str]) -> String {
    let word = if names.len() == 1 {
        "volume"
    } else {
        "volumes"
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{word} {}", names.join(", "))
}
