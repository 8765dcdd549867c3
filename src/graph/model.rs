//! What a picture of a host shows.

use serde::Serialize;
use strum::IntoStaticStr;

use crate::host_id::HostId;
use crate::severity::Severity;
use crate::state::{CONTAINER, SERVICE, is_default_network};

/// A host: its services, what connects them, and from where they can be reached.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Graph {
    /// Which host it is.
    #[serde(flatten)]
    pub(crate) id: HostId,
    /// Whether it is a stack of a swarm.
    #[serde(skip)]
    pub(crate) is_stack: bool,
    /// The machine, where a spec names it.
    pub(crate) machine: Option<String>,
    /// The domains that its routes answer to.
    pub(crate) domains: Vec<String>,
    /// When the live host was observed; nothing where the graph shows what is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) observed_at: Option<String>,
    /// Why the live host cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The services, and the containers of others that touch the project.
    pub(crate) services: Vec<Service>,
    /// The networks.
    pub(crate) networks: Vec<Network>,
    /// The volumes.
    pub(crate) volumes: Vec<Volume>,
    /// What services reach on other hosts.
    pub(crate) routes: Vec<Route>,
    /// The services that are left out, as they are in a profile that is not enabled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) disabled: Vec<String>,
    /// What differs on the live host, the worst first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<Note>,
}

/// A service, or a container of others.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is a container that does not belong to the project.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) foreign: bool,
    /// The name of its container, where the file gives one.
    #[serde(skip)]
    pub(crate) container: Option<String>,
    /// Its image.
    pub(crate) image: Option<String>,
    /// How many containers of it run.
    pub(crate) replicas: u32,
    /// What it has instead of networks of its own.
    pub(crate) network_mode: Option<String>,
    /// Whether a variable without a value decides what it is attached to.
    #[serde(skip)]
    pub(crate) has_unset_network: bool,
    /// The networks that it is attached to.
    pub(crate) networks: Vec<Attachment>,
    /// The ports that it publishes.
    pub(crate) ports: Vec<Port>,
    /// The named volumes that it mounts.
    pub(crate) volumes: Vec<Attachment>,
    /// The paths of the host that it mounts.
    pub(crate) binds: Vec<String>,
    /// The routes that it uses.
    pub(crate) routes: Vec<String>,
    /// How it differs on the live host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
}

/// That a service is attached to a network or mounts a volume.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Attachment {
    /// The network or volume.
    pub(crate) name: String,
    /// How it differs on the live host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
}

/// A network.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Network {
    /// Its name in the Compose file; on the engine, where it is not in the file.
    pub(crate) name: String,
    /// Its name on the engine, by which projects on one machine share it.
    pub(crate) on_engine: String,
    /// Whether it is internal.
    pub(crate) internal: bool,
    /// Whether it is created and removed outside the project.
    pub(crate) external: bool,
    /// Who may be on it.
    #[serde(skip)]
    pub(crate) members: Members,
    /// The containers, or services of a swarm, of others that are on it, where it is external and a live host was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) others: Option<Vec<Other>>,
    /// How it differs on the live host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
}

/// Who may be on a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Members {
    /// The services of the host's file, which creates it.
    #[default]
    Own,
    /// Those of others too: nothing of the host's file creates it.
    Others,
    /// Besides, containers that no manager of a swarm lists: everyone may join it.
    Anyone,
}

/// A container of others, or a service of a swarm.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Other {
    /// Its name.
    pub(crate) name: String,
    /// The Compose project that it belongs to.
    pub(crate) project: Option<String>,
    /// The ports that it publishes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ports: Vec<Port>,
}

/// A named volume.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Volume {
    /// Its name in the Compose file; on the engine, where it is not in the file.
    pub(crate) name: String,
    /// Whether it is created and removed outside the project.
    pub(crate) external: bool,
    /// How it differs on the live host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
}

/// A published port, or several in a row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Port {
    /// From where it can be reached.
    pub(crate) reach: Zone,
    /// The address and port on the host: `0.0.0.0:443`; or the container's own address, where others reach it there.
    pub(crate) from: String,
    /// The port in the container: `443`, `53/udp`.
    pub(crate) to: String,
    /// The hosts whose routes lead here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) callers: Vec<Caller>,
    /// How it differs on the live host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
}

impl Port {
    /// The port in one line.
    pub(crate) fn text(&self) -> String {
        format!("{} → {}", self.from, self.to)
    }
}

/// From where a published port can be reached, the widest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr, Default,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Zone {
    /// From everywhere: it is published on every address, or on a public one.
    #[default]
    Internet,
    /// A variable without a value decides it.
    Unknown,
    /// From a private network of the machine.
    PrivateNetwork,
    /// From the machine itself.
    Loopback,
    /// From nowhere: the service has no network that allows it.
    Nowhere,
}

impl Zone {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Internet => "Internet",
            Self::Unknown => "Unknown",
            Self::PrivateNetwork => "Private network",
            Self::Loopback => "Loopback",
            Self::Nowhere => "Not published",
        }
    }

    /// What it means.
    pub(crate) fn explained(self) -> &'static str {
        match self {
            Self::Internet => "everyone",
            Self::Unknown => "a variable without a value decides it",
            Self::PrivateNetwork => "machines in it",
            Self::Loopback => "this machine only",
            Self::Nowhere => "no network allows it",
        }
    }
}

/// A host that reaches a port through a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Caller {
    /// The host.
    pub(crate) host: String,
    /// The route.
    pub(crate) route: String,
}

/// What services reach on another host: an upstream of the specs, or a name of `extra_hosts`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Route {
    /// Its name, which no other route of the graph has.
    pub(crate) name: String,
    /// The name or address that services call, with the port where it is known.
    pub(crate) address: String,
    /// The host that answers, where a spec says so.
    pub(crate) host: Option<String>,
    /// The services of that host that publish a port there.
    pub(crate) services: Vec<String>,
}

/// How something differs on the live host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Drift {
    /// How much it matters.
    pub(crate) severity: Severity,
    /// Whether it is there.
    pub(crate) change: DriftKind,
    /// What the findings say.
    pub(crate) messages: Vec<String>,
}

/// Whether something that differs is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DriftKind {
    /// It is missing.
    Missing,
    /// It is not expected.
    Extra,
    /// It is not as expected.
    Differs,
}

impl DriftKind {
    /// The words for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "not expected",
            Self::Differs => "differs",
        }
    }
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Note {
    /// How much it matters.
    pub(crate) severity: Severity,
    /// What it says.
    pub(crate) message: String,
}

impl Graph {
    /// What the host runs: a project or a stack.
    pub(crate) fn kind(&self) -> &'static str {
        if self.is_stack { "stack" } else { "project" }
    }

    /// Why it shows what is expected instead of what runs, where its engine could not be asked.
    pub(crate) fn not_observed(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!("not observed, shown as expected: {error}"))
    }
}

impl Service {
    /// Whose network it has, where it has none of its own.
    pub(crate) fn network_words(&self) -> Option<String> {
        if self.has_unset_network {
            return Some(match &self.network_mode {
                Some(mode) => format!("unknown: {mode}"),
                None => "unknown: a variable decides its networks".to_owned(),
            });
        }
        Some(match self.network_mode.as_deref()? {
            "host" => "network of the host".to_owned(),
            "none" => "no network".to_owned(),
            mode if is_default_network(mode) => "default network of the engine".to_owned(),
            mode => {
                let (_, of) = mode.split_once(':').unwrap_or(("", mode));
                format!("network of {of}")
            }
        })
    }
}

/// The container, by its name, whose network a service shares.
pub(super) fn shared_with_container(network_mode: Option<&str>) -> Option<&str> {
    network_mode?.strip_prefix(CONTAINER)
}

/// The service whose network a service shares.
pub(crate) fn shared_with(network_mode: Option<&str>) -> Option<&str> {
    network_mode?.strip_prefix(SERVICE)
}
