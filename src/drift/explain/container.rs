//! Differences of the project's containers.

use serde_json::Value;

use super::Explanation;
use super::cause::is_newer;
use super::recreate::Fate;
use crate::drift::difference::Difference;
use crate::drift::network_mode::{Parent, parent};
use crate::drift::pair::Pair;
use crate::drift::states::States;
use crate::fields::is_profile;
use crate::finding::{AfterUp, Cause, Code};
use crate::redact::HIDDEN;
use crate::state::{Port, PortRange};

pub(super) fn explain(
    difference: &Difference,
    pair: Pair<'_>,
    fate: Fate,
    states: &States<'_>,
) -> Explanation {
    let fate = by_variables(difference, pair, fate, states);
    let cause = match difference.code {
        Code::ServiceStopped | Code::ServiceUnhealthy | Code::MountNewer | Code::MountContent => {
            Cause::Unknown
        }
        // A program may have written it itself.
        Code::ContainerChanged => difference.cause.unwrap_or(Cause::Unknown),
        _ => difference.cause.unwrap_or(fate.cause),
    };
    let after_up = after_up(difference, pair, fate, states);
    Explanation {
        cause,
        after_up,
        help: help(difference, pair, fate, after_up, states),
    }
}

/// A value that comes from a variable, or from a file of variables that is younger than the
/// container, was changed without a change of the definition; Compose, whose hash is of the values,
/// detects it.
fn by_variables(difference: &Difference, pair: Pair<'_>, fate: Fate, states: &States<'_>) -> Fate {
    let field = match difference.code {
        Code::PortExtra | Code::PortChanged | Code::PortMissing => "ports",
        Code::NetworkAlias | Code::NetworkChanged | Code::ServiceConfig | Code::ServiceImage => {
            difference.field.as_deref().unwrap_or_default()
        }
        Code::ConfigContent if is_from_variable(difference, states) => {
            return Fate {
                cause: Cause::Unapplied,
                ..fate
            };
        }
        _ => return fate,
    };
    let modified = states.context.variables_modified.as_deref();
    let is_of_file = field.starts_with("environment.")
        && is_newer(modified, &pair.container.created) == Some(true);
    if is_of_file || states.is_from_variable(pair.name, field) {
        return Fate {
            cause: Cause::Unapplied,
            after_up: AfterUp::Heals,
            ..fate
        };
    }
    fate
}

fn after_up(difference: &Difference, pair: Pair<'_>, fate: Fate, states: &States<'_>) -> AfterUp {
    let is_fixed = fate.after_up == AfterUp::Heals;
    match difference.code {
        Code::NetworkDetached if is_fixed => AfterUp::Heals,
        Code::NetworkDetached if fate.is_on_a_gone_network => AfterUp::Fails,
        // It was asked for and not given: asking again gives no more.
        Code::PortMissing if !is_fixed && difference.is_refused => AfterUp::Ignores,
        Code::ServiceConfig if difference.field.as_deref() == Some("definition") => AfterUp::Heals,
        Code::ServiceConfig if is_restarted(difference, pair, states) => AfterUp::Ignores,
        // Compose's hash is of the path of a profile, not of what is in the file.
        Code::ServiceConfig if is_fixed && !fate.is_recreated && is_of_profile(difference) => {
            AfterUp::Unknown
        }
        // Where another service waits for the health of an unhealthy one, `up` gives up.
        Code::ServiceUnhealthy
            if difference.field.as_deref() == Some("health")
                && states.index.is_waited_for(pair.name, "service_healthy") =>
        {
            AfterUp::Fails
        }
        // Compose copies it whenever it starts a container, and never compares it.
        Code::ConfigContent | Code::MountNewer | Code::ContainerChanged if fate.is_recreated => {
            AfterUp::Heals
        }
        // Its hash is of the place, mode and owner of the copy, and not of the content.
        Code::ConfigContent if fate.cause == Cause::Unapplied && is_of_copy(difference) => {
            fate.after_up
        }
        Code::ConfigContent if pair.container.is_running() => AfterUp::Ignores,
        Code::ServiceStopped | Code::ConfigContent => stopped(pair, fate, states),
        Code::NetworkDetached
        | Code::MountNewer
        | Code::MountContent
        | Code::ContainerChanged
        | Code::ServiceUnhealthy
        | Code::ServiceRenamed => AfterUp::Ignores,
        _ => fate.after_up,
    }
}

/// Whether the copy of a config or secret is missing or has a different mode or owner.
fn is_of_copy(difference: &Difference) -> bool {
    difference.observed.is_null() || difference.expected != HIDDEN
}

/// Whether only a seccomp profile differs.
fn is_of_profile(difference: &Difference) -> bool {
    let others = |value: &Value| -> Vec<String> {
        let options = value.as_array().into_iter().flatten();
        let options = options.filter_map(Value::as_str);
        let others = options.filter(|option| !is_profile(option));
        others.map(str::to_owned).collect()
    };
    difference.field.as_deref() == Some("security_opt")
        && others(&difference.expected) == others(&difference.observed)
}

/// What `up` does about a container that is not running.
fn stopped(pair: Pair<'_>, fate: Fate, states: &States<'_>) -> AfterUp {
    let container = pair.container;
    let is_recreated = fate.after_up == AfterUp::Heals;
    let lacks_a_network = || {
        pair.service.networks.keys().any(|key| {
            let network = states.expected.networks.get(key);
            network.is_some_and(|network| states.index.network(&network.name).is_none())
        })
    };
    // A new container is started on the networks of now.
    let is_broken = !is_recreated && (fate.is_on_a_gone_network || lacks_a_network());
    if container.state == "paused" || is_broken || is_port_taken(pair, states) {
        return AfterUp::Fails;
    }
    // A job that failed is run once more, and may fail once more.
    let is_failed_job = container.exit_code != Some(0)
        && container.state == "exited"
        && !is_recreated
        && states.index.is_job(pair.name);
    if is_failed_job {
        AfterUp::Unknown
    } else {
        AfterUp::Heals
    }
}

/// Whether a port that a container needs is held by another container, of somebody else or of the
/// project itself: of two on one fixed port, the second cannot start.
fn is_port_taken(pair: Pair<'_>, states: &States<'_>) -> bool {
    let own = Some(pair.container.id.as_str());
    let is_held = |port: &Port, number: u16| states.index.bound.holder(port, number, own).is_some();
    pair.service.ports.iter().any(|port| {
        let range = port.published.map(PortRange::bounds);
        range.is_some_and(|(from, to)| (from..=to).all(|number| is_held(port, number)))
    })
}

fn is_restarted(difference: &Difference, pair: Pair<'_>, states: &States<'_>) -> bool {
    difference.field.as_deref() == Some("network_mode")
        && matches!(parent(pair, states), Parent::Restarted(_))
}

fn help(
    difference: &Difference,
    pair: Pair<'_>,
    fate: Fate,
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
        Code::ServiceConfig if is_restarted(difference, pair, states) => {
            commands.docker(&["restart", container])
        }
        Code::ServiceStopped if pair.container.state == "paused" => {
            commands.docker(&["unpause", container])
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
            commands.docker(&["rename", container, difference.expected.as_str()?])
        }
        // On internal networks alone, no container can publish a port.
        Code::PortMissing if after_up == AfterUp::Ignores && fate.is_cut_off => None,
        _ if after_up == AfterUp::Heals => commands.compose(&["up", "-d", pair.name]),
        _ => commands.compose(&["up", "-d", "--force-recreate", pair.name]),
    }
}

/// Whether a secret or config is made of variables.
fn is_from_variable(difference: &Difference, states: &States<'_>) -> bool {
    let field = difference.field.as_deref().unwrap_or_default();
    states.names_variable(field)
}
