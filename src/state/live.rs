//! What only a live host has: containers, and who made what.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::redact::Sensitive;

use super::{Config, MountKind, Port, PortRange, Protocol};

/// What a Docker Engine runs that has to do with a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Live {
    /// Where the engine listens.
    pub endpoint: String,
    /// The engine.
    pub engine: Engine,
    /// When it was looked at, in RFC 3339.
    pub taken: String,
    /// The project's containers, by name.
    pub containers: Vec<Container>,
    /// Containers of others that publish ports, that share a network or a volume with the project,
    /// or that bear a name which the project needs; by name.
    pub foreign: Vec<Container>,
    /// The images that the project's services name: name → ID.
    pub images: BTreeMap<String, String>,
    /// The variables that images set, by the images' IDs, where a container has some that its
    /// service does not set.
    pub set_by_images: BTreeMap<String, BTreeMap<String, Option<Sensitive>>>,
    /// The fields of the engine's answers that could not be read, and count as not set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
}

/// A field of an engine's answer that could not be read: of another type than the Engine API says, a
/// word that is not known, or absent although every engine sends it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answered {
    /// A container.
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// An image.
    Image,
    /// The engine itself.
    Engine,
}

impl Answered {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Image => "image",
            Self::Engine => "engine",
        }
    }
}

/// A Docker Engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl Engine {
    /// Whether it is Podman, which speaks the API of Docker and keeps less of what it is told.
    #[must_use]
    pub fn is_podman(&self) -> bool {
        self.name.to_ascii_lowercase().contains("podman")
    }
}

/// Who made a network or a volume, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The engine's ID of a network; volumes have none.
    pub id: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// The Compose project that its labels name.
    pub project: Option<String>,
    /// The key in the Compose file that its labels name.
    pub key: Option<String>,
    /// Whether it bears the hash by which Compose sees that its definition changed.
    pub has_hash: bool,
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
    /// Whether it is left of a `docker compose run`.
    pub is_oneoff: bool,
    /// The Compose files that it was started from, as its labels say.
    pub config_files: Option<String>,
    /// The folder that relative paths in them start from, as its labels say.
    pub working_dir: Option<String>,
    /// `running`, `exited`, `paused`, … as the engine says.
    pub state: String,
    /// What it ended with, where it was looked at.
    pub exit_code: Option<i64>,
    /// `healthy`, `unhealthy`, `starting`; nothing without a health check.
    pub health: Option<String>,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// When it was last started, in RFC 3339; empty where it was not looked at.
    pub started: String,
    /// The image by the name that it was started with.
    pub image: String,
    /// The image's ID.
    pub image_id: String,
    /// The ID that its image had when Compose made it, as its labels say.
    pub made_of: Option<String>,
    /// What it has in place of networks of its own: `host`, `none`, `container:ID`.
    pub network_mode: Option<String>,
    /// The networks that it is on, by their names on the engine.
    pub networks: BTreeMap<String, Attached>,
    /// What it mounts, sorted by target.
    pub mounts: Vec<LiveMount>,
    /// The ports that it is to publish; those of a foreign container are not asked for.
    pub ports: Vec<Port>,
    /// The ports that are published now; none while it does not run.
    pub bound: Vec<Bound>,
    /// How it is set up; not asked for of a foreign container.
    pub config: Config,
}

/// How a container is on a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attached {
    /// The network's ID; empty where the container was never started on it.
    pub network: String,
    /// The names that it answers to; sorted.
    pub aliases: Vec<String>,
    /// The IPv4 address that it was given.
    pub ipv4: Option<String>,
    /// The IPv6 address that it was given.
    pub ipv6: Option<String>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LiveMount {
    /// Where in the container.
    pub target: String,
    /// What kind of thing is mounted.
    #[serde(rename = "type")]
    pub kind: MountKind,
    /// A volume's name on the engine, a path of the host, an image.
    pub source: Option<String>,
    /// Whether the container cannot write to it.
    pub read_only: bool,
}

impl LiveMount {
    /// Whether it is a volume that nobody named; the engine names it by 64 hexadecimal digits.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.kind == MountKind::Volume && self.source.as_deref().is_none_or(is_digits)
    }
}

/// Whether a volume's name is one that the engine gave.
#[must_use]
pub fn is_digits(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A port that is published now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// The same as a port that a file could ask for.
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
