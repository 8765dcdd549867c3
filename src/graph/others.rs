//! Containers and services of others that are on the networks of a host's project.

use super::build::{Builder, attachments};
use super::input::shown;
use super::model::{Members, Other, Service};
use super::overlay::OverlayKey;
use super::ports::Entry;
use crate::state::{self, Bound};

impl Builder<'_> {
    /// A container or service of others that the findings name.
    pub(super) fn foreign(&self, name: &str) -> Service {
        let overlaid = OverlayKey::foreign(name);
        let volumes = self
            .overlay
            .parts(overlaid, "mounts")
            .into_iter()
            .map(|(volume, drift)| (shown(volume), Some(drift)));
        let mut entries = self.overlay.ports(overlaid, &[]);
        let published = self.by_others.get(name).into_iter().flatten();
        for port in published.map(Bound::as_port) {
            if entries.iter().all(|entry| entry.port != port) {
                entries.push(Entry::of(port));
            }
        }
        Service {
            name: shown(name),
            foreign: true,
            replicas: 1,
            networks: self.attachments(overlaid, std::iter::empty()),
            volumes: attachments(volumes.collect()),
            ports: self.zoned(entries),
            drift: self.overlay.whole(OverlayKey::foreign(name)),
            ..Service::default()
        }
    }

    /// Who may be on a network of the file.
    pub(super) fn members(&self, network: &state::Network) -> Members {
        let mut there = self
            .observed
            .map(|state| &state.networks)
            .into_iter()
            .flat_map(|networks| networks.values());
        let there = there.find(|there| there.name == network.name);
        if self.is_stack() && there.unwrap_or(network).fields.is_on("attachable") {
            Members::Anyone
        } else if network.external {
            Members::Others
        } else {
            Members::Own
        }
    }

    /// The containers or services of others on an external network of a live host.
    pub(super) fn others(&self, network: &state::Network) -> Option<Vec<Other>> {
        let observed = self.observed.filter(|_| network.external)?;
        let other = |name: &str, project: Option<&str>| {
            let published = self
                .by_others
                .get(name)
                .into_iter()
                .flatten()
                .map(|bound| Entry::of(bound.as_port()));
            Other {
                name: shown(name),
                project: project.map(shown),
                ports: self.zoned(published.collect()),
            }
        };
        if let Some(stack) = &observed.stack {
            let sharing = stack
                .live
                .as_ref()?
                .sharing
                .as_ref()?
                .iter()
                .filter(|(_, networks)| networks.contains(&network.name));
            return Some(sharing.map(|(name, _)| other(name, None)).collect());
        }
        let others = observed
            .live
            .as_ref()?
            .foreign
            .iter()
            .filter(|one| {
                let is_on = one.networks.contains_key(&network.name);
                is_on && one.is_alive()
            })
            .map(|one| other(&one.name, one.project.as_deref()));
        Some(others.collect())
    }
}
