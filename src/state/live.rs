//! What only a live host has: containers, and who created what.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::fields::Values;

use super::{CONTAINER, Changes, Config, Content, Mount, Port, PortRange, Protocol};

/// What a Docker Engine runs that has to do with a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Live {
    /// Where the engine listens.
    pub endpoint: String,
    /// The engine.
    pub engine: Engine,
    /// When it was observed, in RFC 3339.
    pub taken: String,
    /// The project's containers, by name.
    pub containers: Vec<Container>,
    /// Containers of others that publish ports, that share a network or a volume with the project,
    /// or that have a name which the project needs; by name.
    pub foreign: Vec<Container>,
    /// The images that the project's services name: name → ID.
    pub images: BTreeMap<String, String>,
    /// The fields that the images of the containers set, by the images' IDs.
    pub image_fields: BTreeMap<String, Values>,
    /// The places of the volumes that these images have, by the images' IDs.
    pub image_volumes: BTreeMap<String, BTreeSet<String>>,
    /// The fields of the engine's answers that could not be read, and count as not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
    /// What the engine does by itself; it follows from which engine it is.
    #[serde(skip)]
    pub dialect: Dialect,
}

/// A field of an engine's answer that could not be read: of another type than the Engine API says, a
/// word that is not known, or absent although every engine sends it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unreadable {
    /// What kind of thing it is of.
    pub kind: Answered,
    /// The name of a container, network or volume, the ID of an image, the path of the request where
    /// it is about the engine itself.
    pub name: String,
    /// The path of the field in the answer: `HostConfig.Privileged`.
    pub field: String,
    /// What it may be.
    pub expected: String,
    /// What it is: its kind, or a word of the engine's.
    pub found: String,
}

/// What an engine's answer is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Answered {
    /// A container.
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// An image.
    Image,
    /// A service of a swarm.
    Service,
    /// A task of a service.
    Task,
    /// A node of a swarm.
    Node,
    /// A config of a swarm.
    Config,
    /// A secret of a swarm.
    Secret,
    /// The engine itself.
    Engine,
}

impl Answered {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A Docker Engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Engine {
    /// Its ID, as `docker info` shows it.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The newest version of the API that it speaks.
    pub api: String,
    /// What it calls itself among its components: `Engine`, `Podman Engine`.
    pub name: String,
    /// The logging driver of a container for which none is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_driver: Option<String>,
    /// The runtime of a container for which none is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The pools that it takes subnets from, `BASE:SIZE`, where the engine reports it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<String>,
    /// The directory of its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The version of cgroups on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroups: Option<String>,
    /// The cgroup namespace of a container for which none is set, where the engine reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup_namespace: Option<String>,
    /// Whether its kernel can limit swap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_limit: Option<bool>,
    /// The capabilities of a container for which none are set, where they depend on its settings and
    /// the engine reports them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
}

impl Engine {
    /// The second number of the newest version of the API that it speaks, of which the first is 1.
    #[must_use]
    pub fn minor(&self) -> Option<u32> {
        minor_of_api(&self.api)
    }
}

/// The second number of a version of the API, of which the first is 1.
#[must_use]
pub fn minor_of_api(api: &str) -> Option<u32> {
    api.strip_prefix("1.")?.parse().ok()
}

/// What an engine fills in or leaves out by itself, so that it is not a difference. `docker::dialect` has those of engines
/// other than Docker on Linux.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Dialect {
    /// What it fills in where a field is not set.
    pub defaults: &'static [(&'static str, &'static str)],
    /// The fields that it does not know: no file and no hand sets them.
    pub unknown: &'static [&'static str],
    /// The settings of its own configuration that it does not know.
    pub unknown_settings: &'static [&'static str],
    /// The fields that it does not show, though it applies them.
    pub hidden: &'static [&'static str],
    /// The values that it shows of fields whatever they are.
    pub vague: &'static [(&'static str, &'static str)],
    /// The capabilities of a container for which none are set; several sets where it depends on
    /// settings of the engine.
    pub capabilities: &'static [&'static [&'static str]],
    /// Whether it shows how the capabilities of a container differ from Docker's default, not what was asked for.
    pub shows_resulting_capabilities: bool,
    /// The variables that it sets in every container that does not have them.
    pub variables: &'static [(&'static str, Variable)],
    /// The fields of which it shows entries that nobody set, and that are not the same everywhere.
    pub extended: &'static [&'static str],
    /// Whether it does not show that no path of the system is masked (`systempaths=unconfined`).
    pub hides_system_paths: bool,
    /// Whether it shows a share of processors as a quota and a period as well.
    pub repeats_cpus: bool,
    /// Where it mounts a tmpfs in a container with a read-only root although no file says so.
    pub tmpfs: &'static [&'static str],
    /// The options that it adds to a tmpfs, each with those that it is not added to.
    pub tmpfs_options: &'static [(&'static str, &'static [&'static str])],
    /// The folder below which it shows the paths of the host; empty where it shows them as they are.
    pub host_root: &'static str,
    /// The fields of a network that it does not show although it applies them.
    pub hidden_of_networks: &'static [&'static str],
    /// Whether a network has IPv6 because it has such a subnet.
    pub ipv6_follows_subnets: bool,
    /// What the options of a network or a volume begin with that it sets itself.
    pub own_options: &'static [&'static str],
    /// Network options with two names: Docker's, and its own.
    pub option_names: &'static [(&'static str, &'static str)],
    /// Whether it shows the name of a network to which a container is attached instead of its ID.
    pub names_networks: bool,
    /// The network that a container is on for which no other is named.
    pub default_network: &'static str,
    /// The pools that it takes subnets from unless told otherwise, `BASE:SIZE`.
    pub pools: &'static [&'static str],
    /// The fields of an attachment that it ignores.
    pub unknown_of_attachments: &'static [&'static str],
    /// The fields of an attachment that it does not show although it may apply them.
    pub hidden_of_attachments: &'static [&'static str],
    /// Whether it shows only the addresses that a running container has, not those that were asked for.
    pub hides_addresses: bool,
    /// Whether it does not remove a container in whose namespaces others are.
    pub keeps_shared_namespaces: bool,
    /// Whether it leaves out a tmpfs of the container that another one takes its mounts from, and does not refuse it.
    pub leaves_out_shared_tmpfs: bool,
    /// Whether a tmpfs hides from it what a container sees there.
    pub reads_below_tmpfs: bool,
    /// Whether what is copied into a container belongs to root, whoever it is meant for.
    pub drops_owners: bool,
}

impl Dialect {
    /// The capabilities of a container on Docker Engine (moby, `oci/caps/defaults.go`).
    pub const CAPABILITIES: &[&str] = &[
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
        "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    /// Those of Docker Engine.
    pub const DOCKER: Self = Self {
        defaults: &[],
        unknown: &[],
        unknown_settings: &[],
        hidden: &[],
        vague: &[],
        capabilities: &[Self::CAPABILITIES],
        shows_resulting_capabilities: false,
        variables: &[],
        extended: &[],
        hides_system_paths: false,
        repeats_cpus: false,
        tmpfs: &[],
        tmpfs_options: &[],
        host_root: "",
        hidden_of_networks: &[],
        ipv6_follows_subnets: false,
        own_options: &[],
        option_names: &[],
        names_networks: false,
        default_network: "bridge",
        pools: &[],
        unknown_of_attachments: &[],
        hidden_of_attachments: &[],
        hides_addresses: false,
        keeps_shared_namespaces: false,
        leaves_out_shared_tmpfs: false,
        reads_below_tmpfs: true,
        drops_owners: false,
    };
}

impl Default for Dialect {
    fn default() -> Self {
        Self::DOCKER
    }
}

/// What an engine sets a variable to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// Always this.
    Known(&'static str),
    /// The name that the container has as a host.
    Hostname,
    /// The home of the user that the container runs as.
    Home,
}

/// Who created a network or a volume, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Origin {
    /// The engine's ID of a network; volumes have none.
    pub id: String,
    /// When it was created, in RFC 3339.
    pub created: String,
    /// The Compose project that its labels name.
    pub project: Option<String>,
    /// The key in the Compose file that its labels name.
    pub key: Option<String>,
    /// Whether it has the hash by which Compose detects that its definition changed.
    pub has_hash: bool,
    /// The hash itself; none in a snapshot of before it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_hash: Option<String>,
}

impl Origin {
    /// The Compose project that it belongs to, if any.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.project.as_deref()
    }
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Container {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The Compose project that its labels name.
    pub project: Option<String>,
    /// The service that its labels name.
    pub service: Option<String>,
    /// Its number among the containers of the service.
    pub number: Option<u32>,
    /// Whether it is a one-off container of `docker compose run`.
    pub is_oneoff: bool,
    /// Whether Compose does not list it: its labels name a project, and not the hash of a definition
    /// (docker/compose, `pkg/compose/containers.go`, `getDefaultFilters`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_unlisted: bool,
    /// The Compose files that it was started from, as its labels say.
    pub config_files: Option<String>,
    /// The version of Compose that created it, as its labels say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compose_version: Option<String>,
    /// Compose's hash of the definition that it was created from, as its labels say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_hash: Option<String>,
    /// The folder that relative paths in them start from, as its labels say.
    pub working_dir: Option<String>,
    /// `running`, `exited`, `paused`, … as the engine says.
    pub state: String,
    /// Its exit code, where it was inspected.
    pub exit_code: Option<i64>,
    /// Why the engine could not start it, in the engine's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `healthy`, `unhealthy`, `starting`; `None` without a health check.
    pub health: Option<String>,
    /// When it was created, in RFC 3339.
    pub created: String,
    /// When it was last started, in RFC 3339; empty where it was not inspected.
    pub started: String,
    /// The image by the name that it was started with.
    pub image: String,
    /// The image's ID.
    pub image_id: String,
    /// The ID of its image when Compose created it, as its labels say.
    #[serde(alias = "made_of")]
    pub image_at_creation: Option<String>,
    /// What it has instead of networks of its own: `host`, `none`, `container:ID`.
    pub network_mode: Option<String>,
    /// The networks that it is attached to, by their names on the engine.
    pub networks: BTreeMap<String, Attached>,
    /// The one of them that it was created on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_network: Option<String>,
    /// What it mounts, sorted by target.
    pub mounts: Vec<Mount>,
    /// The ports that it is to publish; those of a foreign container are not asked for.
    pub ports: Vec<Port>,
    /// The ports that are published now; none while it does not run.
    pub bound: Vec<Bound>,
    /// Its configuration; not asked for of a foreign container.
    pub config: Config,
    /// What was read of the files in it, by their places there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contents: BTreeMap<String, Content>,
    /// What was changed in it, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

impl Container {
    /// Whether it runs; a paused one does not.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "restarting")
    }

    /// Whether it has processes: those of a paused one are only stopped.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.is_running() || self.state == "paused"
    }

    /// The container whose network it shares: an ID, or a name.
    #[must_use]
    pub fn joined(&self) -> Option<&str> {
        self.network_mode.as_deref()?.strip_prefix(CONTAINER)
    }

    /// The service that it counts as a container of; none for a one-off container, and for one that Compose does not
    /// list.
    #[must_use]
    pub fn serves(&self) -> Option<&str> {
        let service = self.service.as_deref();
        service.filter(|_| !self.is_oneoff && !self.is_unlisted)
    }

    /// Whether it was ever started: Compose copies secrets and configs into it just before.
    #[must_use]
    pub fn was_started(&self) -> bool {
        !matches!(
            self.state.as_str(),
            "created" | "configured" | "initialized"
        )
    }
}

/// How a container is attached to a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Attached {
    /// The network's ID; empty where the engine does not report it.
    pub network: String,
    /// Its fields; the addresses are those that it was given.
    #[serde(flatten, with = "crate::fields::attachment")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Attachment"))]
    pub fields: Values,
    /// The addresses that were asked for, and so not chosen by the engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<String>,
}

/// A port that is published now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bound {
    /// The port in the container.
    pub target: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The address on the host.
    pub host_ip: IpAddr,
    /// The port on the host.
    pub published: u16,
}

impl Bound {
    /// The port as a file could ask for it.
    #[must_use]
    pub fn as_port(&self) -> Port {
        Port {
            target: self.target,
            protocol: self.protocol,
            host_ip: Some(self.host_ip),
            published: PortRange::one(self.published),
        }
    }
}
