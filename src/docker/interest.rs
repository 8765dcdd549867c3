//! What of an engine has to do with a project.

use std::collections::{BTreeMap, BTreeSet};

use crate::state::{Container, MountKind, Network, Origin, State, Volume, image_name};
use crate::state::{is_digits, is_filled_in};

/// What a project needs of a host, so that its own things and those in their way are recognised.
#[derive(Debug, Clone, Default)]
pub struct Interest {
    /// The project's name.
    pub project: String,
    /// The names on the engine of its networks.
    pub networks: BTreeSet<String>,
    /// The names on the engine of its volumes.
    pub volumes: BTreeSet<String>,
    /// Its services and their images.
    pub services: BTreeMap<String, String>,
    /// The names of its containers, where the file names them.
    pub containers: BTreeSet<String>,
    /// The names of the variables that its services set.
    pub variables: BTreeMap<String, BTreeSet<String>>,
}

impl Interest {
    /// What an expected state needs.
    #[must_use]
    pub fn of(expected: &State) -> Self {
        let services = expected.services.values();
        Self {
            project: expected.project.clone(),
            networks: expected.networks.values().map(|n| n.name.clone()).collect(),
            volumes: expected.volumes.values().map(|v| v.name.clone()).collect(),
            services: expected
                .services
                .iter()
                .filter_map(|(name, service)| Some((name.clone(), service.image.clone()?)))
                .collect(),
            variables: expected
                .services
                .iter()
                .map(|(name, service)| {
                    let names = service.config.environment.keys();
                    (name.clone(), names.cloned().collect())
                })
                .collect(),
            containers: services
                .filter_map(|s| s.config.container_name.clone())
                .collect(),
        }
    }

    /// Whether a container's name is one that Compose would give to one of the project's.
    pub(super) fn needs_name(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.project.as_str());
        rest.is_some_and(|rest| rest.starts_with(['-', '_'])) || self.containers.contains(name)
    }

    /// Whether a container of another project could be one of this project under an old name.
    pub(super) fn resembles(&self, container: &Container) -> bool {
        let image = container
            .service
            .as_ref()
            .and_then(|name| self.services.get(name));
        image.is_some_and(|image| image_name(image) == image_name(&container.image))
    }

    /// Whether a container has variables that its service does not set.
    pub(super) fn has_more_variables(&self, container: &Container) -> bool {
        let set = container
            .service
            .as_ref()
            .and_then(|name| self.variables.get(name));
        let mut names = container.config.environment.keys();
        set.is_some_and(|set| names.any(|name| !set.contains(name) && !is_filled_in(name)))
    }

    /// Whether a network is the project's, bears a name that it needs, or is used by it.
    pub(super) fn has_network(&self, network: &Network, own: &[Container]) -> bool {
        self.networks.contains(&network.name)
            || self.owns(network.origin.as_ref())
            || own
                .iter()
                .any(|container| container.networks.contains_key(&network.name))
    }

    /// Whether a volume is the project's, bears a name that it needs, or is used by it.
    pub(super) fn has_volume(&self, volume: &Volume, own: &[Container]) -> bool {
        let is_mounted = |container: &Container| mounts(container, &volume.name);
        self.volumes.contains(&volume.name)
            || self.owns(volume.origin.as_ref())
            || (!is_digits(&volume.name) && own.iter().any(is_mounted))
    }

    /// Whether the labels of a thing name the project.
    pub(super) fn owns(&self, origin: Option<&Origin>) -> bool {
        origin.is_some_and(|origin| origin.owner() == Some(&self.project))
    }
}

/// Whether a container mounts a volume.
pub(super) fn mounts(container: &Container, volume: &str) -> bool {
    container
        .mounts
        .iter()
        .any(|mount| mount.kind == MountKind::Volume && mount.source.as_deref() == Some(volume))
}
