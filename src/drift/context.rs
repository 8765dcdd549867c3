//! What a comparison knows besides the two states.

use std::collections::{BTreeMap, BTreeSet};

use super::commands::Commands;
use crate::{pattern, plan};

/// What a comparison knows besides the two states.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is known by itself")]
pub struct Context {
    /// Whether only the project may publish ports on the host.
    pub is_exclusive: bool,
    /// The projects that the spec declares for other hosts of the machine; `*` stands for any text.
    pub known_projects: BTreeSet<String>,
    /// The services whose volumes hold data that must not be lost; where it is not known, all of
    /// them.
    pub stateful: Option<BTreeSet<String>>,
    /// Whether the host runs what an older version of the file asked for, so that whatever differs was changed
    /// in the file.
    pub is_applied: bool,
    /// Whether what an engine may be configured to set counts as set in a container or network: for a file that is to
    /// say all that runs.
    pub counts_defaults: bool,
    /// When the newest of the files that the expected state was read from was changed, in RFC
    /// 3339; `None` if labels are better evidence, or there is none.
    pub modified: Option<String>,
    /// When the newest env file that the expected state was read from was changed, in RFC
    /// 3339. The digest of a definition does not cover what such a file holds.
    pub variables_modified: Option<String>,
    /// The paths in the Compose file whose values name variables (`services.web.image`). The digest
    /// does not cover what the variables hold either.
    pub from_variables: BTreeSet<String>,
    /// Whether who deploys is known to have the variables that the expected state was read with, and no others.
    pub knows_variables: bool,
    /// The folder here that relative paths of the expected state start from, where the host has
    /// another one; its containers say which.
    pub directory: Option<String>,
    /// The Compose files, where they are on this machine: a project that was started from other
    /// files is a different one. `None` where it is not known which files the host has.
    pub files: Option<BTreeSet<String>>,
    /// The options of the `docker compose up` that is foreseen.
    pub up: plan::Options,
    /// The options of the `docker stack deploy` that is foreseen, on a swarm.
    pub deploy: plan::stack::DeployOptions,
    /// The hashes of the services, as Compose itself prints them, where it was asked. An equal one on
    /// a container says that its definition is that of the file, and another one that Compose recreates it.
    pub hashes: BTreeMap<String, String>,
    /// The hashes that Compose would write on networks and volumes, by their sections in a file and their names on the engine, where
    /// they are known.
    pub resource_hashes: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// How the engine and the project are named on a command line.
    pub commands: Commands,
}

impl Context {
    /// The context for a file that is not the project's, and is to say all that runs.
    #[must_use]
    pub fn without_files(&self) -> Self {
        Self {
            modified: None,
            variables_modified: None,
            from_variables: BTreeSet::new(),
            directory: None,
            files: None,
            hashes: BTreeMap::new(),
            resource_hashes: BTreeMap::new(),
            counts_defaults: true,
            ..self.clone()
        }
    }

    /// Whether the spec declares a project, for another host of the machine.
    pub(super) fn knows(&self, project: &str) -> bool {
        self.known_projects
            .iter()
            .any(|pattern| pattern::matches(pattern, project))
    }
}
