//! Differences of the project's containers.

use super::Explanation;
use crate::drift::cause::cause_of_difference;
use crate::drift::content::is_of_copy;
use crate::drift::difference::Difference;
use crate::drift::pair::Pair;
use crate::drift::reasons::is_restarted;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause, Code};
use crate::plan::Outcome;
use crate::state::Network;

pub(super) fn explain(difference: &Difference, pair: Pair<'_>, states: &States<'_>) -> Explanation {
    let cause = match difference.code {
        Code::ServiceStopped | Code::ServiceUnhealthy | Code::MountNewer | Code::MountContent => {
            Cause::Unknown
        }
        // A program may have written it itself.
        Code::ContainerChanged => difference.cause.unwrap_or(Cause::Unknown),
        _ => cause_of_difference(difference, pair, states),
    };
    let after_up = after_up(difference, pair, states);
    Explanation {
        cause,
        after_up,
        help: help(difference, pair, after_up, states),
    }
}

fn after_up(difference: &Difference, pair: Pair<'_>, states: &States<'_>) -> AfterUp {
    let outcome = states.plan.container(&pair.container.id);
    let replaced = match outcome {
        Outcome::Recreated | Outcome::Removed => AfterUp::Heals,
        Outcome::Unknown => AfterUp::Unknown,
        Outcome::NotRecreated => AfterUp::Fails,
        Outcome::Kept | Outcome::Fails | Outcome::Asked => AfterUp::Ignores,
    };
    match difference.code {
        // No container keeps its name and its files, whatever becomes of the new one.
        Code::MountContent | Code::ServiceRenamed => AfterUp::Ignores,
        Code::ServiceUnhealthy if !fails(outcome) => AfterUp::Ignores,
        // It was asked for and not given: asking again gives no more.
        Code::PortMissing if difference.is_refused && replaced == AfterUp::Ignores => replaced,
        // What is not running is started, whether a new one takes its place or not.
        Code::ServiceStopped => stopped(pair, outcome, states),
        Code::ConfigContent if replaced != AfterUp::Heals && !pair.container.is_running() => {
            stopped(pair, outcome, states)
        }
        // Where another service waits for the health of an unhealthy one, `up` gives up.
        Code::ServiceUnhealthy | Code::NetworkDetached if fails(outcome) => AfterUp::Fails,
        // Compose copies it whenever it starts a container, and never compares it.
        Code::ConfigContent if !is_of_copy(difference) && replaced == AfterUp::Unknown => {
            AfterUp::Ignores
        }
        _ => replaced,
    }
}

fn fails(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fails | Outcome::NotRecreated)
}

/// What `up` does about a container that is not running.
fn stopped(pair: Pair<'_>, outcome: Outcome, states: &States<'_>) -> AfterUp {
    let container = pair.container;
    if fails(outcome) {
        return AfterUp::Fails;
    }
    // What the engine refused to start may be refused again.
    if container.error.is_some() {
        return AfterUp::Unknown;
    }
    // A job that failed is run once more, and may fail once more.
    let is_failed_job = container.exit_code != Some(0)
        && container.state == "exited"
        && outcome == Outcome::Kept
        && states.index.is_job(pair.name);
    if is_failed_job {
        AfterUp::Unknown
    } else {
        AfterUp::Heals
    }
}

/// Whether all networks of a container are internal.
fn is_cut_off(pair: Pair<'_>, states: &States<'_>) -> bool {
    let networks = &pair.container.networks;
    !networks.is_empty()
        && networks.keys().all(|name| {
            let network = states.index.network(name);
            network.is_some_and(Network::is_internal)
        })
}

fn help(
    difference: &Difference,
    pair: Pair<'_>,
    after_up: AfterUp,
    states: &States<'_>,
) -> Option<String> {
    let commands = &states.context.commands;
    let container = pair.container.name.as_str();
    match difference.code {
        Code::NetworkAttached => {
            let network = difference.observed.as_str()?;
            commands.docker(&["network", "disconnect", network, container])
        }
        Code::ServiceConfig
            if difference.field.as_deref() == Some("network_mode")
                && is_restarted(pair, states) =>
        {
            commands.docker(&["restart", container])
        }
        Code::ServiceStopped if pair.container.state == "paused" => {
            commands.docker(&["unpause", container])
        }
        // It has no logs of a start that the engine refused.
        Code::ServiceStopped if pair.container.error.is_some() => {
            commands.docker(&["start", container])
        }
        Code::ServiceStopped | Code::ServiceUnhealthy | Code::MountNewer => {
            let word = match difference.code {
                Code::MountNewer => "restart",
                _ => "logs",
            };
            if states.index.containers(pair.name).len() > 1 {
                commands.compose(&[word, pair.name])
            } else {
                commands.docker(&[word, container])
            }
        }
        // The files of the host are not those of here; no command of the engine copies them.
        Code::MountContent => None,
        Code::ContainerChanged => commands.docker(&["diff", container]),
        Code::ServiceRenamed => {
            let wanted = difference.expected.as_str()?;
            // Which of two containers is to have the name only a person can say.
            let is_free = states.index.container(wanted).is_none();
            let rename = || commands.docker(&["rename", container, wanted]);
            is_free.then(rename)?
        }
        // On internal networks alone, no container can publish a port.
        Code::PortMissing if after_up == AfterUp::Ignores && is_cut_off(pair, states) => None,
        // What Compose refuses to create has to be changed in the file first.
        _ if states.plan.container(&pair.container.id) == Outcome::NotRecreated => None,
        _ if after_up == AfterUp::Heals => commands.compose(&["up", "-d", pair.name]),
        _ => commands.compose(&["up", "-d", "--force-recreate", pair.name]),
    }
}
