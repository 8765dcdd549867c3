//! The networks and volumes of the file, which Compose looks at before any service.

use std::collections::BTreeSet;

use super::planner::Planner;
use super::{Action, DefinitionChange, Operation, Outcome, Rule};
use crate::finding::ResourceKind;
use crate::state::{Container, MountKind, Network, Origin, Service, Volume};

impl<'a> Planner<'a> {
    pub(super) fn all_networks(&mut self) {
        let expected = self.input.expected;
        let used = self.used(|service| service.networks.keys().map(String::as_str).collect());
        for (key, network) in &expected.networks {
            let is_named = !self
                .input
                .facts
                .unnamed
                .contains(&format!("networks.{key}.name"));
            if is_named && used.contains(key.as_str()) {
                self.one_network(key, network);
            }
        }
    }

    fn one_network(&mut self, key: &'a str, network: &'a Network) {
        let is_own = |origin: &Origin| origin.key.as_deref() == Some(key);
        let observed = self.networks.get(network.name.as_str()).copied();
        let is_ambiguous = self.ambiguous.contains(network.name.as_str());
        if network.external {
            if observed.is_none() {
                self.external_is_missing(ResourceKind::Network, key, &network.name);
            } else if is_ambiguous {
                let why = format!("several networks have the name `{}`", network.name);
                self.plan.networks.insert(key.to_owned(), Outcome::Fails);
                self.refuse(ResourceKind::Network, key, Rule::NetworkAmbiguous, why);
            }
            return;
        }
        // Compose takes the one with its labels, or else any.
        if is_ambiguous {
            return;
        }
        let renamed = self.renamed(key, network);
        match observed {
            None if renamed.is_some() => {
                let old = renamed.map_or("", |old| &old.name);
                let why = format!("renamed from `{old}`");
                self.recreate_network(key, old, Rule::NetworkRenamed, &why, true);
            }
            None => {
                self.created_networks.insert(key);
                self.push(Operation::new(
                    Action::Create,
                    ResourceKind::Network,
                    key,
                    Rule::Missing,
                    format!("network `{}` is missing", network.name),
                ));
            }
            Some(observed)
                if !self.reconciles() && !observed.origin.as_ref().is_some_and(is_own) =>
            {
                let why = format!(
                    "network `{}` exists, and is not labelled as network `{key}`",
                    network.name
                );
                self.plan.networks.insert(key.to_owned(), Outcome::Fails);
                self.refuse(ResourceKind::Network, key, Rule::NetworkLabel, why);
            }
            Some(_) => {
                if let Some(DefinitionChange { what, is_certain }) =
                    self.input.facts.networks.get(key)
                {
                    let why = format!("{what} changed");
                    let rule = Rule::NetworkRecreated;
                    self.recreate_network(key, &network.name, rule, &why, *is_certain);
                }
            }
        }
    }

    /// The network that was created for a key under another name, where Compose moves its containers.
    fn renamed(&self, key: &str, network: &Network) -> Option<&'a Network> {
        let project = self.input.expected.project.as_str();
        let is_old = |one: &&Network| {
            one.name != network.name
                && one.origin.as_ref().is_some_and(|origin| {
                    origin.owner() == Some(project)
                        && origin.key.as_deref() == Some(key)
                        && origin.has_hash
                })
        };
        self.reconciles()
            .then(|| self.input.observed.networks.values().find(is_old))
            .flatten()
    }

    /// Stops what uses a network, removes it, and creates it again.
    fn recreate_network(
        &mut self,
        key: &'a str,
        old: &str,
        rule: Rule,
        why: &str,
        is_certain: bool,
    ) {
        let users = self.services_with(|service| service.networks.contains_key(key));
        let containers = self.of_services(&users);
        let own: BTreeSet<&str> = containers.iter().map(|(_, one)| one.id.as_str()).collect();
        let live = self.input.live;
        let blocking = live.containers.iter().chain(&live.foreign).find(|one| {
            one.networks.contains_key(old)
                && one.joined().is_none()
                && one.is_alive()
                && !own.contains(one.id.as_str())
        });
        let stops = format!("network `{key}` is recreated");
        let before = self.plan.operations.len();
        let mut detached = None;
        for (service, container) in containers {
            if !container.networks.contains_key(old) {
                detached.get_or_insert(container);
            }
            self.stop(service, container, rule, &stops);
            self.attached.entry(&container.id).or_default().push(key);
        }
        for operation in self.plan.operations.iter_mut().skip(before) {
            operation.certain = is_certain;
        }
        let is_renamed = rule == Rule::NetworkRenamed;
        let blocked = match (detached, blocking) {
            (Some(detached), _) => Some(format!(
                "`{}` cannot be disconnected from it: it is not attached",
                detached.name
            )),
            (None, Some(holder)) if !is_renamed => Some(format!(
                "it cannot be removed: `{}` is attached to it",
                holder.name
            )),
            _ => None,
        };
        let outcome = match blocked {
            Some(blocked) if is_certain => {
                self.refuse(
                    ResourceKind::Network,
                    key,
                    rule,
                    format!("{why}, and {blocked}"),
                );
                Outcome::Fails
            }
            _ => {
                self.push(
                    Operation::new(Action::Recreate, ResourceKind::Network, key, rule, why)
                        .certain(is_certain),
                );
                if is_certain {
                    Outcome::Recreated
                } else {
                    Outcome::Unknown
                }
            }
        };
        self.plan.networks.insert(key.to_owned(), outcome);
    }

    pub(super) fn all_volumes(&mut self) {
        if self.plan.is_refused {
            return;
        }
        let expected = self.input.expected;
        let used = self.used(|service| volumes_of(service).collect());
        for (key, volume) in &expected.volumes {
            let is_named = !self
                .input
                .facts
                .unnamed
                .contains(&format!("volumes.{key}.name"));
            if is_named && used.contains(key.as_str()) {
                self.one_volume(key, volume);
            }
        }
    }

    fn one_volume(&mut self, key: &'a str, volume: &'a Volume) {
        let observed = self.volumes.get(volume.name.as_str()).copied();
        match observed {
            None if volume.external => {
                self.external_is_missing(ResourceKind::Volume, key, &volume.name);
            }
            None => self.create_volume(key, volume),
            Some(_) => {
                if let Some(change) = self.input.facts.volumes.get(key)
                    && !volume.external
                {
                    self.change_volume(key, volume, change);
                }
            }
        }
    }

    fn create_volume(&mut self, key: &'a str, volume: &'a Volume) {
        self.created_volumes.insert(key);
        let users = self.services_with(|service| volumes_of(service).any(|own| own == key));
        let was_used = !self.of_services(&users).is_empty();
        let is_precious = self.input.facts.precious.contains(key);
        let project = self.input.expected.project.as_str();
        let old = self.input.observed.volumes.values().find(|one| {
            let origin = one.origin.as_ref();
            origin.is_some_and(|origin| {
                origin.owner() == Some(project) && origin.key.as_deref() == Some(key)
            })
        });
        let why = format!("volume `{}` is missing", volume.name);
        let operation = Operation::new(
            Action::Create,
            ResourceKind::Volume,
            key,
            Rule::Missing,
            why,
        );
        let of_old_project = || {
            let (project, old) = self.of_old_project(key, &users)?;
            Some(format!(
                "starts empty: the data of project `{project}` stays in volume `{old}`"
            ))
        };
        let left = old
            .map(|old| {
                format!(
                    "starts empty: the data is left behind in volume `{}`",
                    old.name
                )
            })
            .or_else(of_old_project);
        self.push(match left {
            Some(left) => operation.loses(Some(left)),
            None if was_used && is_precious => {
                operation.destroys("starts empty: the data that its services had is gone")
            }
            None => operation,
        });
    }

    /// The old name of the project, and the volume that it has under that name instead of this one.
    fn of_old_project(&self, key: &str, users: &[&str]) -> Option<(&'a str, &'a str)> {
        let old = self.input.facts.moved_from.as_ref()?;
        let is_of = |container: &&Container, name: &str| {
            container.project.as_ref() == Some(old) && container.service.as_deref() == Some(name)
        };
        users.iter().find_map(|name| {
            let wanted = self.service(name)?.mounts.iter();
            let mut wanted = wanted.filter(|mount| {
                mount.kind == MountKind::Volume && mount.source.as_deref() == Some(key)
            });
            let target = &wanted.next()?.target;
            let containers = self.input.live.foreign.iter();
            let mut mounts = containers
                .filter(|container| is_of(container, name))
                .flat_map(|container| &container.mounts);
            let mount = mounts.find(|is| is.kind == MountKind::Volume && is.target == *target)?;
            Some((old.as_str(), mount.source.as_deref()?))
        })
    }

    fn change_volume(&mut self, key: &'a str, volume: &'a Volume, change: &DefinitionChange) {
        let what = &change.what;
        if !self.input.options.assume_yes {
            let why = format!("{what} changed: `up` asks whether to recreate it");
            self.plan.volumes.insert(
                key.to_owned(),
                if change.is_certain {
                    Outcome::Asked
                } else {
                    Outcome::Unknown
                },
            );
            self.push(
                Operation::new(
                    Action::Leave,
                    ResourceKind::Volume,
                    key,
                    Rule::VolumeRecreated,
                    why,
                )
                .destroys("all of its data, if the question is answered with yes")
                .certain(change.is_certain),
            );
            return;
        }
        let mut users = self.services_with(|service| volumes_of(service).any(|own| own == key));
        if self.reconciles() {
            self.add_heirs(&mut users);
        }
        let containers = self.of_services(&users);
        let own: BTreeSet<&str> = containers.iter().map(|(_, one)| one.id.as_str()).collect();
        let live = self.input.live;
        let mut others = live.containers.iter().chain(&live.foreign);
        let blocking = others.find(|one| {
            let mounts = |source: &str| source == volume.name || source == key;
            let mut sources = one
                .mounts
                .iter()
                .filter_map(|mount| mount.source.as_deref());
            sources.any(mounts) && !own.contains(one.id.as_str())
        });
        let why = format!("volume `{key}` is recreated");
        for (service, container) in containers {
            self.remove(service, container, Rule::VolumeRecreated, why.clone());
        }
        if let Some(holder) = blocking {
            let why = format!(
                "{what} changed, and the volume cannot be removed: `{}` uses it",
                holder.name
            );
            self.plan.volumes.insert(key.to_owned(), Outcome::Fails);
            self.refuse(ResourceKind::Volume, key, Rule::VolumeRecreated, why);
            return;
        }
        self.plan.volumes.insert(key.to_owned(), Outcome::Recreated);
        self.push(
            Operation::new(
                Action::Recreate,
                ResourceKind::Volume,
                key,
                Rule::VolumeRecreated,
                format!("{what} changed"),
            )
            .destroys("all of its data")
            .certain(change.is_certain),
        );
    }

    fn external_is_missing(&mut self, kind: ResourceKind, key: &str, name: &str) {
        let why = format!("external {} `{name}` is missing", kind.as_str());
        match kind {
            ResourceKind::Network => &mut self.plan.networks,
            _ => &mut self.plan.volumes,
        }
        .insert(key.to_owned(), Outcome::Fails);
        self.refuse(kind, key, Rule::Missing, why);
    }

    /// Adds the services that mount the volumes of one of these (`volumes_from`).
    fn add_heirs(&self, users: &mut Vec<&'a str>) {
        let mut at = 0;
        while let Some(user) = users.get(at).copied() {
            for heir in self.services_with(|service| service.mounts_from.contains(user)) {
                if !users.contains(&heir) {
                    users.push(heir);
                }
            }
            at += 1;
        }
    }

    fn used(&self, keys: impl Fn(&'a Service) -> Vec<&'a str>) -> BTreeSet<&'a str> {
        self.order
            .services
            .iter()
            .filter_map(|name| self.service(name))
            .flat_map(keys)
            .collect()
    }

    /// The services that `up` is for and of which something holds.
    fn services_with(&self, holds: impl Fn(&Service) -> bool) -> Vec<&'a str> {
        self.order
            .services
            .iter()
            .copied()
            .filter(|name| self.service(name).is_some_and(&holds))
            .collect()
    }

    fn of_services(&self, services: &[&'a str]) -> Vec<(&'a str, &'a Container)> {
        services
            .iter()
            .flat_map(|name| {
                self.containers(name)
                    .into_iter()
                    .map(move |one| (*name, one))
            })
            .collect()
    }
}

/// The keys of the volumes that a service mounts.
fn volumes_of(service: &Service) -> impl Iterator<Item = &str> {
    service
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Volume)
        .filter_map(|mount| mount.source.as_deref())
}
