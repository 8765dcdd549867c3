//! What the project's containers have instead of networks of the project.

use std::collections::BTreeSet;

use serde_json::Value;

use super::attachments::{attached, detached, why_exposed};
use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::names::{UNKNOWN_CONTAINER, mode_in_file, short_id};
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;
use crate::state::{CONTAINER, Container, SERVICE, Service, is_default_network};

/// Whether a service or its container has something else instead of networks.
pub(super) fn is_used(pair: Pair<'_>) -> bool {
    pair.service.network_mode.is_some() || pair.container.network_mode.is_some()
}

/// Compares what a container has instead of networks, and finds the networks that it is attached to
/// all the same.
pub(super) fn network_mode(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    if states.is_unset("services", pair.name, "network_mode") {
        return Vec::new();
    }
    match mode(pair, states, coverage) {
        Some(difference) => vec![difference],
        None => on_networks(pair, states),
    }
}

/// Whether a container with the mode of its service is on other networks than that puts it on. One in
/// the network of another container is never attached to any.
fn on_networks(pair: Pair<'_>, states: &States<'_>) -> Vec<Difference> {
    let own = match pair.service.network_mode.as_deref() {
        Some(mode) if is_default_network(mode) => states.live.dialect.default_network,
        Some(mode @ ("host" | "none")) => mode,
        Some(mode) if is_on_network(pair, mode) => mode,
        _ => return Vec::new(),
    };
    let networks = &pair.container.networks;
    let others = networks.keys().filter(|network| *network != own);
    let mut differences: Vec<_> = others
        .map(|network| attached(pair, network, states))
        .collect();
    // Some engines list no network of the host.
    if own == states.live.dialect.default_network && !networks.contains_key(own) {
        differences.push(detached(pair, own));
    }
    differences
}

/// Compares the mode.
fn mode(pair: Pair<'_>, states: &States<'_>, coverage: &mut CoverageTracker) -> Option<Difference> {
    let (name, container) = (pair.name, pair.container);
    let wanted = pair.service.network_mode.as_deref();
    let is = container.network_mode.as_deref();
    let differs = |message: String, observed: Value| {
        Difference::new(Code::ServiceConfig, name, message)
            .values("network_mode", wanted, observed)
            .container(&container.name)
            .at(&["services", name, "network_mode"])
    };
    match parent(pair, states) {
        Parent::Own => None,
        Parent::Restarted(parent) => {
            let message = format!(
                "service `{name}` lost its network: `{parent}`, whose network it shares, was restarted"
            );
            let observed = format!("{SERVICE}{parent}, as it was before it was restarted");
            Some(differs(message, observed.into()).by_hand())
        }
        Parent::Gone(parent, id) => {
            let message = format!(
                "service `{name}` shares the network of a container that service `{parent}` no longer has"
            );
            Some(differs(message, not_of(parent, id)).by_hand())
        }
        Parent::Other(parent, id) => {
            let is = mode_in_file(&format!("{CONTAINER}{id}"), states);
            let exposure = exposure(pair, states);
            let message = format!(
                "`network_mode` of service `{name}` differs: expected {SERVICE}{parent}, found {is}{}",
                exposure.as_deref().unwrap_or_default()
            );
            let difference = differs(message, is.into()).by_hand();
            Some(difference.exposure_if(exposure.is_some()))
        }
        Parent::None => {
            let is_same = match wanted {
                // The engine's default network is not a mode of its own to the engine.
                Some(mode) if is_default_network(mode) => is.is_none(),
                Some(mode) if mode.starts_with(CONTAINER) => {
                    is_container(mode, is, states, coverage)
                }
                Some(mode) if is_on_network(pair, mode) => true,
                wanted => wanted == is,
            };
            (!is_same).then(|| {
                let is = is.map(|mode| mode_in_file(mode, states));
                let exposure = exposure(pair, states);
                let message = format!(
                    "`network_mode` of service `{name}` differs: expected {}, found {}{}",
                    wanted.unwrap_or("not set"),
                    is.as_deref().unwrap_or("not set"),
                    exposure.as_deref().unwrap_or_default()
                );
                let difference = differs(message, is.map_or(Value::Null, Value::from));
                difference.exposure_if(exposure.is_some())
            })
        }
    }
}

/// Whether a mode is the name of a network that the container is on, which is not a mode of its own to the engine either.
fn is_on_network(pair: Pair<'_>, mode: &str) -> bool {
    pair.container.network_mode.is_none() && pair.container.networks.contains_key(mode)
}

fn not_of(parent: &str, id: &str) -> Value {
    format!("{CONTAINER}{} (not of service `{parent}`)", short_id(id)).into()
}

/// Whose network a container shares whose service shares that of another service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent<'a> {
    /// One of the two shares no such network.
    None,
    /// That of the other service's container.
    Own,
    /// That of the other service's container, which was restarted since: that takes the network away.
    Restarted(&'a str),
    /// That of a container that came before the other service's container of now.
    Gone(&'a str, &'a str),
    /// That of a container that is not the other service's.
    Other(&'a str, &'a str),
}

/// Whose network a container shares.
pub(super) fn parent<'a>(pair: Pair<'a>, states: &States<'a>) -> Parent<'a> {
    let container = pair.container;
    let (Some(parent), Some(id)) = (
        with_prefix(pair.service.network_mode.as_deref(), SERVICE),
        with_prefix(container.network_mode.as_deref(), CONTAINER),
    ) else {
        return Parent::None;
    };
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let parents = states.index.containers(parent);
    let Some(own) = parents.iter().find(|one| one.id == id || one.name == id) else {
        // A container that is younger than its parent was created by hand, in the network of another.
        let created = time(&container.created);
        return if parents.iter().all(|one| time(&one.created) > created) {
            Parent::Gone(parent, id)
        } else {
            Parent::Other(parent, id)
        };
    };
    let (own_start, start) = (time(&own.started), time(&container.started));
    let is_restarted = own_start.is_some() && start.is_some() && own_start > start;
    if is_restarted && own.is_alive() && container.is_alive() {
        Parent::Restarted(parent)
    } else {
        Parent::Own
    }
}

/// What a container is connected to.
enum Reach<'a> {
    /// All that the host is connected to.
    Host,
    /// These networks, by their names on the engine.
    Networks(BTreeSet<&'a str>),
    /// What a container is connected to of which nothing is known.
    Unknown,
}

/// What else a container is connected to than its service is to be, where that exposes it. It is empty if the mode says so.
fn exposure(pair: Pair<'_>, states: &States<'_>) -> Option<String> {
    let wanted = match wanted_reach(pair.service, states) {
        Reach::Host => return None,
        Reach::Networks(wanted) => wanted,
        Reach::Unknown => BTreeSet::new(),
    };
    match reach(pair.container, states) {
        Reach::Host | Reach::Unknown => Some(String::new()),
        Reach::Networks(is) => is.difference(&wanted).find_map(|network| {
            let why = why_exposed(network, states)?;
            Some(format!("; it is on network `{network}`{why}"))
        }),
    }
}

/// What the containers of a service are to be connected to.
fn wanted_reach<'a>(mut service: &'a Service, states: &States<'a>) -> Reach<'a> {
    let expected = states.expected;
    // Services that share networks in a circle are connected to nothing.
    for _ in 0..=expected.services.len() {
        let Some(mode) = service.network_mode.as_deref() else {
            let networks = service.networks.keys();
            let names = networks.filter_map(|key| expected.networks.get(key));
            return Reach::Networks(names.map(|network| network.name.as_str()).collect());
        };
        if let Some(parent) = mode.strip_prefix(SERVICE) {
            match expected.services.get(parent) {
                Some(parent) => service = parent,
                None => return Reach::Unknown,
            }
            continue;
        }
        if let Some(name) = mode.strip_prefix(CONTAINER) {
            let parent = states.index.container(name);
            return parent.map_or(Reach::Unknown, |parent| reach(parent, states));
        }
        return match mode {
            "host" => Reach::Host,
            "none" => Reach::Networks(BTreeSet::new()),
            mode if is_default_network(mode) => {
                Reach::Networks([states.live.dialect.default_network].into())
            }
            mode => Reach::Networks([mode].into()),
        };
    }
    Reach::Unknown
}

/// What a container is connected to.
fn reach<'a>(mut container: &'a Container, states: &States<'a>) -> Reach<'a> {
    let most = states.live.containers.len() + states.live.foreign.len();
    for _ in 0..=most {
        return match container.network_mode.as_deref() {
            Some("host") => Reach::Host,
            Some("none") => Reach::Networks(BTreeSet::new()),
            // Podman lists the networks of the container whose network is shared; Docker does not.
            Some(_) if container.networks.is_empty() => {
                let parent = container.joined().and_then(|id| states.index.container(id));
                let Some(parent) = parent else {
                    return Reach::Unknown;
                };
                container = parent;
                continue;
            }
            _ if container.networks.contains_key("host") => Reach::Host,
            _ => Reach::Networks(container.networks.keys().map(String::as_str).collect()),
        };
    }
    Reach::Unknown
}

fn with_prefix<'a>(mode: Option<&'a str>, prefix: &str) -> Option<&'a str> {
    mode?.strip_prefix(prefix)
}

/// Whether `container:NAME` is the `container:ID` of the engine.
fn is_container(
    wanted: &str,
    is: Option<&str>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> bool {
    let name = wanted.strip_prefix(CONTAINER).unwrap_or_default();
    let Some(id) = with_prefix(is, CONTAINER) else {
        return false;
    };
    states.index.is_named(id, name).unwrap_or_else(|| {
        coverage.unchecked(
            format!("whether `{}` is the container `{name}`", short_id(id)),
            UNKNOWN_CONTAINER,
        );
        true
    })
}

#[cfg(test)]
mod tests;
