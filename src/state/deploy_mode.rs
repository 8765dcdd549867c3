//! How many tasks of a service a swarm runs (Compose specification, `deploy.mode`).

use strum::{EnumString, IntoStaticStr, VariantNames};

/// How many tasks of a service a swarm runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum DeployMode {
    /// As many as its replicas.
    #[default]
    Replicated,
    /// One on each node.
    Global,
    /// As many as its replicas, each until it is done.
    ReplicatedJob,
    /// One on each node, until it is done.
    GlobalJob,
}

impl DeployMode {
    /// The mode that a text in a file names; the default one for any other.
    #[must_use]
    pub fn of(text: Option<&str>) -> Self {
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Whether each node has a task.
    #[must_use]
    pub fn is_global(self) -> bool {
        matches!(self, Self::Global | Self::GlobalJob)
    }

    /// Whether its tasks end by themselves.
    #[must_use]
    pub fn is_job(self) -> bool {
        matches!(self, Self::ReplicatedJob | Self::GlobalJob)
    }
}
