//! The shared vocabulary of expected and observed state: networks, volumes, and services with what
//! they mount and publish.
//!
//! As JSON this is the state's version 1. What a Compose file does not set is `null` or empty, never
//! a guessed default, and lists are sorted, so that two states differ as text only where they differ
//! in fact.

mod config;
mod constraint;
mod content;
mod deploy_mode;
mod endpoint_mode;
mod exposed;
mod image;
mod live;
mod mount;
mod names;
mod port;
mod restart;
mod seal;
mod stack;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::fields::Values;
use crate::orchestrator::Orchestrator;
use crate::redact::{Salt, Sensitive};
use crate::text::plural::noun;

pub use config::Config;
pub use constraint::{CONSTRAINT_KEYS, CONSTRAINT_LABELS, Constraint};
pub use content::{
    Changes, Content, Copied, FileKind, MAX_BOUND_BYTES, MAX_BOUND_FILES, PathChange,
};
pub use deploy_mode::DeployMode;
pub use endpoint_mode::EndpointMode;
pub use exposed::{Exposed, GATEWAY_MODES, PORT_ADDRESS};
pub use image::{bare_id, image_name, is_image_reference, is_official_image};
pub use live::{
    Answered, Attached, Bound, Container, Dialect, Engine, Live, Origin, Unreadable, Variable,
    minor_of_api,
};
pub use mount::{Mount, MountKind, is_digits};
pub(crate) use names::{built_image_name, container_name, container_names, scoped_name};
pub(crate) use port::unspecified;
pub use port::{HostIp, Port, PortRange, Protocol, UnsetPort, rows};
pub use restart::RestartPolicy;
pub use stack::{
    DeployStep, GivenFile, NodeTraits, OF_RUNTIME, Reserved, Running, STACK_IMAGE_LABEL,
    STACK_LABEL, Stack, StackFile, StackRefusal, StackService, Swarm, SwarmNode, Trouble,
    described, is_port_of_nodes, is_predefined, port_of_stack, stack_port, stack_published,
};

pub use crate::redact::DEFINITION;

/// What a service waits for that needs another one (`depends_on`): that the other one was started.
pub const STARTED: &str = "service_started";

/// That the other one is healthy.
pub const HEALTHY: &str = "service_healthy";

/// That the other one, a job, has ended without an error.
pub const COMPLETED: &str = "service_completed_successfully";

/// What a network mode or a namespace begins with that is another container's.
pub const CONTAINER: &str = "container:";

/// What it begins with in a file that is another service's.
pub const SERVICE: &str = "service:";

/// Whether a network mode or a namespace is that of another service or container.
#[must_use]
pub fn is_joined(mode: &str) -> bool {
    mode.starts_with(SERVICE) || mode.starts_with(CONTAINER)
}

/// Whether the containers of networks of a driver are machines of the network that an interface of the host is in.
#[must_use]
pub fn is_driver_of_interface(driver: &str) -> bool {
    matches!(driver, "macvlan" | "ipvlan")
}

/// Whether a network mode is the network that an engine has for containers without one.
#[must_use]
pub fn is_default_network(mode: &str) -> bool {
    matches!(mode, "bridge" | "default")
}

/// The drivers of networks of one engine, whose subnets are from its pools.
pub const LOCAL_DRIVERS: [&str; 3] = ["bridge", "macvlan", "ipvlan"];

/// Whether a label is one that Compose keeps for itself: it writes them to all that it creates.
#[must_use]
pub fn is_label_of_compose(label: &str) -> bool {
    label.starts_with("com.docker.compose.")
}

/// The version of the JSON form.
pub const VERSION: u8 = 1;

/// The networks, volumes and services of a Compose project, by their keys in the Compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The version of this form: 1.
    pub version: u8,
    /// The project's name.
    pub project: String,
    /// The networks that Compose creates or joins; one that no service uses is not among them.
    pub networks: BTreeMap<String, Network>,
    /// The volumes that Compose creates or mounts; one that no service uses is not among them.
    pub volumes: BTreeMap<String, Volume>,
    /// The services that run: those without a profile, and those whose profile is enabled. An observed
    /// state has none; its containers are among what only a live host has.
    pub services: BTreeMap<String, Service>,
    /// The stack, where the host is a swarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<Stack>,
    /// What is not known because a variable has no value: the path of the field in the Compose
    /// file (`services.web.image`), and the variables that it names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unset: BTreeMap<String, Vec<String>>,
    /// The variables without a value that the file requires (`${NAME:?why}`), so that nothing is deployed
    /// without them, each with what is wrong.
    #[serde(skip)]
    pub required: BTreeMap<String, String>,
    /// What the file declares and no service that runs uses; it is not expected.
    #[serde(skip)]
    pub unused: Unused,
    /// The salt of a snapshot's digests; only a snapshot has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
    /// What only a live host has; an expected state has none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

impl State {
    /// Whether a service joins networks and all of them are internal, so that none of its ports is published.
    #[must_use]
    pub fn is_on_internal_only(&self, service: &Service) -> bool {
        let mut joined = service.networks.keys().peekable();
        let is_internal = |key: &String| self.networks.get(key).is_some_and(Network::is_internal);
        joined.peek().is_some() && joined.all(is_internal)
    }

    /// The state of a project that has nothing.
    #[must_use]
    pub fn empty(project: impl Into<String>) -> Self {
        Self {
            version: VERSION,
            project: project.into(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            services: BTreeMap::new(),
            stack: None,
            unset: BTreeMap::new(),
            required: BTreeMap::new(),
            unused: Unused::default(),
            salt: None,
            live: None,
        }
    }

    /// What runs its file.
    #[must_use]
    pub fn orchestrator(&self) -> Orchestrator {
        match self.stack {
            Some(_) => Orchestrator::Swarm,
            None => Orchestrator::Docker,
        }
    }

    /// The services whose image is not known, and the variables without a value that it depends on.
    #[must_use]
    pub fn unset_images(&self) -> (Vec<&str>, BTreeSet<&str>) {
        let (mut services, mut variables) = (Vec::new(), BTreeSet::new());
        for (path, names) in &self.unset {
            let service = path.strip_prefix("services.");
            if let Some(service) = service.and_then(|path| path.strip_suffix(".image")) {
                services.push(service);
                variables.extend(names.iter().map(String::as_str));
            }
        }
        (services, variables)
    }
}

/// What a file declares and no service that runs uses: Compose creates none of it, and leaves alone
/// what is there of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unused {
    /// The services whose profile is not enabled.
    pub services: BTreeSet<String>,
    /// The names on the engine of the networks.
    pub networks: BTreeSet<String>,
    /// The names on the engine of the volumes.
    pub volumes: BTreeSet<String>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Network {
    /// Its name on the engine.
    pub name: String,
    /// Whether it is created and removed outside the project.
    pub external: bool,
    /// Its fields, without the labels that Compose adds.
    #[serde(flatten, with = "crate::fields::network")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Network"))]
    pub fields: Values,
    /// Who created it and when, where it is a live one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Network {
    /// Whether it is internal: its containers can reach nothing outside.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.fields.is_on("internal")
    }

    /// The stack of a swarm that its labels name.
    #[must_use]
    pub fn stack(&self) -> Option<&Sensitive> {
        self.fields.map("labels").get(STACK_LABEL)?.as_ref()
    }

    /// Whether its containers are machines of the network that an interface of the host is in.
    #[must_use]
    pub fn is_of_interface(&self) -> bool {
        self.fields
            .text("driver")
            .is_some_and(is_driver_of_interface)
    }

    /// What other machines reach at the addresses of its containers.
    #[must_use]
    pub fn exposed(&self) -> Option<Exposed> {
        if self.is_internal() {
            return None;
        }
        if self.is_of_interface() {
            return Some(Exposed::All);
        }
        let options = self.fields.map("driver_opts");
        let modes = GATEWAY_MODES.into_iter().filter_map(|option| {
            let mode = options.get(option)?.as_ref()?;
            Exposed::by_gateway(mode.revealed())
        });
        modes.min()
    }

    /// The address on which ports without one are published, where the network sets it.
    #[must_use]
    pub fn port_address(&self) -> Option<IpAddr> {
        let options = self.fields.map("driver_opts");
        let address = options.get(PORT_ADDRESS)?;
        address.as_ref()?.revealed().parse().ok()
    }
}

/// A named volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Volume {
    /// Its name on the engine.
    pub name: String,
    /// Whether it is created and removed outside the project.
    pub external: bool,
    /// Its fields, without the labels that Compose adds.
    #[serde(flatten, with = "crate::fields::volume")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Volume"))]
    pub fields: Values,
    /// Who created it and when, where it is a live one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Service {
    /// How many containers of it run.
    pub replicas: u32,
    /// Its image.
    pub image: Option<String>,
    /// Whether Compose builds its image.
    #[serde(skip)]
    pub build: bool,
    /// Whether its health check has a `start_period`, where it has a `start_interval`, whatever their values. Compose asks for
    /// that before it asks the engine.
    #[serde(skip)]
    pub start_interval_has_period: Option<bool>,
    /// When its image is pulled or built, as the file says; nothing of it shows on a live host.
    #[serde(skip)]
    pub pull_policy: Option<String>,
    /// What it has instead of networks: `host`, `none`, `service:NAME`, `container:NAME`.
    pub network_mode: Option<String>,
    /// The networks that it joins.
    pub networks: BTreeMap<String, Attachment>,
    /// What it mounts, sorted by target. Secrets and configs that are files of the host are mounts.
    pub mounts: Vec<Mount>,
    /// Where it mounts configs, which programs read when they start.
    #[serde(skip)]
    pub configs: BTreeSet<String>,
    /// The secrets and configs that are copied into its containers, sorted by their places there.
    #[serde(serialize_with = "content::targets", skip_deserializing)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub copies: Vec<Copied>,
    /// The paths in the Compose file of those that are empty, which are not copied.
    #[serde(skip)]
    pub empty_copies: BTreeSet<String>,
    /// What the files here hold that are bound into its containers, by their places there, where
    /// that is to be compared.
    #[serde(skip)]
    pub bound: BTreeMap<String, Content>,
    /// The containers of others that it mounts the mounts of too, whatever those are; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts_of: Vec<String>,
    /// The services that it names as those whose mounts it mounts too.
    #[serde(skip)]
    pub mounts_from: BTreeSet<String>,
    /// Where it mounts what depends on a variable without a value; nothing for a place that does so
    /// itself.
    #[serde(skip)]
    pub unset_mounts: BTreeSet<Option<String>>,
    /// What it mounts from there, as it is written: paths of the host, unless the file says that they are volumes.
    #[serde(skip)]
    pub unset_sources: BTreeSet<(MountKind, String)>,
    /// The ports that it publishes, sorted.
    pub ports: Vec<Port>,
    /// The ports that it publishes and that depend on a variable without a value, sorted.
    #[serde(skip)]
    pub unset_ports: Vec<UnsetPort>,
    /// Whether it takes variables or labels from other files, or variables from a shell.
    #[serde(skip)]
    pub takes_variables: bool,
    /// The paths of the files that it takes labels from.
    #[serde(skip)]
    pub label_files: Vec<String>,
    /// Whether Compose's hash of it covers what no file has: the containers of other services, the name of a built image.
    #[serde(skip)]
    pub is_completed: bool,
    /// The services that it waits for, and for what (`service_healthy`); nothing of it shows on a
    /// live host.
    pub depends_on: BTreeMap<String, String>,
    /// Those of them with which it is restarted when they are recreated (`restart: true`).
    #[serde(skip)]
    pub restarts_with: BTreeSet<String>,
    /// Those of them that it is started without where they fail (`required: false`).
    #[serde(skip)]
    pub starts_without: BTreeSet<String>,
    /// The configuration of its containers.
    #[serde(flatten)]
    pub config: Config,
    /// The keys of the file that configure its containers too, and that no engine shows; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_shown: Vec<String>,
}

impl Service {
    /// Its image, also one that Compose builds and that the file does not name.
    #[must_use]
    pub fn image_in(&self, project: &str, name: &str) -> Option<Cow<'_, str>> {
        let built = || self.build.then(|| built_image_name(project, name).into());
        self.image.as_deref().map(Cow::from).or_else(built)
    }

    /// The name that Compose gives to a container of it.
    pub(crate) fn container_name(&self, project: &str, name: &str, number: u32) -> String {
        let own = self.config.container_name.clone();
        own.unwrap_or_else(|| container_name(project, name, number))
    }

    /// The names that a container of it may have: in compatibility mode, Compose gives another one.
    pub(crate) fn container_names(&self, project: &str, name: &str, number: u32) -> Vec<String> {
        match &self.config.container_name {
            Some(own) => vec![own.clone()],
            None => container_names(project, name, number).into(),
        }
    }
}

/// How a service is attached to a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attachment {
    /// Its fields; the aliases are those besides the service's own name.
    #[serde(flatten, with = "crate::fields::attachment")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Attachment"))]
    pub fields: Values,
    /// Its priority: a container is created on the network with the highest one.
    #[serde(skip)]
    pub priority: i64,
}

/// Why a field is one of those in [`State::unset`], with the variables that it has there.
#[must_use]
pub fn why_unset(variables: &[String]) -> String {
    if variables.is_empty() {
        return "the file that it names cannot be read here".to_owned();
    }
    format!(
        "{} {} {} no value here",
        noun(variables.len(), "variable", "variables"),
        variables.join(", "),
        noun(variables.len(), "has", "have")
    )
}
