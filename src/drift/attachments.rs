//! How the project's containers are attached to networks.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use serde_json::Value;

use super::difference::{Difference, Unchecked, UncheckedSet};
use super::names::short_id;
use super::pair::Pair;
use super::states::States;
use crate::finding::{Code, Severity};
use crate::state::{Attached, Attachment};

/// Compares the networks of a container with those of its service.
pub(super) fn attachments(
    pair: Pair<'_>,
    states: &States<'_>,
    unchecked: &mut UncheckedSet,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if states.is_unset("services", pair.name, "networks") {
        return differences;
    }
    let mut wanted = HashSet::new();
    for (key, attachment) in &pair.service.networks {
        let Some(network) = states.expected.networks.get(key) else {
            continue;
        };
        wanted.insert(network.name.as_str());
        match pair.container.networks.get(&network.name) {
            Some(attached) if !is_of_a_gone_network(&network.name, attached, states) => {
                differences.extend(aliases(pair, key, attachment, attached));
                differences.extend(addresses(
                    pair, key, attachment, attached, states, unchecked,
                ));
            }
            _ => differences.push(detached(pair, key)),
        }
    }
    let extra = pair.container.networks.keys();
    let extra = extra.filter(|name| !wanted.contains(name.as_str()));
    differences.extend(extra.map(|name| attached(pair, name, states)));
    differences
}

/// Whether a container was created on a network that was removed since and created again under the
/// same name: a container keeps a network by its ID.
pub(super) fn is_of_a_gone_network(name: &str, attached: &Attached, states: &States<'_>) -> bool {
    let network = states.index.network(name);
    let id = network
        .and_then(|network| network.origin.as_ref())
        .map_or("", |origin| &origin.id);
    let was = attached.network.as_str();
    !was.is_empty() && !id.is_empty() && id != was
}

fn detached(pair: Pair<'_>, key: &str) -> Difference {
    let name = pair.name;
    let message = format!("service `{name}` is not attached to network `{key}`");
    Difference::new(Code::NetworkDetached, name, message)
        .values("networks", key, Value::Null)
        .container(&pair.container.name)
        .at(&["services", name, "networks", key])
}

fn attached(pair: Pair<'_>, network: &str, states: &States<'_>) -> Difference {
    let found = states.index.network(network);
    let owner = found
        .and_then(|network| network.origin.as_ref())
        .and_then(|origin| origin.owner())
        .filter(|owner| *owner != states.expected.project);
    let (severity, why) = match owner {
        Some(owner) => (
            Severity::Exposure,
            format!(", which belongs to the project `{owner}`"),
        ),
        None if found.is_some_and(|network| !network.is_internal()) => {
            (Severity::Exposure, ", which is not internal".to_owned())
        }
        None => (Severity::Drift, String::new()),
    };
    let message = format!(
        "service `{}` is attached to network `{network}`{why}",
        pair.name
    );
    Difference::new(Code::NetworkAttached, pair.name, message)
        .severity(severity)
        .values("networks", Value::Null, network)
        .container(&pair.container.name)
        .at(&["services", pair.name, "networks", network])
}

fn aliases(
    pair: Pair<'_>,
    key: &str,
    wanted: &Attachment,
    attached: &Attached,
) -> Option<Difference> {
    let name = pair.name;
    // Compose gives each container the name of its service, besides those that the file lists.
    let wanted: BTreeSet<&str> = std::iter::once(name)
        .chain(wanted.aliases.iter().map(String::as_str))
        .collect();
    let known: BTreeSet<&str> = attached.aliases.iter().map(String::as_str).collect();
    let missing: Vec<String> = wanted
        .difference(&known)
        .map(|alias| format!("`{alias}`"))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!(
        "service `{name}` is missing the {} {} on network `{key}`",
        if missing.len() == 1 {
            "alias"
        } else {
            "aliases"
        },
        missing.join(", ")
    );
    // The container's own ID is one of its names on every engine.
    let own_id = short_id(&pair.container.id);
    let known: Vec<&str> = known.into_iter().filter(|alias| *alias != own_id).collect();
    Some(
        Difference::new(Code::NetworkAlias, name, message)
            .values("aliases", Vec::from_iter(wanted), known)
            .container(&pair.container.name)
            .at(&["services", name, "networks", key, "aliases"]),
    )
}

fn addresses(
    pair: Pair<'_>,
    key: &str,
    wanted: &Attachment,
    attached: &Attached,
    states: &States<'_>,
    unchecked: &mut UncheckedSet,
) -> Vec<Difference> {
    let (name, container) = (pair.name, pair.container);
    let mut differences = Vec::new();
    for (field, family, wanted, is) in [
        ("ipv4", "IPv4", &wanted.ipv4, &attached.ipv4),
        ("ipv6", "IPv6", &wanted.ipv6, &attached.ipv6),
    ] {
        let Some(wanted) = wanted.as_deref() else {
            continue;
        };
        let is_hidden = states.live.habits.hides_addresses
            && is.is_none()
            && !container.is_running()
            && attached.network.is_empty();
        if is_hidden {
            unchecked.insert(Unchecked {
                what: format!("the address of `{}` on network `{key}`", container.name),
                why: "the engine shows no address of a container that is not running".into(),
            });
        } else if Some(address(wanted)) != is.as_deref().map(address) {
            let found = is.as_deref().unwrap_or("not set");
            let message = format!(
                "{family} address of service `{name}` on network `{key}` differs: expected {wanted}, found {found}"
            );
            differences.push(
                Difference::new(Code::NetworkChanged, name, message)
                    .values(field, wanted, is.clone())
                    .container(&container.name)
                    .at(&["services", name, "networks", key, field]),
            );
        }
    }
    differences
}

/// An address, however it is written.
fn address(text: &str) -> Result<IpAddr, &str> {
    text.parse().map_err(|_| text)
}
