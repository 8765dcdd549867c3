//! Differences of the project as a whole, leftovers, and containers of others.

use super::Explanation;
use crate::drift::difference::Difference;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause, Code, Severity};
use crate::plan::Outcome;
use crate::state::Container;

pub(super) fn explain(difference: &Difference, states: &States<'_>) -> Explanation {
    let after_up = match difference.code {
        // The containers of the old project stay.
        Code::ProjectMoved if !states.plan.fails() => AfterUp::Ignores,
        Code::ProjectMoved | Code::NameTaken | Code::PortTaken => AfterUp::Fails,
        Code::ServiceMissing | Code::ServiceReplicas => AfterUp::Heals,
        Code::AnswerUnreadable => AfterUp::Unknown,
        Code::ServiceOrphan | Code::ServiceOneoff if is_removed(difference, states) => {
            AfterUp::Heals
        }
        _ => AfterUp::Ignores,
    };
    Explanation {
        cause: difference.cause.unwrap_or(Cause::Unknown),
        after_up,
        help: help(difference, states),
    }
}

/// The project's container of a difference.
fn own_container<'a>(difference: &Difference, states: &States<'a>) -> Option<&'a Container> {
    states
        .live
        .containers
        .iter()
        .find(|one| difference.container.as_ref() == Some(&one.name))
}

/// Whether `up` removes the container of a difference.
fn is_removed(difference: &Difference, states: &States<'_>) -> bool {
    let own = own_container(difference, states);
    own.is_some_and(|own| states.plan.container(&own.id) == Outcome::Removed)
}

/// Whether Compose does not list the container of a difference.
fn is_unlisted(difference: &Difference, states: &States<'_>) -> bool {
    own_container(difference, states).is_some_and(|own| own.is_unlisted)
}

/// Whether a container of others shares the network of another container.
fn is_joined(container: &str, states: &States<'_>) -> bool {
    let container = states.index.container(container);
    container.is_some_and(|container| container.joined().is_some())
}

/// Stops a container that runs, and removes one that does not.
fn remove(difference: &Difference, states: &States<'_>) -> Option<String> {
    let word = match difference.severity {
        Severity::Exposure => "stop",
        _ => "rm",
    };
    let container = difference.container.as_deref().unwrap_or_default();
    states.context.commands.docker(&[word, container])
}

fn help(difference: &Difference, states: &States<'_>) -> Option<String> {
    let commands = &states.context.commands;
    let container = difference.container.as_deref().unwrap_or_default();
    let observed = difference.observed.as_str().unwrap_or_default();
    match difference.code {
        // Without its files, `down` leaves volumes alone.
        Code::ProjectMoved => commands.docker(&["compose", "-p", observed, "down"]),
        Code::NameTaken => {
            let other = format!("{container}-old");
            commands.docker(&["rename", container, &other])
        }
        Code::PortTaken | Code::ServiceProfile => commands.docker(&["stop", container]),
        Code::PortForeign if difference.severity == Severity::Exposure => {
            commands.docker(&["stop", container])
        }
        Code::ServiceMissing | Code::ServiceReplicas => {
            commands.compose(&["up", "-d", &difference.resource])
        }
        Code::ServiceOrphan if is_unlisted(difference, states) => {
            commands.docker(&["rm", "-f", container])
        }
        Code::ServiceOrphan => commands.compose(&["up", "-d", "--remove-orphans"]),
        // The engine refuses to remove what runs.
        Code::ServiceOneoff => {
            let own = own_container(difference, states);
            let is_running = own.is_some_and(Container::is_running);
            commands.docker(&["rm", container]).filter(|_| !is_running)
        }
        // The engine attaches and detaches no container that shares the network of another one.
        Code::NetworkForeign if is_joined(container, states) => remove(difference, states),
        Code::NetworkForeign => {
            let key = difference.observed.as_str()?;
            let network = states.expected.networks.get(key)?;
            commands.docker(&["network", "disconnect", &network.name, container])
        }
        Code::VolumeForeign => remove(difference, states),
        Code::NetworkExtra => commands.docker(&["network", "rm", observed]),
        Code::VolumeExtra => {
            let remove = commands.docker(&["volume", "rm", observed])?;
            Some(format!("{remove} # deletes its data"))
        }
        _ => None,
    }
}
