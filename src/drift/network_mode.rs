//! What the project's containers have instead of networks of the project.

use serde_json::Value;

use super::attachments::{attached, detached};
use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::names::{UNKNOWN_CONTAINER, short_id};
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;
use crate::state::{CONTAINER, SERVICE, is_default_network};

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
            let message = format!(
                "`network_mode` of service `{name}` differs: expected {SERVICE}{parent}, found {CONTAINER}{}",
                short_id(id)
            );
            Some(differs(message, not_of(parent, id)).by_hand())
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
            let message = || {
                format!(
                    "`network_mode` of service `{name}` differs: expected {}, found {}",
                    wanted.unwrap_or("not set"),
                    is.unwrap_or("not set")
                )
            };
            (!is_same).then(|| differs(message(), is.map_or(Value::Null, Value::from)))
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
    if is_restarted && own.is_running() && container.is_running() {
        Parent::Restarted(parent)
    } else {
        Parent::Own
    }
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
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, file, running, web};
    use crate::state::{Attached, Container, Service};

    #[test]
    fn a_mode_puts_a_container_on_at_most_one_network() {
        for (mode, is, networks, expected) in [
            ("bridge", None, &["bridge"][..], &[][..]),
            ("default", None, &["bridge"], &[]),
            ("bridge", None, &["bridge", "other"], &["network-attached"]),
            ("bridge", None, &[], &["network-detached"]),
            ("host", Some("host"), &["host"], &[]),
            ("host", Some("host"), &[], &[]),
            (
                "host",
                Some("host"),
                &["host", "other"],
                &["network-attached"],
            ),
            (
                "none",
                Some("none"),
                &["none", "other"],
                &["network-attached"],
            ),
            // Podman lists those of the other container.
            ("container:aa", Some("container:aa"), &["other"], &[]),
            ("host", None, &["other"], &["service-config"]),
            ("shared", None, &["shared"], &[]),
            ("shared", None, &["shared", "other"], &["network-attached"]),
            ("shared", None, &["other"], &["service-config"]),
            ("shared", Some("none"), &["none"], &["service-config"]),
        ] {
            let service = Service {
                network_mode: Some(mode.to_owned()),
                ..Service::default()
            };
            let networks = networks.iter();
            let container = Container {
                network_mode: is.map(str::to_owned),
                networks: networks
                    .map(|name| ((*name).to_owned(), Attached::default()))
                    .collect(),
                ..web()
            };
            let live = running([container]);
            let found: Vec<_> = compared(&file(service), live, &Context::default())
                .findings
                .iter()
                .map(|finding| finding.code.as_str())
                .collect();
            assert_eq!(found, expected, "{mode} {is:?}");
        }
    }
}
