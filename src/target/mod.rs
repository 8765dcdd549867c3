//! What a comparison is about: what is expected of a project, and the engine that runs it.
//!
//! This is where specs, Compose files and engines meet. `drift` knows none of them: it is given two
//! states and a [`Context`].

mod before;
mod bound;
mod commands;
mod compared;
mod file_change;
mod files;
mod host;
mod installed;
mod revision;
mod snapshot;
mod texts;
mod unused;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use commands::named_from_here;
pub(crate) use compared::{Compared, Examined, Foreseen};
pub(crate) use file_change::FileChange;
pub(crate) use files::of_files;
pub(crate) use host::{Hosts, expected, request};
pub(crate) use installed::{Installed, Question, give_resource_hashes};
pub(crate) use revision::{Before, Past, Removed, Revised};
pub(crate) use texts::Texts;

use crate::docker::{
    self, Connection, Depth, Endpoint, Event, Failure, ProjectScope, Surroundings, Unresolved,
    Waited, observe, observe_stack,
};
use crate::drift::{Context, IgnoreRule};
use crate::finding::Finding;
use crate::host_id::HostId;
use crate::orchestrator::Orchestrator;
use crate::state::{DeployStep, Service, StackRefusal, State};

/// A project on an engine.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Which host it is.
    pub(crate) id: HostId,
    /// What its Compose file asks for.
    pub(crate) expected: State,
    /// The project's folder on this machine.
    pub(crate) folder: PathBuf,
    /// The path of that file, as people name it; none where it is standard input.
    pub(crate) file: Option<String>,
    /// What runs it.
    pub(crate) orchestrator: Orchestrator,
    /// Its engine.
    pub(crate) endpoint: Result<Endpoint, Unresolved>,
    /// What a comparison has to know besides.
    pub(crate) context: Context,
    /// Its file, to be read with other texts.
    pub(crate) texts: Texts,
    /// The findings that its spec ignores.
    pub(crate) ignore: Vec<IgnoreRule>,
    /// That the committed file is not what the spec renders now.
    pub(crate) stale: Option<Finding>,
}

impl Target {
    /// The engine, as far as it is known.
    pub(crate) fn endpoint_text(&self) -> String {
        self.endpoint
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Says that who deploys has the variables that its files were read with, and no others. A warning says what is
    /// missing, where no finding does.
    fn knows_variables(&mut self) -> Vec<String> {
        self.context.knows_variables = true;
        let required = self.expected.required.iter();
        if let Some(stack) = &mut self.expected.stack {
            let refused = required.map(|(name, why)| StackRefusal {
                step: DeployStep::File,
                resource: name.clone(),
                place: Vec::new(),
                message: why.clone(),
            });
            stack.refused.extend(refused);
            return Vec::new();
        }
        required
            .map(|(_, why)| format!("`docker compose up` fails: {why}"))
            .collect()
    }

    /// The folder that relative paths of its Compose file start from.
    pub(crate) fn compose_folder(&self) -> &Path {
        let folder = self.context.directory.as_deref();
        folder.map_or(self.folder.as_path(), Path::new)
    }

    /// What its engine runs that has to do with the project.
    pub(crate) async fn observe(
        &self,
        timeout: Duration,
        depth: Depth,
    ) -> Result<State, Unobserved> {
        let endpoint = self.endpoint.as_ref().map_err(Clone::clone)?;
        let connection = Connection::open(endpoint, timeout).await?;
        if self.orchestrator == Orchestrator::Swarm {
            return Ok(observe_stack(&connection, &self.expected).await?);
        }
        let scope = ProjectScope {
            configs: self.configs(),
            depth,
            ..ProjectScope::of(&self.expected)
        };
        Ok(observe(&connection, &scope).await?)
    }

    /// When the files here that its services mount as configs were changed, by services and places.
    fn configs(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let services = self.expected.services.iter();
        let of_service = |service: &Service| -> BTreeMap<String, String> {
            let mounts = service.mounts.iter();
            let configs = mounts.filter(|mount| service.configs.contains(&mount.target));
            let times = configs.filter_map(|mount| {
                let file = PathBuf::from(mount.source.as_deref()?);
                Some((mount.target.clone(), modified(&[file])?))
            });
            times.collect()
        };
        services
            .map(|(name, service)| (name.clone(), of_service(service)))
            .collect()
    }

    /// What happened on its engine between two times, in nanoseconds.
    pub(crate) async fn events(
        &self,
        since: i64,
        until: i64,
        timeout: Duration,
    ) -> Result<Vec<Event>, Unobserved> {
        let endpoint = self.endpoint.as_ref().map_err(Clone::clone)?;
        let connection = Connection::open(endpoint, timeout).await?;
        Ok(docker::events(&connection, since, until).await?)
    }

    /// Waits for something to happen on its engine after a time, at most for a while.
    pub(crate) async fn wait(&self, since: i64, most: Duration) -> Result<Waited, Unobserved> {
        let endpoint = self.endpoint.as_ref().map_err(Clone::clone)?;
        let connection = Connection::open(endpoint, most).await?;
        Ok(docker::wait(&connection, since).await?)
    }
}

/// A target that was observed, or could not be.
#[derive(Debug)]
pub(crate) struct Observation {
    /// The target.
    pub(crate) target: Target,
    /// What its engine runs, or why that is not known.
    pub(crate) observed: Result<State, String>,
    /// How long it took.
    pub(crate) took: Duration,
    /// Whether a snapshot was read, and no engine asked.
    pub(crate) is_snapshot: bool,
}

/// Why a host could not be observed.
#[derive(Debug)]
pub(crate) enum Unobserved {
    /// It is not known where its engine listens.
    Unresolved(Unresolved),
    /// Its engine cannot be reached, or does not answer as an engine does.
    Failed(Failure),
}

impl From<Unresolved> for Unobserved {
    fn from(unresolved: Unresolved) -> Self {
        Self::Unresolved(unresolved)
    }
}

impl From<Failure> for Unobserved {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl std::fmt::Display for Unobserved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unresolved(unresolved) => unresolved.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

/// Whether `DOCKER_HOST` is set, but none of these engines is the default one.
pub(crate) fn ignores_docker_host<T: AsRef<str>>(
    surroundings: &Surroundings,
    mut engines: impl Iterator<Item = T>,
) -> bool {
    let uses = |engine: T| matches!(engine.as_ref(), "default" | "context:default");
    surroundings.variable("DOCKER_HOST").is_some() && !engines.any(uses)
}

/// Whether an engine is on another machine, which has its own copy of the project's folder.
fn is_elsewhere(endpoint: &Result<Endpoint, Unresolved>) -> bool {
    matches!(endpoint, Ok(Endpoint::Ssh(_) | Endpoint::Tcp { .. }))
}

/// When the newest of these files was changed.
fn modified(files: &[PathBuf]) -> Option<String> {
    let time = |file: &PathBuf| std::fs::metadata(file).and_then(|metadata| metadata.modified());
    let times: Option<Vec<_>> = files.iter().map(|file| time(file).ok()).collect();
    let newest = jiff::Timestamp::try_from(times?.into_iter().max()?).ok()?;
    Some(newest.to_string())
}

pub(crate) use crate::files::absolute;
