//! What of a manager's lists has to do with a stack: its networks and services, and what those of others share with it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::service::ListedService;
use super::tasks;
use crate::state::{Network, StackService, State, Swarm, is_predefined};

/// What was listed, and what is expected of it.
pub(super) struct Seen<'a> {
    pub(super) expected: &'a State,
    /// The networks, and whether all nodes have each.
    pub(super) networks: Vec<(Network, bool)>,
}

impl Seen<'_> {
    /// The networks that the stack has or needs, by their keys in the file, and the names of all by their IDs. Those that
    /// exist only on the manager go into `live`.
    pub(super) fn networks(
        &self,
        live: &mut Swarm,
    ) -> (BTreeMap<String, Network>, BTreeMap<String, String>) {
        let project = self.expected.project.as_str();
        let mut own = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for (network, is_of_swarm) in &self.networks {
            let origin = network.origin.as_ref();
            if let Some(origin) = origin {
                ids.insert(origin.id.clone(), network.name.clone());
            }
            let declared = self.expected.networks.iter();
            let declared = declared.filter(|(_, declared)| declared.name == network.name);
            let mut keys: Vec<String> = declared.clone().map(|(key, _)| key.clone()).collect();
            let is_external = declared.clone().any(|(_, declared)| declared.external);
            let is_own = origin.and_then(|origin| origin.owner()) == Some(project);
            // Services join those of the swarm alone. One of the manager alone is in the way of one that is to be created.
            let is_usable = *is_of_swarm || is_predefined(&network.name) || !is_external;
            if keys.is_empty() && is_own {
                let name = &network.name;
                // The file declares another network under that key.
                let is_other = self.expected.networks.contains_key(name);
                keys.push(if is_other {
                    format!("network {name}")
                } else {
                    name.clone()
                });
            }
            for key in keys.into_iter().filter(|_| is_usable) {
                if *is_of_swarm {
                    live.local_networks.remove(&key);
                    own.insert(key, network.clone());
                } else if let Entry::Vacant(entry) = own.entry(key) {
                    if is_own {
                        live.local_networks.insert(entry.key().clone());
                    }
                    entry.insert(network.clone());
                }
            }
        }
        (own, ids)
    }

    /// The services of the stack; those of others, and how its own run, are in `live`.
    pub(super) fn services(
        &self,
        services: Vec<ListedService>,
        tasks: Vec<tasks::Task>,
        ids: &BTreeMap<String, String>,
        live: &mut Swarm,
    ) -> BTreeMap<String, StackService> {
        let project = self.expected.project.as_str();
        let prefix = format!("{project}_");
        let is_of_stack = |name: &String| {
            self.networks.iter().any(|(network, _)| {
                let owner = network.origin.as_ref().and_then(|origin| origin.owner());
                network.name == *name && owner == Some(project)
            })
        };
        let external: BTreeSet<&str> = self
            .expected
            .networks
            .values()
            .filter(|network| network.external)
            .map(|network| network.name.as_str())
            .collect();
        let is_external = |name: &String| external.contains(name.as_str());
        let mut sharing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut tasks = tasks::by_service(tasks);
        let mut own = BTreeMap::new();
        for mut listed in services {
            listed.name_networks(ids);
            let key = listed.name.strip_prefix(&prefix);
            if listed.stack.as_deref() != Some(project) {
                live.taken.extend(key.map(str::to_owned));
                let mut ports = listed.service.fields.list("ports").to_vec();
                ports.append(&mut listed.chosen);
                if !ports.is_empty() {
                    live.ports.insert(listed.name.clone(), ports);
                }
                let joined: BTreeSet<String> = listed.networks().filter(is_external).collect();
                if !joined.is_empty() {
                    sharing.insert(listed.name.clone(), joined);
                }
                let joined: BTreeSet<String> = listed.networks().filter(is_of_stack).collect();
                if !joined.is_empty() {
                    live.foreign.insert(listed.name, joined);
                }
                continue;
            }
            let Some(key) = key.map(str::to_owned) else {
                live.unprefixed.insert(listed.name.clone());
                live.unprefixed_services.insert(listed.name, listed.service);
                continue;
            };
            if !listed.chosen.is_empty() {
                live.ports.insert(listed.name, listed.chosen);
            }
            let mut running = listed.running;
            let tasks = tasks.remove(&listed.id).unwrap_or_default();
            running.starting = tasks.starting;
            running.troubles = tasks.troubles;
            running.waiting = tasks.waiting;
            running.completed = running.completed.max(tasks.completed);
            live.running.insert(key.clone(), running);
            own.insert(key, listed.service);
        }
        live.sharing = Some(sharing);
        own
    }
}
