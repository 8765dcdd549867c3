//! Whether `docker compose up -d` recreates a container.

use super::cause::{cause, recreation};
use crate::drift::attachments::is_of_a_gone_network;
use crate::drift::mounts::has_lost_a_volume;
use crate::drift::network_mode::{Parent, parent};
use crate::drift::pair::Pair;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause};
use crate::state::Network;

/// Why a container differs from its service, where it does, and what `up` does about that.
#[derive(Debug, Clone, Copy)]
pub(in crate::drift) struct Fate {
    pub(in crate::drift) cause: Cause,
    /// What `up` does about a difference that only a new container fixes.
    pub(super) after_up: AfterUp,
    /// Whether `up` is sure to recreate it, whatever the difference is.
    pub(super) is_recreated: bool,
    /// Whether all of its networks are internal.
    pub(super) is_cut_off: bool,
    /// Whether it knows a network by an old ID, and so cannot be started any more.
    pub(super) is_on_a_gone_network: bool,
}

/// What happens to a container.
pub(in crate::drift) fn fate(pair: Pair<'_>, states: &States<'_>) -> Fate {
    let (service, container) = (&pair.service.config, pair.container);
    let now = service.definition.as_deref();
    let then = container.config.definition.as_deref();
    let cause = cause(now, then, &container.created, states.context);
    let is_recreated = is_recreated(pair, states);
    let after_up = if is_recreated {
        AfterUp::Heals
    } else {
        recreation(cause)
    };
    Fate {
        cause,
        after_up,
        is_recreated: is_recreated || now.zip(then).is_some_and(|(now, then)| now != then),
        is_cut_off: is_cut_off(pair, states),
        is_on_a_gone_network: container
            .networks
            .iter()
            .any(|(name, attached)| is_of_a_gone_network(name, attached, states)),
    }
}

fn is_cut_off(pair: Pair<'_>, states: &States<'_>) -> bool {
    let networks = &pair.container.networks;
    !networks.is_empty()
        && networks.keys().all(|name| {
            let network = states.index.network(name);
            network.is_some_and(Network::is_internal)
        })
}

/// Whether Compose recreates a container whose definition is the same, and so fixes all of it
/// (docker/compose, `mustRecreate`).
fn is_recreated(pair: Pair<'_>, states: &States<'_>) -> bool {
    has_new_image(pair, states)
        || pair.container.is_running() && has_lost_a_network(pair, states)
        || has_lost_a_volume(pair, states)
        // Compose writes the ID of the other service's container into the definition.
        || matches!(parent(pair, states), Parent::Gone(..))
}

/// Whether the name of the image points to a different one than when Compose created the container.
fn has_new_image(pair: Pair<'_>, states: &States<'_>) -> bool {
    let image = pair.service.image_in(&states.expected.project, pair.name);
    let now = image.and_then(|image| states.live.images.get(&*image));
    let then = pair.container.image_at_creation.as_ref();
    now.zip(then).is_some_and(|(now, then)| now != then)
}

/// Whether the container is not attached to a network that it should be attached to.
fn has_lost_a_network(pair: Pair<'_>, states: &States<'_>) -> bool {
    pair.service.network_mode.is_none()
        && pair.container.network_mode.is_none()
        && pair.service.networks.keys().any(|key| {
            let network = states.expected.networks.get(key);
            !states.is_unset("networks", key, "name")
                && network
                    .is_some_and(|network| !pair.container.networks.contains_key(&network.name))
        })
}
