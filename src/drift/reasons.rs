//! Why Compose recreates a container, whatever the plan does before.

use super::attachments::is_of_a_gone_network;
use super::cause::{cause_of_difference, has_new_hash, is_of_renamed};
use super::content::is_of_copy;
use super::difference::Difference;
use super::mounts::lost_volumes;
use super::network_mode::{Parent, parent};
use super::pair::Pair;
use super::states::States;
use crate::fields::is_profile;
use crate::finding::{Cause, Code};
use crate::plan::{DefinitionChange, Reason};
use crate::state::{CONTAINER, Container, SERVICE};
use crate::text::plural::and_more;

/// Why Compose recreates a container, whatever the plan does before.
pub(super) fn reasons(
    pair: Pair<'_>,
    differences: &[Difference],
    states: &States<'_>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (mut certain, mut uncertain) = (Vec::new(), Vec::new());
    for difference in differences {
        let Some(field) = field_of_definition(difference, pair, states) else {
            continue;
        };
        // Compose looks at what a running container is attached to and mounts, below.
        if is_of_renamed(difference, pair, states) {
            continue;
        }
        match cause_of_difference(difference, pair, states) {
            Cause::Unapplied if is_of_profile(difference) => uncertain.push(field),
            Cause::Unapplied => certain.push(field),
            Cause::Unknown => uncertain.push(field),
            Cause::OutOfBand => {}
        }
    }
    let now = pair.service.config.definition.as_deref();
    let then = pair.container.config.definition.as_deref();
    let has_new_digest = now.zip(then).is_some_and(|(now, then)| now != then);
    let is_certain = has_new_digest || has_new_hash(pair, states.context) || !certain.is_empty();
    if is_certain || !uncertain.is_empty() {
        let what = listed(if is_certain { &certain } else { &uncertain });
        reasons.push(Reason::Definition(DefinitionChange { what, is_certain }));
    }
    reasons.extend(new_image(pair, states));
    let networks = lost_networks(pair, states);
    reasons.extend(networks.map(|key| Reason::Network(key.to_owned())));
    let unseen = unseen_networks(pair, states);
    reasons.extend(unseen.map(|key| Reason::UnseenNetwork(key.to_owned())));
    let volumes = lost_volumes(pair, states).into_iter();
    reasons.extend(volumes.map(|key| Reason::Volume(key.to_owned())));
    let parents = gone_parents(pair, states);
    reasons.extend(parents.map(|parent| Reason::Namespace(parent.to_owned())));
    reasons
}

/// The field of a container's definition that a difference is of.
fn field_of_definition<'a>(
    difference: &'a Difference,
    pair: Pair<'_>,
    states: &States<'_>,
) -> Option<&'a str> {
    let field = difference.field.as_deref();
    match difference.code {
        Code::PortExtra | Code::PortChanged => Some("ports"),
        // It was asked for and not given.
        Code::PortMissing => (!difference.is_refused).then_some("ports"),
        Code::MountChanged => Some("volumes"),
        Code::NetworkAttached => Some("networks"),
        Code::NetworkDetached => {
            let container = pair.container;
            let mut networks = container.networks.iter();
            let is_gone = networks.any(|(name, is)| is_of_a_gone_network(name, is, states));
            (!is_gone).then_some("networks")
        }
        Code::NetworkAlias | Code::NetworkChanged => Some(field.unwrap_or("networks")),
        Code::ServiceImage => Some("image"),
        Code::ServiceConfig => match field {
            Some("definition") => None,
            Some("network_mode") if is_restarted(pair, states) => None,
            field => field,
        },
        // Its hash is of the place, mode and owner of a copy, and not of the content.
        Code::ConfigContent if is_of_copy(difference) => Some(field.unwrap_or("configs")),
        _ => None,
    }
}

/// Whether only a seccomp profile differs: Compose hashes its path, not its content.
fn is_of_profile(difference: &Difference) -> bool {
    let others = |value: &serde_json::Value| -> Vec<String> {
        let options = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_str);
        options
            .filter(|option| !is_profile(option))
            .map(str::to_owned)
            .collect()
    };
    difference.code == Code::ServiceConfig
        && difference.field.as_deref() == Some("security_opt")
        && others(&difference.expected) == others(&difference.observed)
}

/// Whether the container whose network one shares was restarted since, which takes the network away.
pub(super) fn is_restarted(pair: Pair<'_>, states: &States<'_>) -> bool {
    matches!(parent(pair, states), Parent::Restarted(_))
}

/// The reason that the image is, where its name points to a different one than the label that Compose gave to the container.
fn new_image(pair: Pair<'_>, states: &States<'_>) -> Option<Reason> {
    let image = pair.service.image_in(&states.expected.project, pair.name)?;
    let (name, now) = states.live.images.get_key_value(&*image)?;
    let then = pair.container.image_at_creation.as_ref()?;
    (now != then).then(|| {
        if *now == pair.container.image_id {
            Reason::ImageLabel
        } else {
            Reason::Image(name.clone())
        }
    })
}

/// The keys of the networks that a container should be attached to and is not: Compose compares IDs.
fn lost_networks<'a>(pair: Pair<'a>, states: &'a States<'a>) -> impl Iterator<Item = &'a str> {
    networks_of(pair, states)
        .filter(move |(_, name)| !is_attached(pair, name, states))
        .map(|(key, _)| key)
}

/// Whether a container is attached to a network, and not to one that has or had the same name.
fn is_attached(pair: Pair<'_>, name: &str, states: &States<'_>) -> bool {
    let attached = pair.container.networks.get(name);
    attached.is_some_and(|attached| !is_of_a_gone_network(name, attached, states))
}

/// The keys of the networks that a container is attached to as it should be, and that Compose does not find, as the engine
/// shows their names for their IDs.
fn unseen_networks<'a>(pair: Pair<'a>, states: &'a States<'a>) -> impl Iterator<Item = &'a str> {
    networks_of(pair, states)
        .filter(move |_| states.live.dialect.names_networks)
        .filter(move |(_, name)| is_attached(pair, name, states))
        .map(|(key, _)| key)
}

/// The networks that a container should be attached to, by their keys, with their names.
fn networks_of<'a>(
    pair: Pair<'a>,
    states: &'a States<'a>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    // What a container has instead of networks is not looked at (docker/compose, `pkg/compose/convergence.go`,
    // `checkExpectedNetworks`).
    let service = pair.service;
    let has_networks = service.network_mode.is_none();
    let keys = service.networks.keys().filter(move |_| has_networks);
    keys.filter_map(move |key| {
        let network = states.expected.networks.get(key)?;
        let is_known = !states.is_unset("networks", key, "name");
        is_known.then_some((key.as_str(), network.name.as_str()))
    })
}

/// The services whose containers a container shares a namespace with that they no longer have: Compose
/// writes the ID of that container into the definition.
fn gone_parents<'a>(pair: Pair<'a>, states: &States<'a>) -> impl Iterator<Item = &'a str> {
    let mut gone = Vec::new();
    if let Parent::Gone(parent, _) = parent(pair, states) {
        gone.push(parent);
    }
    for field in ["ipc", "pid"] {
        let wanted = pair.service.config.fields.text(field);
        let is = pair.container.config.fields.text(field);
        let both = wanted
            .and_then(|wanted| wanted.strip_prefix(SERVICE))
            .zip(is.and_then(|is| is.strip_prefix(CONTAINER)));
        if let Some((parent, id)) = both
            && states
                .index
                .containers(parent)
                .iter()
                .all(|one| one.id != id)
        {
            gone.push(parent);
        }
    }
    // The engine does not tell whose volumes a container took.
    let time = |container: &Container| container.created.parse::<jiff::Timestamp>().ok();
    for parent in &pair.service.mounts_from {
        let first = states.index.containers(parent).iter();
        let first = first.min_by_key(|one| &one.name);
        let is_newer = first.is_some_and(|first| time(first) > time(pair.container));
        if is_newer {
            gone.push(parent);
        }
    }
    gone.into_iter()
}

/// Fields as a list of a few.
pub(super) fn listed(fields: &[&str]) -> String {
    const SHOWN: usize = 4;
    let mut unique: Vec<&str> = Vec::new();
    for field in fields {
        if !unique.contains(field) {
            unique.push(field);
        }
    }
    if unique.is_empty() {
        return "its definition".to_owned();
    }
    let shown = unique.iter().take(SHOWN).map(|field| format!("`{field}`"));
    let shown: Vec<String> = shown.collect();
    let more = and_more(unique.len().saturating_sub(SHOWN));
    format!("{}{more}", shown.join(", "))
}
