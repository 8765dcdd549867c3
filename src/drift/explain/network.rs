//! Differences of the project's networks.

use super::Explanation;
use crate::drift::cause::cause_of;
use crate::drift::difference::Difference;
use crate::drift::names::short_id;
use crate::drift::resource::Resource as _;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause, Code};
use crate::plan::Outcome;
use crate::state::Network;

pub(super) fn explain(difference: &Difference, states: &States<'_>) -> Option<Explanation> {
    let expected = states.expected.networks.get(&difference.resource)?;
    match difference.code {
        Code::NetworkMissing => Some(missing(expected, states)),
        Code::NetworkAmbiguous => Some(ambiguous(&difference.resource, expected, states)),
        Code::NetworkUnlabelled => Some(unlabelled(&difference.resource, expected, states)),
        Code::NetworkChanged => Some(changed(&difference.resource, expected, states)),
        _ => None,
    }
}

fn missing(expected: &Network, states: &States<'_>) -> Explanation {
    let commands = &states.context.commands;
    let (after_up, help) = if expected.external {
        let create = commands.docker(&["network", "create", &expected.name]);
        (AfterUp::Fails, create)
    } else if states.index.is_in_use(&expected.name) {
        // A container that was created on a network keeps it by its ID, and cannot start without it.
        let recreate = commands.compose(&["up", "-d", "--force-recreate"]);
        (AfterUp::Fails, recreate)
    } else {
        (AfterUp::Heals, commands.compose(&["up", "-d"]))
    };
    Explanation {
        cause: Cause::Unknown,
        after_up,
        help,
    }
}

fn ambiguous(key: &str, expected: &Network, states: &States<'_>) -> Explanation {
    let mut services = states.expected.services.iter();
    let is_blocked = services
        .any(|(name, service)| service.networks.contains_key(key) && states.plan.is_blocked(name));
    let after_up = match after_up(key, states) {
        AfterUp::Ignores if is_blocked => AfterUp::Fails,
        after_up => after_up,
    };
    // Only IDs tell them apart. What belongs to others is not to be removed.
    let project = states.expected.project.as_str();
    let others = states.index.networks(&expected.name).iter().skip(1);
    let others = others.filter(|network| {
        let is_own = network.owner().is_none_or(|owner| owner == project);
        is_own && network.stack().is_none() && !expected.external
    });
    let ids = others.filter_map(|network| network.origin.as_ref());
    let ids: Vec<&str> = ids.map(|origin| short_id(&origin.id)).collect();
    let words = [&["network", "rm"], ids.as_slice()].concat();
    let help = states.context.commands.docker(&words);
    Explanation {
        cause: Cause::OutOfBand,
        after_up,
        help: help.filter(|_| !ids.is_empty()),
    }
}

fn unlabelled(key: &str, expected: &Network, states: &States<'_>) -> Explanation {
    let commands = &states.context.commands;
    let observed = states.index.network(&expected.name);
    let has_owner =
        observed.is_some_and(|network| network.owner().is_some() || network.stack().is_some());
    // What belongs to another project, or to a stack, is not to be removed.
    let help = commands
        .compose(&["down"])
        .zip(commands.compose(&["up", "-d"]))
        .filter(|_| !has_owner)
        .zip(commands.docker(&["network", "rm", named(observed, expected, states)]))
        .map(|((down, up), remove)| format!("{down} && {remove} && {up}"));
    Explanation {
        cause: Cause::OutOfBand,
        after_up: after_up(key, states),
        help,
    }
}

/// What tells a network from others on the engine: its name, or its ID where others have that name too.
fn named<'a>(observed: Option<&'a Network>, expected: &'a Network, states: &States<'_>) -> &'a str {
    let origin = observed.and_then(|network| network.origin.as_ref());
    match origin {
        Some(origin) if states.index.networks(&expected.name).len() > 1 => short_id(&origin.id),
        _ => &expected.name,
    }
}

fn changed(key: &str, expected: &Network, states: &States<'_>) -> Explanation {
    if expected.external {
        // Only its owner can recreate it.
        return Explanation {
            cause: Cause::OutOfBand,
            after_up: AfterUp::Ignores,
            help: None,
        };
    }
    let observed = states.index.network(&expected.name);
    let cause = cause_of(expected, observed, states.context);
    let after_up = after_up(key, states);
    let commands = &states.context.commands;
    let down = commands.compose(&["down"]);
    let up = commands.compose(&["up", "-d"]);
    let help = if after_up == AfterUp::Heals {
        up
    } else {
        down.zip(up).map(|(down, up)| format!("{down} && {up}"))
    };
    Explanation {
        cause,
        after_up,
        help,
    }
}

/// What `up` would do about a network that is there.
fn after_up(key: &str, states: &States<'_>) -> AfterUp {
    match states.plan.network(key) {
        Outcome::Fails => AfterUp::Fails,
        Outcome::Recreated => AfterUp::Heals,
        Outcome::Unknown => AfterUp::Unknown,
        _ => AfterUp::Ignores,
    }
}
