//! What of an engine has to do with a project.

use std::collections::{BTreeMap, BTreeSet};

use crate::fields::{Form, SERVICE};
use crate::state::{
    CONTAINER, Container, MountKind, Network, Origin, Service, State, Volume, image_name, is_digits,
};

/// What a project needs of a host, so that its own things and those in their way are recognised.
#[derive(Debug, Clone, Default)]
pub struct ProjectScope {
    /// The project's name.
    pub project: String,
    /// The names on the engine of its networks.
    pub networks: BTreeSet<String>,
    /// The names on the engine of its volumes.
    pub volumes: BTreeSet<String>,
    /// Its services and their images; empty where the file names none.
    pub services: BTreeMap<String, String>,
    /// The names of its containers, where the file names them.
    pub containers: BTreeSet<String>,
    /// The names of others' containers whose networks, namespaces or mounts it uses.
    pub others: BTreeSet<String>,
    /// The places in the containers of its services that secrets and configs are copied to.
    pub copies: BTreeMap<String, BTreeSet<String>>,
    /// The places in the containers of its services that files of the host are bound to.
    pub binds: BTreeMap<String, BTreeSet<String>>,
    /// Those of them of which the content can be compared.
    pub comparable: BTreeMap<String, BTreeSet<String>>,
    /// The places in the containers of its services that configs are bound to, each with when its file here was changed.
    pub configs: BTreeMap<String, BTreeMap<String, String>>,
    /// What is read of containers besides.
    pub depth: Depth,
}

/// What is read of containers besides their settings, where it is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// What the files hold that are bound into them.
    pub content: Contents,
    /// What was changed in their own files.
    pub changes: bool,
}

impl ProjectScope {
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
                .map(|(name, service)| {
                    let image = service.image_in(&expected.project, name);
                    (name.clone(), image.unwrap_or_default().into_owned())
                })
                .collect(),
            copies: places(expected, |service| {
                service
                    .copies
                    .iter()
                    .map(|copied| copied.target.clone())
                    .collect()
            }),
            binds: places(expected, |service| {
                let binds = service
                    .mounts
                    .iter()
                    .filter(|mount| mount.kind == MountKind::Bind);
                binds.map(|mount| mount.target.clone()).collect()
            }),
            comparable: places(expected, |service| {
                let known = service
                    .bound
                    .iter()
                    .filter(|(_, content)| content.is_known());
                known.map(|(target, _)| target.clone()).collect()
            }),
            configs: BTreeMap::new(),
            depth: Depth::default(),
            others: services.clone().flat_map(others).collect(),
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

    /// Whether a container is one that the file names although it is not the project's.
    pub(super) fn refers_to(&self, name: &str) -> bool {
        self.others.contains(name)
    }

    /// Whether a container of another project could be one of this project under an old name.
    pub(super) fn resembles(&self, container: &Container) -> bool {
        let image = container
            .service
            .as_ref()
            .and_then(|name| self.services.get(name));
        image.is_some_and(|image| image_name(image) == image_name(&container.image))
    }

    /// Whether a container is of a service of the file.
    pub(super) fn declares(&self, container: &Container) -> bool {
        let service = container.service.as_ref();
        service.is_some_and(|name| self.services.contains_key(name))
    }

    /// Whether a config is bound to a place in a container of which the file here was changed after the container was
    /// created.
    pub(super) fn has_newer_config(&self, container: &Container, place: &str) -> bool {
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let service = container.service.as_ref();
        let modified = service.and_then(|service| self.configs.get(service)?.get(place));
        let modified = modified.and_then(|modified| time(modified));
        modified.is_some_and(|modified| time(&container.created).is_none_or(|then| then < modified))
    }

    /// Whether a network is the project's, has a name that it needs, or is used by it.
    pub(super) fn has_network(&self, network: &Network, used: &Used<'_>) -> bool {
        let id = network.origin.as_ref().map(|origin| &origin.id);
        self.networks.contains(&network.name)
            || id.is_some_and(|id| self.networks.contains(id))
            || self.owns(network.origin.as_ref())
            || used.networks.contains(&*network.name)
    }

    /// Whether a volume is the project's, has a name that it needs, or is used by it.
    pub(super) fn has_volume(&self, volume: &Volume, used: &Used<'_>) -> bool {
        self.volumes.contains(&volume.name)
            || self.owns(volume.origin.as_ref())
            || (!is_digits(&volume.name) && used.volumes.contains(&*volume.name))
    }

    /// Whether the labels of a thing name the project.
    pub(super) fn owns(&self, origin: Option<&Origin>) -> bool {
        origin.is_some_and(|origin| origin.owner() == Some(&self.project))
    }
}

/// Of which bound files the content is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Contents {
    /// Of none.
    #[default]
    None,
    /// Of those that there is something to compare with.
    Comparable,
    /// Of all, for a comparison elsewhere.
    All,
}

/// The names of the networks and volumes that the project's containers use, and of the containers of others whose
/// networks they share.
pub(super) struct Used<'a> {
    networks: BTreeSet<&'a str>,
    volumes: BTreeSet<&'a str>,
    joined: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    pub(super) fn by(own: &'a [Container], others: &'a [Container]) -> Self {
        let own = own.iter();
        let mut used = Self {
            networks: BTreeSet::new(),
            volumes: own.clone().flat_map(volumes).collect(),
            joined: own.clone().filter_map(Container::joined).collect(),
        };
        let shared = others.iter().filter(|container| used.joins(container));
        let networks = own
            .chain(shared)
            .flat_map(|container| container.networks.keys());
        used.networks = networks.map(String::as_str).collect();
        used
    }

    /// Whether a container of the project shares the network of this one.
    pub(super) fn joins(&self, container: &Container) -> bool {
        self.joined.contains(&*container.id) || self.joined.contains(&*container.name)
    }
}

/// The names of containers that a service names instead of other services.
fn others(service: &Service) -> BTreeSet<String> {
    let namespaces = SERVICE
        .iter()
        .filter(|field| field.form == Form::Namespace)
        .filter_map(|field| service.config.fields.text(field.path));
    let names = service
        .network_mode
        .as_deref()
        .into_iter()
        .chain(namespaces)
        .filter_map(|mode| mode.strip_prefix(CONTAINER))
        .map(str::to_owned);
    names.chain(service.mounts_of.iter().cloned()).collect()
}

/// Places in the containers of each service.
fn places(
    expected: &State,
    of: impl Fn(&Service) -> BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    expected
        .services
        .iter()
        .map(|(name, service)| (name.clone(), of(service)))
        .collect()
}

/// The names of the volumes that a container mounts.
pub(super) fn volumes(container: &Container) -> impl Iterator<Item = &str> {
    let mounts = container
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Volume);
    mounts.filter_map(|mount| mount.source.as_deref())
}
