//! Which host something is about.

use serde::{Deserialize, Serialize};

/// Which host a report, a graph or a recorded run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HostId {
    /// The host, where a spec names it.
    pub(crate) host: Option<String>,
    /// Its environment, where a spec names it.
    pub(crate) environment: Option<String>,
    /// The Compose project.
    pub(crate) project: String,
}

impl HostId {
    /// What people call it: the host, or the project where no spec names one.
    pub(crate) fn title(&self) -> &str {
        self.host.as_deref().unwrap_or(&self.project)
    }

    /// Its environment and its project, for people who know its title.
    pub(crate) fn about(&self) -> impl Iterator<Item = String> {
        let environment = self.environment.iter();
        let project = self
            .host
            .iter()
            .map(|_| format!("project {}", self.project));
        environment
            .map(|name| format!("environment {name}"))
            .chain(project)
    }

    /// The names by which people select it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.host, &self.environment]
            .into_iter()
            .flatten()
            .chain([&self.project])
            .map(String::as_str)
    }
}
