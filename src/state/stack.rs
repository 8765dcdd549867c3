//! A stack on a swarm: what a file asks for, and what a manager has.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{DeployMode, Mount, MountKind, Port};
use crate::fields::{Value, Values};
use crate::redact::Sensitive;
use crate::text::path::SECRETS_FOLDER;

/// The label that names the stack which a thing belongs to (docker/cli, `convert.LabelNamespace`).
pub const STACK_LABEL: &str = "com.docker.stack.namespace";

/// The label that says how the file of a stack names the image of a service (docker/cli, `convert.LabelImage`).
pub const STACK_IMAGE_LABEL: &str = "com.docker.stack.image";

/// Whether every engine has the network of a name, so that no stack creates it. The swarm has no `none` (moby,
/// `daemon/cluster/executor/container/executor.go`; swarmkit, `manager/allocator`).
#[must_use]
pub fn is_predefined(network: &str) -> bool {
    matches!(network, "host" | "bridge" | "none")
}

/// The services, configs and secrets of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Stack {
    /// Its services, by their names in the file. A live one has its name without that of the stack.
    pub services: BTreeMap<String, StackService>,
    /// Its configs, by their names on the swarm.
    pub configs: BTreeMap<String, StackFile>,
    /// Its secrets, by their names on the swarm.
    pub secrets: BTreeMap<String, StackFile>,
    /// What `docker stack deploy` refuses of its file.
    #[serde(skip)]
    pub refused: Vec<StackRefusal>,
    /// What only a live one has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Swarm>,
}

/// What `docker stack deploy` does, in this order. Where one step fails, it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeployStep {
    /// The client reads the file.
    File,
    /// It removes services that are not in it.
    Prune,
    /// It looks for the external networks.
    ExternalNetworks,
    /// It creates networks.
    Networks,
    /// It creates or updates secrets.
    Secrets,
    /// It creates or updates configs.
    Configs,
    /// It makes the specs of all services, for which the secrets and configs that they use have to exist.
    Specs,
    /// It creates or updates services.
    Services,
}

/// A part of a file that `docker stack deploy` refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackRefusal {
    /// The step that fails.
    pub step: DeployStep,
    /// What it is about: a service, a network, a config, a secret, or a path in the file.
    pub resource: String,
    /// The route to it in a state.
    pub place: Vec<String>,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// A service of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StackService {
    /// Its image.
    pub image: Option<String>,
    /// The parts of its spec that are set, even if all of each is the default; nothing where they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<BTreeSet<String>>,
    /// Its fields.
    #[serde(flatten, with = "crate::fields::of_stack")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Stack"))]
    pub fields: Values,
}

impl StackService {
    /// Whether its tasks end by themselves.
    #[must_use]
    pub fn is_job(&self) -> bool {
        self.mode().is_job()
    }

    /// Whether each node has a task of it.
    #[must_use]
    pub fn is_global(&self) -> bool {
        self.mode().is_global()
    }

    /// Whether it publishes a port on the nodes of its tasks alone (`mode: host`), so that a node runs only one of them.
    #[must_use]
    pub fn publishes_on_nodes(&self) -> bool {
        self.fields
            .list("ports")
            .iter()
            .any(|port| is_port_of_nodes(port))
    }

    /// What each of its tasks reserves of its node.
    #[must_use]
    pub fn reserved(&self) -> Reserved {
        let number = |path| self.fields.number(path).unwrap_or_default();
        Reserved {
            cpus: number("deploy.resources.reservations.cpus"),
            memory: number("deploy.resources.reservations.memory"),
        }
    }

    /// Whether it and another publish a port of one number and protocol on the nodes of their tasks alone.
    #[must_use]
    pub fn shares_port_of_nodes(&self, other: &Self) -> bool {
        let of_nodes = |service: &Self| -> BTreeSet<String> {
            let published = service
                .fields
                .list("ports")
                .iter()
                .filter_map(|port| stack_published(port))
                .filter(|(_, _, is_of_node)| *is_of_node);
            published
                .map(|(number, protocol, _)| format!("{number}/{protocol}"))
                .collect()
        };
        !of_nodes(self).is_disjoint(&of_nodes(other))
    }

    /// Whether it is given a config or secret of a name on the swarm.
    #[must_use]
    pub fn is_given(&self, section: &str, name: &str) -> bool {
        self.fields.map(section).iter().any(|(place, what)| {
            let what = what.as_ref().map(Sensitive::revealed);
            let rest = what.and_then(|what| what.strip_prefix(name));
            rest.is_some_and(|rest| rest.starts_with(" ("))
                || place.strip_suffix(OF_RUNTIME) == Some(name)
        })
    }

    fn mode(&self) -> DeployMode {
        DeployMode::of(self.fields.text("deploy.mode"))
    }
}

/// A config or a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StackFile {
    /// Its key in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it is created and removed outside the stack.
    pub external: bool,
    /// Whether the labels of a live one name the stack.
    #[serde(skip_serializing_if = "is_false")]
    pub is_own: bool,
    /// The stack that the labels of a live one name, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Its fields.
    #[serde(flatten, with = "crate::fields::of_stack_file")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::StackFile"))]
    pub fields: Values,
    /// The digest of its content, where that is known; a swarm never shows that of a secret.
    pub digest: Option<Sensitive>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What only a live stack has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Swarm {
    /// How its services run, by the same names.
    pub running: BTreeMap<String, Running>,
    /// The networks with the label of the stack that exist only on the manager, by their keys in the file: no service can be attached
    /// to them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub local_networks: BTreeSet<String>,
    /// Services of others with the names that the stack's services need, by these.
    pub taken: BTreeSet<String>,
    /// The ports that services of others publish, and those that the swarm chose for the stack's own, by their names on the
    /// swarm.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ports: BTreeMap<String, Vec<String>>,
    /// Services with the label of the stack whose names do not begin with its own: no deploy made them.
    pub unprefixed: BTreeSet<String>,
    /// Their specs, by their names; nothing where a snapshot was made before these were kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unprefixed_services: BTreeMap<String, StackService>,
    /// Services of others on the stack's networks: their names, and the names of these networks.
    pub foreign: BTreeMap<String, BTreeSet<String>>,
    /// Services of others on the external networks of the file, likewise; nothing where a snapshot was made before this was
    /// kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing: Option<BTreeMap<String, BTreeSet<String>>>,
    /// The nodes of the swarm.
    pub nodes: Vec<SwarmNode>,
}

/// How a service of a stack runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Running {
    /// How many of its tasks run.
    pub running: u64,
    /// How many are to run.
    pub desired: u64,
    /// How many have a container that runs, and that its health check has not found healthy yet: the swarm does not count them
    /// among those that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting: Option<u64>,
    /// How many are done, and are not started again.
    pub completed: u64,
    /// The state of its last update: `completed`, `paused`, `rollback_completed`.
    pub update: Option<String>,
    /// The message of the swarm about that update.
    pub update_message: Option<String>,
    /// Why its newest tasks do not run, each reason once.
    pub troubles: BTreeSet<Trouble>,
    /// How many of its newest tasks do not run yet and have no such reason, by their states: `pending`, `preparing`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub waiting: BTreeMap<String, usize>,
}

/// Why a task does not run.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Trouble {
    /// `pending`, `rejected`, `failed`.
    pub state: String,
    /// What the swarm says.
    pub why: String,
}

/// A node of the swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SwarmNode {
    /// Its ID.
    pub id: String,
    /// What it calls itself.
    pub hostname: String,
    /// `ready`, `down`, `unknown`, `disconnected`; `unreachable` where the other managers cannot reach it.
    pub state: String,
    /// `active`, `pause`, `drain`.
    pub availability: String,
    /// Whether the other managers can reach it, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<bool>,
    /// What placement constraints ask of it; nothing where a snapshot was made before this was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traits: Option<NodeTraits>,
    /// What the tasks on it reserve, by the names of their services on the swarm; nothing where it was not asked for, as no
    /// service of the file reserves anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved: Option<BTreeMap<String, Reserved>>,
}

/// What tasks reserve of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Reserved {
    /// Processors, in billionths of one.
    pub cpus: i64,
    /// Memory, in bytes.
    pub memory: i64,
}

impl Reserved {
    /// The two together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            cpus: self.cpus.saturating_add(other.cpus),
            memory: self.memory.saturating_add(other.memory),
        }
    }
}

/// What placement constraints ask of a node, besides its ID and its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct NodeTraits {
    /// `manager` or `worker`.
    pub role: String,
    /// Its address.
    pub address: String,
    /// `linux`.
    pub os: String,
    /// As `uname -m` says: `x86_64`.
    pub architecture: String,
    /// Its labels. The value of one that may be secret is not kept.
    pub labels: BTreeMap<String, Option<String>>,
    /// The labels of its engine, likewise.
    pub engine_labels: BTreeMap<String, Option<String>>,
    /// Its processors, in billionths of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<i64>,
    /// Its memory, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
}

/// What follows the name of a config that the swarm itself uses for a service, as a credential spec.
pub const OF_RUNTIME: &str = ",runtime";

/// What follows a port that only the node of a task publishes.
const ON_ITS_NODE: &str = " (host)";

/// A published port as text: `80:8080/tcp`, where the swarm routes it (`ingress`), or with ` (host)` where only the node
/// of a task publishes it (`host`).
#[must_use]
pub fn stack_port(published: Option<&str>, target: u16, protocol: &str, mode: &str) -> String {
    let published = published
        .map(|published| format!("{published}:"))
        .unwrap_or_default();
    let mode = if mode == "ingress" { "" } else { ON_ITS_NODE };
    format!("{published}{target}/{protocol}{mode}")
}

/// What a port of [`stack_port`] publishes: its number and protocol, and whether only the node of a task does. Nothing where
/// the swarm chooses a number that is free.
#[must_use]
pub fn stack_published(port: &str) -> Option<(&str, &str, bool)> {
    let (port, is_of_node) = match port.strip_suffix(ON_ITS_NODE) {
        Some(port) => (port, true),
        None => (port, false),
    };
    let (published, target) = port.split_once(':')?;
    let (_, protocol) = target.split_once('/')?;
    Some((published, protocol, is_of_node))
}

/// Whether only the node of a task publishes a port of [`stack_port`].
#[must_use]
pub fn is_port_of_nodes(port: &str) -> bool {
    port.ends_with(ON_ITS_NODE)
}

/// A port of [`stack_port`] as a file could ask for it, wherever the swarm publishes it.
#[must_use]
pub fn port_of_stack(port: &str) -> Option<Port> {
    port.strip_suffix(ON_ITS_NODE).unwrap_or(port).parse().ok()
}

/// A config or secret that a service is given.
#[derive(Debug, Clone, Copy)]
pub struct GivenFile<'a> {
    /// `configs` or `secrets`.
    pub section: &'a str,
    /// Where it is in the container.
    pub target: &'a str,
    /// Its name on the swarm.
    pub name: &'a str,
    /// The user that owns it.
    pub uid: &'a str,
    /// The group that owns it.
    pub gid: &'a str,
    /// Its mode.
    pub mode: i64,
}

impl GivenFile<'_> {
    /// Its place in the container, and which it is.
    #[must_use]
    pub fn entry(self) -> (String, String) {
        let Self {
            section,
            target,
            name,
            uid,
            gid,
            mode,
        } = self;
        let folder = if section == "secrets" {
            SECRETS_FOLDER
        } else {
            "/"
        };
        let place = if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("{folder}{target}")
        };
        (
            place,
            format!("{name} (uid {uid}, gid {gid}, mode {mode:04o})"),
        )
    }
}

/// What [`Mount::describe`] says that is mounted: its kind, and its source.
#[must_use]
pub fn described(what: &str) -> Option<(MountKind, Option<&str>)> {
    let (kind, source) = match what.split_once(' ') {
        Some((kind, source)) => (kind, Some(source)),
        None => (what, None),
    };
    Some((kind.parse().ok()?, source))
}

impl Mount {
    /// Adds what it is, by its target, and its options, by target and name.
    pub fn describe(
        &self,
        source: Option<&str>,
        entries: &mut BTreeMap<String, Option<Sensitive>>,
    ) {
        let kind = self.kind.as_str();
        let what = source.map_or_else(|| kind.to_owned(), |source| format!("{kind} {source}"));
        entries.insert(self.target.clone(), Some(Sensitive::public(what)));
        for (path, value) in self.fields.iter() {
            let name = format!("{},{path}", self.target);
            match value {
                Value::Map(map) => {
                    for (key, value) in map {
                        entries.insert(format!("{name}.{key}"), value.clone());
                    }
                }
                Value::Text(text) => {
                    entries.insert(name, Some(text.clone()));
                }
                Value::Flag(flag) => {
                    entries.insert(name, Some(Sensitive::public(flag.to_string())));
                }
                Value::Number(number) => {
                    entries.insert(name, Some(Sensitive::public(number.to_string())));
                }
                Value::List(_) | Value::Words(_) => {}
            }
        }
    }
}
