//! Where things of the two states are, for those who would otherwise look through all of them for each
//! service or container.

use std::collections::{HashMap, HashSet};

use super::held::Held;
use crate::state::{COMPLETED, Container, Live, Mount, MountKind, Network, State, Volume};

/// The things of two states, by what they are looked for by.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// The containers of each service, but for those of a `docker compose run`.
    of_service: HashMap<&'a str, Vec<&'a Container>>,
    /// How many containers of each service run.
    running: HashMap<&'a str, usize>,
    /// The anonymous volumes of each service's containers: the service, the place and the volume.
    anonymous: HashSet<(&'a str, &'a str, &'a str)>,
    /// The names of the project's containers and of others, each with the ID of the first.
    names: HashMap<&'a str, &'a str>,
    ids: HashMap<&'a str, &'a Container>,
    /// Containers that are not the project's, or that Compose does not list, by their names, each with its place
    /// among them.
    foreign: HashMap<&'a str, (usize, &'a Container)>,
    /// The networks that are there, by their names. Of several that have one name, the one that is most likely the
    /// project's comes first.
    networks: HashMap<&'a str, Vec<&'a Network>>,
    /// The volumes that are there, by their names.
    volumes: HashMap<&'a str, &'a Volume>,
    /// The networks that the project's containers are attached to.
    in_use: HashSet<&'a str>,
    /// The networks and volumes of the file, by their names on the engine; by their keys.
    expected_networks: HashMap<&'a str, Vec<&'a str>>,
    expected_volumes: HashMap<&'a str, Vec<&'a str>>,
    /// What others of the file wait for: a service, and the condition.
    waited_for: HashSet<(&'a str, &'a str)>,
    /// The keys of the networks on which services can publish ports only if these lead out.
    publishing: HashSet<&'a str>,
    /// The keys of volumes, each with the services that mount it.
    mounted: HashMap<&'a str, Vec<&'a str>>,
    /// The ports that are bound by any container, and by those that conflict with the project's.
    pub(super) bound: Held<'a>,
    pub(super) conflicting: Held<'a>,
}

impl<'a> Index<'a> {
    pub(super) fn of(expected: &'a State, observed: &'a State, live: &'a Live) -> Self {
        let mut index = Self::default();
        for container in &live.containers {
            index.add_own(container);
        }
        let unlisted = live.containers.iter().filter(|one| one.is_unlisted);
        for (at, container) in live.foreign.iter().chain(unlisted).enumerate() {
            let known = index.foreign.entry(&container.name);
            known.or_insert((at, container));
            index.conflicting.add(container);
        }
        for container in live.containers.iter().chain(&live.foreign) {
            index.names.entry(&container.name).or_insert(&container.id);
            index.ids.insert(&container.id, container);
            index.bound.add(container);
        }
        // A container of a service that is no longer in the file conflicts as well, or that Compose does not list.
        for container in &live.containers {
            let service = container.service.as_ref();
            if container.is_unlisted
                || service.is_some_and(|service| !expected.services.contains_key(service))
            {
                index.conflicting.add(container);
            }
        }
        for network in observed.networks.values() {
            let of_name = index.networks.entry(&network.name).or_default();
            of_name.push(network);
        }
        index.sort_networks(&observed.project, live);
        for volume in observed.volumes.values() {
            index.volumes.entry(&volume.name).or_insert(volume);
        }
        for (key, network) in &expected.networks {
            let keys = index.expected_networks.entry(&network.name);
            keys.or_default().push(key);
        }
        for (key, volume) in &expected.volumes {
            let keys = index.expected_volumes.entry(&volume.name);
            keys.or_default().push(key);
        }
        for (name, service) in &expected.services {
            let needs = service.depends_on.iter();
            index
                .waited_for
                .extend(needs.map(|(need, condition)| (need.as_str(), condition.as_str())));
            let networks = || service.networks.keys().map(String::as_str);
            let leads_out = |key: &str| {
                let network = expected.networks.get(key);
                network.is_some_and(|network| !network.external && !network.is_internal())
            };
            // A network of the project that leads out is the one on which they are published.
            if !service.ports.is_empty() && !networks().any(leads_out) {
                index.publishing.extend(networks());
            }
            for mount in &service.mounts {
                if let (MountKind::Volume, Some(key)) = (mount.kind, &mount.source) {
                    index.mounted.entry(key).or_default().push(name);
                }
            }
        }
        index
    }

    /// Puts the network first that Compose takes: it looks for its labels. Without labels, that is the one that containers of
    /// the project are attached to.
    fn sort_networks(&mut self, project: &str, live: &'a Live) {
        let attached = live.containers.iter().flat_map(|one| one.networks.values());
        let attached: HashSet<&str> = attached.map(|one| one.network.as_str()).collect();
        for of_name in self.networks.values_mut().filter(|all| all.len() > 1) {
            of_name.sort_by_key(|network| {
                let origin = network.origin.as_ref();
                let is_labelled = origin.is_some_and(|origin| origin.owner() == Some(project));
                let is_attached = origin.is_some_and(|origin| attached.contains(&*origin.id));
                (!is_labelled, !is_attached)
            });
        }
    }

    fn add_own(&mut self, container: &'a Container) {
        self.in_use
            .extend(container.networks.keys().map(String::as_str));
        let Some(service) = container.service.as_deref() else {
            return;
        };
        if container.is_running() && !container.is_unlisted {
            *self.running.entry(service).or_default() += 1;
        }
        if container.serves().is_some() {
            let anonymous = container.mounts.iter().filter(|is| is.is_anonymous());
            self.anonymous.extend(anonymous.filter_map(|is| {
                let volume = is.source.as_deref()?;
                Some((service, is.target.as_str(), volume))
            }));
            self.of_service.entry(service).or_default().push(container);
        }
    }

    /// The containers of a service, but for those of a `docker compose run`.
    pub(super) fn containers(&self, service: &str) -> &[&'a Container] {
        self.of_service.get(service).map_or(&[], Vec::as_slice)
    }

    /// Whether a container of a service has an anonymous volume at the place of this one.
    pub(super) fn shares(&self, service: &str, anonymous: &Mount) -> bool {
        let volume = anonymous.source.as_deref().unwrap_or_default();
        let known = &self.anonymous;
        known.contains(&(service, anonymous.target.as_str(), volume))
    }

    /// How many containers of a service run.
    pub(super) fn running(&self, service: &str) -> usize {
        self.running.get(service).copied().unwrap_or(0)
    }

    /// The first container of others that has one of these names.
    pub(super) fn foreign_of(&self, names: &[String]) -> Option<&'a Container> {
        let found = names
            .iter()
            .filter_map(|name| self.foreign.get(name.as_str()));
        found.min_by_key(|(at, _)| *at).map(|(_, one)| *one)
    }

    /// The network of a name that is there; of several, the one that is most likely the project's.
    pub(super) fn network(&self, name: &str) -> Option<&'a Network> {
        self.networks(name).first().copied()
    }

    /// The networks of a name that are there.
    pub(super) fn networks(&self, name: &str) -> &[&'a Network] {
        self.networks.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first volume of a name that is there.
    pub(super) fn volume(&self, name: &str) -> Option<&'a Volume> {
        self.volumes.get(name).copied()
    }

    /// Whether a container of the project is attached to a network.
    pub(super) fn is_in_use(&self, network: &str) -> bool {
        self.in_use.contains(network)
    }

    /// The keys of the networks of the file that have a name on the engine.
    pub(super) fn network_keys(&self, name: &str) -> &[&'a str] {
        self.expected_networks.get(name).map_or(&[], Vec::as_slice)
    }

    /// The keys of the volumes of the file that have a name on the engine.
    pub(super) fn volume_keys(&self, name: &str) -> &[&'a str] {
        self.expected_volumes.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether others of the file wait for a service with this condition.
    pub(super) fn is_waited_for(&self, name: &str, condition: &str) -> bool {
        self.waited_for.contains(&(name, condition))
    }

    /// Whether others of the file wait for a service to end.
    pub(super) fn is_job(&self, name: &str) -> bool {
        self.is_waited_for(name, COMPLETED)
    }

    /// Whether a service can publish its ports only if a network leads out.
    pub(super) fn publishes_on(&self, network: &str) -> bool {
        self.publishing.contains(network)
    }

    /// The services that mount a volume.
    pub(super) fn mounting(&self, volume: &str) -> &[&'a str] {
        self.mounted.get(volume).map_or(&[], Vec::as_slice)
    }

    /// The container of an ID or a name among all that are known.
    pub(super) fn container(&self, id: &str) -> Option<&'a Container> {
        let of_name = || self.names.get(id).and_then(|id| self.ids.get(id));
        self.ids.get(id).or_else(of_name).copied()
    }

    /// Whether the container of an ID is the one that `name` stands for among all that are known;
    /// `None` if that is unknown. As the engine looks it up: the whole ID, then a name, then
    /// what an ID begins with, so `db` is not the container `db41…`.
    pub(super) fn is_named(&self, id: &str, name: &str) -> Option<bool> {
        if id == name {
            return Some(true);
        }
        if let Some(of_name) = self.names.get(name) {
            return Some(*of_name == id);
        }
        (self.ids.contains_key(id) || id.starts_with(name)).then(|| id.starts_with(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Index;
    use crate::state::{Container, Live, State};

    #[test]
    fn a_name_goes_before_what_an_id_begins_with() {
        let all = [("db41aa", "shop"), ("77aa01", "db"), ("c0ffee", "gate")];
        let containers = all.map(|(id, name)| Container {
            id: id.into(),
            name: name.into(),
            ..Container::default()
        });
        let live = Live {
            containers: containers.into(),
            ..Live::default()
        };
        let (expected, observed) = (State::empty("p"), State::empty("p"));
        let index = Index::of(&expected, &observed, &live);
        let cases = [
            ("77aa01", "db", Some(true)),
            ("db41aa", "db", Some(false)),
            ("db41aa", "db41", Some(true)),
            ("db41aa", "db41aa", Some(true)),
            ("c0ffee", "absent", Some(false)),
            ("c0ffee99", "c0ffee", Some(true)),
            ("123456", "absent", None),
        ];
        for (id, name, expected) in cases {
            assert_eq!(index.is_named(id, name), expected, "{id} {name}");
        }
    }
}
