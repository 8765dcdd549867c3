//! The configuration of a container, besides its networks, mounts and ports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::redact::{Sensitive, serialize_named};

/// The configuration of a container, in the units and words of the Engine API.
///
/// `None` and empty mean that the file does not say: the image or the engine decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The user, and the group behind a `:`.
    pub user: Option<String>,
    /// The words of the command; like the values of variables, and for the same reason, they are
    /// not shown: `--password ${PASSWORD}` is such words.
    pub command: Option<Vec<Sensitive>>,
    /// The words of the entrypoint.
    pub entrypoint: Option<Vec<Sensitive>>,
    /// The folder that it starts in.
    pub working_dir: Option<String>,
    /// The host name.
    pub hostname: Option<String>,
    /// The container's name, where the file names it.
    pub container_name: Option<String>,
    /// The variables; nothing where the value is not known.
    #[serde(serialize_with = "serialize_named")]
    pub environment: BTreeMap<String, Option<Sensitive>>,
    /// The labels, without those that Compose adds.
    #[serde(serialize_with = "serialize_named")]
    pub labels: BTreeMap<String, Sensitive>,
    /// The digest of the definition that it was created from, where composegen rendered it.
    pub definition: Option<String>,
    /// `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
    pub restart: Option<String>,
    /// The memory limit, in bytes.
    pub memory: Option<u64>,
    /// The CPU limit, in billionths of a CPU.
    pub nano_cpus: Option<u64>,
    /// The limit of processes.
    pub pids: Option<i64>,
    /// Whether it is privileged.
    pub privileged: bool,
    /// Whether its root file system is read-only.
    pub read_only: bool,
    /// Whether an init process runs in it, where the file says so.
    pub init: Option<bool>,
    /// Capabilities that are added to the default ones, without `CAP_`; sorted.
    pub cap_add: Vec<String>,
    /// Capabilities that are dropped, without `CAP_`; sorted.
    pub cap_drop: Vec<String>,
    /// Options for security modules, as `no-new-privileges` or `seccomp=unconfined`; sorted.
    pub security_opt: Vec<String>,
    /// The process namespace that it shares: `host`, `service:NAME`, `container:NAME`.
    pub pid: Option<String>,
    /// The IPC namespace that it shares: `host`, `service:NAME`, `container:NAME`, `shareable`.
    pub ipc: Option<String>,
    /// Where it has memory for a file system by the short form `tmpfs:`; sorted.
    pub tmpfs: Vec<String>,
    /// Entries of its hosts file, `NAME:ADDRESS`; sorted.
    pub extra_hosts: Vec<String>,
    /// The words of the health check; `NONE` where it is turned off.
    pub healthcheck: Option<Vec<Sensitive>>,
}

/// Whether a variable is set by neither the file nor the image: the engine sets it (`PATH` on every engine, the
/// others on some), or the docker CLI does, from the proxies of its configuration.
#[must_use]
pub fn is_filled_in(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "HOSTNAME" | "TERM" | "container")
        || name.to_ascii_lowercase().ends_with("_proxy")
}
