//! Every field of a service, of its attachments to networks and its mounts, of a network and a volume that a
//! Compose file, an image or a hand can set, and that an engine shows.
//!
//! There is one row for each field. The expected state, the observed state, `drift` and the units in
//! reports walk the tables, so a new field is a new row. Ports and replicas have forms of their own in
//! a state.

mod attached;
mod difference;
mod forms;
mod interface;
mod mount;
mod resource;
mod row;
#[cfg(test)]
pub(crate) mod schema;
mod service;
mod shown;
mod stack;
mod value;

pub use attached::ATTACHMENT;
pub(crate) use difference::{FieldDifference, is_hidden};
pub(crate) use forms::{
    OPERATING_SYSTEMS, boolean, capability, device_request, exposed_port, is_platform, is_profile,
    is_signal, mac_address, one_spelling, platform, ratio, restart, seccomp_file, seccomp_profile,
    security_option, signal, tmpfs_entry,
};
pub(crate) use interface::name_interface;
pub use mount::MOUNT;
pub(crate) use mount::{is_shared, octal};
pub use resource::{NETWORK, VOLUME};
pub use service::SERVICE;
pub use shown::shown;
pub(crate) use shown::{duration, written};
pub(crate) use stack::{RESTART_POLICY, STACK_PARTS, stack_default};
pub use stack::{STACK, STACK_FILE};
pub use value::{Value, Values};
pub(crate) use value::{attachment, network, of_mount, of_stack, of_stack_file, volume};

/// A field of a service, a mount, a network or a volume.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own"
)]
pub struct Field {
    /// Its path there in a Compose file, such as `healthcheck.interval`. A difference in a map is
    /// reported as `labels.KEY`.
    pub path: &'static str,
    /// What it is called in a state that has it even where it is not set.
    pub written: Option<&'static str>,
    /// Another path for the same setting, which has priority.
    pub deploy: Option<&'static str>,
    /// The other fields that its value depends on.
    pub with: &'static [&'static str],
    /// Its path in the engine's answer (Engine API, `ContainerInspectResponse` for a service and an
    /// image).
    pub engine: &'static str,
    /// How its value is written.
    pub form: Form,
    /// Whether no key of a Compose file sets it: a person did, with the engine's own options.
    pub is_by_hand: bool,
    /// Whether the image sets it where the file does not.
    pub is_of_image: bool,
    /// What it is where neither sets it.
    pub default: Default,
    /// The setting of the engine (`daemon.json`) that gives it, or entries of it, another default, which
    /// no answer shows.
    pub configured_by: Option<&'static str>,
    /// Whether every engine shows it, so that an answer without it is a mistake.
    pub is_always_shown: bool,
    /// Whether it can give a container access to the host.
    pub exposes: bool,
}

/// How a value is written in a Compose file and in an engine's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// True, or not set.
    Flag,
    /// True, false, or not set.
    Switch,
    /// A whole number; 0 means not set.
    Count,
    /// A whole number, of which 0 is one.
    Whole,
    /// A limit; 0 and less mean that there is none.
    Limit,
    /// An amount of memory, in bytes; 0 means not set, -1 unlimited.
    Bytes,
    /// A duration in nanoseconds; 0 means not set.
    Nanoseconds,
    /// A duration in nanoseconds, of which 0 is one.
    Duration,
    /// A duration in microseconds; 0 means not set.
    Microseconds,
    /// A duration in seconds.
    Seconds,
    /// Processors, in billionths.
    NanoCpus,
    /// A text; an empty one means not set.
    Text,
    /// An absolute path.
    Path,
    /// A signal, by name or number.
    Signal,
    /// The platform of an image.
    Platform,
    /// A MAC address.
    Mac,
    /// An IP address.
    Address,
    /// IP addresses.
    Addresses,
    /// How mounts spread between host and container.
    Propagation,
    /// Whether a bind mount includes the mounts below its source.
    Recursive,
    /// The permissions of a directory, in octal digits.
    Mode,
    /// A namespace: `host`, `private`, `service:NAME`, `container:NAME`.
    Namespace,
    /// A restart policy, with its number of attempts.
    Restart,
    /// The words of a command, which are not shown.
    Words,
    /// The words of a health check, which are not shown.
    Check,
    /// Texts whose order matters.
    List,
    /// Texts that are made elsewhere, of what is not one of its own.
    Items,
    /// Texts whose order does not matter.
    Set,
    /// Capabilities, without `CAP_`.
    Capabilities,
    /// Options for security modules.
    SecurityOptions,
    /// Other containers by further names, `CONTAINER:NAME`.
    Links,
    /// Host names with addresses, `NAME:ADDRESS`.
    Hosts,
    /// Host names with addresses, `NAME:ADDRESS`, which a swarm writes as `ADDRESS NAME`.
    HostLines,
    /// Ports with protocols, `80/tcp`.
    Exposed,
    /// Which of these paths the engine does not list.
    NotListed(&'static [&'static str]),
    /// Devices, `HOST:CONTAINER:PERMISSIONS`.
    Devices,
    /// Requests for devices such as GPUs.
    DeviceRequests,
    /// Limits for block devices, `PATH:RATE`; the name of the number in a Compose file and in the
    /// Engine API.
    Rates(&'static str, &'static str),
    /// A share, from 0 to 1.
    Ratio,
    /// How many tasks of a service there are to be: `replicated`, `global`.
    ServiceMode,
    /// The labels of nodes over which tasks are spread; their order matters.
    Spreads,
    /// Countable resources of nodes, `KIND=NUMBER`.
    Discrete,
    /// Names and texts.
    Map,
    /// Ports that a swarm publishes, `80:8080/tcp`.
    Ports,
    /// What a service of a stack mounts, is given or joins: a description by its place or name.
    Entries,
    /// Names and texts that Compose does not send, whatever the file says.
    NotSent,
    /// Names and texts, which are hidden except for a few.
    Options,
    /// Labels and the like, which are not shown.
    Labels,
    /// Variables, which are not shown.
    Environment,
    /// Limits of resources by name, `SOFT:HARD`.
    Ulimits,
    /// Directories in memory, with their mount options.
    Tmpfs,
    /// The subnets of a network.
    Subnets,
    /// A text of each subnet of a network.
    Pools,
    /// Addresses of all subnets of a network, by name.
    PoolHosts,
}

/// What a field is where neither the file nor the image sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Not set.
    Unset,
    /// One of these.
    Known(&'static [&'static str]),
    /// Twice the memory limit.
    Swap,
    /// The logging driver that the engine uses unless told otherwise.
    LoggingDriver,
    /// The runtime that the engine uses unless told otherwise.
    Runtime,
    /// The cgroup namespace, which depends on the version of cgroups.
    Cgroup,
    /// The beginning of the container's ID.
    Id,
    /// Not set, or what the container has whose network it shares.
    OfNetwork,
}

/// The field of a service with this path, or that has an entry with this path.
#[must_use]
pub fn of_service(path: &str) -> Option<&'static Field> {
    SERVICE.iter().find(|field| field.holds(path))
}

/// The field with this path of whatever has one.
pub(crate) fn find(path: &str) -> Option<&'static Field> {
    let all = || {
        let of_things = MOUNT.iter().chain(NETWORK).chain(VOLUME);
        SERVICE
            .iter()
            .chain(of_things)
            .chain(STACK)
            .chain(STACK_FILE)
    };
    let exact = all().find(|field| field.path == path || field.deploy == Some(path));
    exact.or_else(|| all().find(|field| field.holds(path)))
}

/// The limits of a service and the fields below its `deploy` that mean the same, by their paths.
pub(crate) fn limits() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVICE
        .iter()
        .filter_map(|row| Some((row.path, row.deploy?)))
        .filter(|(_, deploy)| deploy.starts_with("deploy.resources."))
}

impl Field {
    /// What it is called in a state.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.written.unwrap_or(self.path)
    }

    /// Whether a path is its own, or that of one of its entries.
    fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path);
        rest.is_some_and(|rest| rest.is_empty() || self.form.is_map() && rest.starts_with('.'))
    }
}

/// Keys of a service that configure its containers and that no engine shows, with the reason.
pub static NOT_SHOWN: &[(&str, &str)] = &[
    ("cpu_percent", "it has no effect on Linux"),
    ("credential_spec", "it is for Windows containers"),
    (
        SELINUX_NOT_SENT,
        "Compose sends it only with `create_host_path: true` and without other options",
    ),
    (CONSISTENCY, "engines ignore it"),
];

pub(crate) const SELINUX_NOT_SENT: &str = "volumes.bind.selinux";
pub(crate) const CONSISTENCY: &str = "volumes.consistency";

/// The paths in a Compose file that a field of a state depends on, below its service, network or
/// volume; `environment.KEY` is an entry of `environment`.
pub(crate) fn paths(path: &str) -> Vec<String> {
    if path == "replicas" {
        return ["scale", "deploy.replicas"].map(str::to_owned).into();
    }
    let field = find(path);
    let others = field
        .into_iter()
        .flat_map(|field| field.deploy.iter().chain(field.with))
        .map(|path| (*path).to_owned());
    let own = match path.strip_prefix("ipam.config.") {
        // It is a list.
        Some(_) => "ipam.config".to_owned(),
        None => path.to_owned(),
    };
    std::iter::once(own).chain(others).collect()
}

impl Form {
    /// Whether a value is a number.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Count
                | Self::Whole
                | Self::Duration
                | Self::Limit
                | Self::Bytes
                | Self::Nanoseconds
                | Self::Microseconds
                | Self::Seconds
                | Self::NanoCpus
        )
    }

    /// Whether 0 is a value as any other.
    #[must_use]
    pub fn keeps_zero(self) -> bool {
        matches!(self, Self::Whole | Self::Duration)
    }

    /// Whether a value is the words of a command.
    #[must_use]
    pub fn is_words(self) -> bool {
        matches!(self, Self::Words | Self::Check)
    }

    /// Whether a value is a list of texts that are shown.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::List
                | Self::Set
                | Self::Items
                | Self::Capabilities
                | Self::SecurityOptions
                | Self::Hosts
                | Self::HostLines
                | Self::Spreads
                | Self::Discrete
                | Self::Ports
                | Self::Exposed
                | Self::NotListed(_)
                | Self::Devices
                | Self::DeviceRequests
                | Self::Rates(..)
                | Self::Subnets
                | Self::Addresses
                | Self::Links
        )
    }

    /// Whether a value is a map.
    #[must_use]
    pub fn is_map(self) -> bool {
        matches!(
            self,
            Self::Map
                | Self::Entries
                | Self::NotSent
                | Self::Options
                | Self::Labels
                | Self::Environment
                | Self::Ulimits
                | Self::Tmpfs
                | Self::Pools
                | Self::PoolHosts
        )
    }

    /// Whether a value is a map whose entries do not have their names in a finding's field.
    #[must_use]
    pub fn has_unnamed_entries(self) -> bool {
        matches!(self, Self::Tmpfs | Self::Pools)
    }
}
