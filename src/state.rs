//! The shared vocabulary of expected and observed state: networks, volumes, and services with what
//! they mount and publish.
//!
//! As JSON this is the state's version 1. What a Compose file does not set is `null` or empty, never
//! a guessed default, and lists are sorted, so that two states differ as text only where they differ
//! in fact.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of the JSON form.
pub const VERSION: u8 = 1;

/// The networks, volumes and services of a Compose project, by their keys in the Compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`VERSION`].
    pub version: u8,
    /// The project's name.
    pub project: String,
    /// The networks that Compose creates or joins; one that no service uses is not among them.
    pub networks: BTreeMap<String, Network>,
    /// The volumes that Compose creates or mounts; one that no service uses is not among them.
    pub volumes: BTreeMap<String, Volume>,
    /// The services without a profile.
    pub services: BTreeMap<String, Service>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Its name on the engine.
    pub name: String,
    /// Whether it is somebody else's, who creates and removes it.
    pub external: bool,
    /// Its driver, where the file names one.
    pub driver: Option<String>,
    /// Whether it has no way out.
    pub internal: bool,
    /// Whether containers outside the project may join it (swarm).
    pub attachable: bool,
    /// Whether it has IPv6, where the file says so.
    pub ipv6: Option<bool>,
    /// The subnets that the file pins, sorted.
    pub subnets: Vec<String>,
    /// The driver's options.
    pub options: BTreeMap<String, String>,
    /// Its labels, without those that Compose adds.
    pub labels: BTreeMap<String, String>,
}

/// A named volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name on the engine.
    pub name: String,
    /// Whether it is somebody else's, who creates and removes it.
    pub external: bool,
    /// Its driver, where the file names one.
    pub driver: Option<String>,
    /// The driver's options.
    pub options: BTreeMap<String, String>,
    /// Its labels, without those that Compose adds.
    pub labels: BTreeMap<String, String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How many containers of it run.
    pub replicas: u32,
    /// Its image.
    pub image: Option<String>,
    /// What it has in place of networks: `host`, `none`, `service:NAME`, `container:NAME`.
    pub network_mode: Option<String>,
    /// The networks that it joins.
    pub networks: BTreeMap<String, Attachment>,
    /// What it mounts, sorted by target. Secrets and configs that are files of the host are mounts.
    pub mounts: Vec<Mount>,
    /// The ports that it publishes, sorted.
    pub ports: Vec<Port>,
}

/// How a service is on a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Further names that it answers to there, besides its own; sorted.
    pub aliases: Vec<String>,
    /// Its IPv4 address, where the file pins one.
    pub ipv4: Option<String>,
    /// Its IPv6 address, where the file pins one.
    pub ipv6: Option<String>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// Where in the container; an absolute, clean path.
    pub target: String,
    /// What is mounted.
    #[serde(rename = "type")]
    pub kind: MountKind,
    /// A volume's key, a path of the host, an image; nothing for an anonymous volume or a tmpfs.
    pub source: Option<String>,
    /// Whether the container cannot write to it.
    pub read_only: bool,
}

/// What kind of thing is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// A file or directory of the host.
    Bind,
    /// A volume, named or anonymous.
    Volume,
    /// Memory.
    Tmpfs,
    /// The file system of an image.
    Image,
    /// A named pipe of Windows.
    Npipe,
    /// A cluster volume (swarm).
    Cluster,
}

/// A port that is published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The port in the container.
    pub target: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The address on the host; every one of both families where the file names none.
    pub host_ip: Option<IpAddr>,
    /// The port on the host; the engine chooses any where the file names none.
    pub published: Option<PortRange>,
}

/// The protocol of a published port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// A port of the host, or a range of which the engine chooses one: `28300`, `28095-28099`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// The ports from `first` to `last`, where that is one at least.
    #[must_use]
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first > 0 && first <= last).then_some(Self { first, last })
    }

    /// One port.
    #[must_use]
    pub fn one(port: u16) -> Option<Self> {
        Self::new(port, port)
    }

    /// The first and the last port.
    #[must_use]
    pub fn bounds(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// How many ports these are.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::from(self.last) - u32::from(self.first) + 1
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last != self.first {
            write!(f, "-{}", self.last)?;
        }
        Ok(())
    }
}

impl FromStr for PortRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a port or a range of ports from low to high";
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| text.parse::<u16>().map_err(|_| EXPECTED);
        Self::new(number(first)?, number(last)?).ok_or(EXPECTED)
    }
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Port, PortRange, Protocol};

    #[test]
    fn a_port_as_json() {
        let port = Port {
            host_ip: Some("127.0.0.1".parse().unwrap()),
            published: PortRange::new(28095, 28099),
            target: 80,
            protocol: Protocol::Tcp,
        };
        let json = serde_json::to_value(&port).unwrap();
        let expected = serde_json::json!({
            "host_ip": "127.0.0.1", "published": "28095-28099", "target": 80, "protocol": "tcp"
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<Port>(json).unwrap(), port);
    }

    #[test]
    fn a_range_runs_from_low_to_high() {
        assert_eq!("80".parse::<PortRange>().unwrap().count(), 1);
        assert_eq!("1-65535".parse::<PortRange>().unwrap().count(), 65535);
        for wrong in ["", "0", "2-1", "80-", "a", "65536", "1-2-3"] {
            assert!(wrong.parse::<PortRange>().is_err(), "{wrong}");
        }
    }
}
