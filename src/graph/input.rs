//! What a graph is made of.

use std::path::PathBuf;

use crate::finding::Finding;
use crate::redact;
use crate::spec::{Catalog, Environment, Host, PullRequest};
use crate::state::State;

/// What a graph is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GraphInput<'a> {
    /// What is expected.
    pub(crate) expected: &'a State,
    /// The host and its environment, where a spec names them.
    pub(crate) spec: Option<Spec<'a>>,
    /// What was found on the live host, where that is shown.
    pub(crate) live: Option<LiveHost<'a>>,
    /// Where the project is here, where it is in a folder.
    pub(crate) folders: Option<&'a Folders>,
}

/// The folders of a project here; paths on a host are shown as they are below them.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// That of the project.
    pub(crate) project: PathBuf,
    /// That which relative paths of the Compose file start from.
    pub(crate) compose: PathBuf,
}

/// A host that is shown, whatever runs there.
#[derive(Debug)]
pub(crate) struct ShownHost<'a> {
    /// What is expected of it.
    pub(crate) expected: State,
    /// Its place in the specs.
    pub(crate) spec: Option<Spec<'a>>,
    /// Where its project is here.
    pub(crate) folders: Folders,
}

/// The place of a host in the specs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) environment: &'a Environment,
    pub(crate) host: &'a Host,
    /// Whether it is what the hosts of all pull requests have in common, and none of them.
    pub(crate) is_pattern: bool,
}

impl<'a> Spec<'a> {
    /// The place of the host with a name, or of that of a pull request; `None` where the specs have no such host.
    pub(crate) fn of(
        catalog: &'a Catalog,
        name: &str,
        pull_request: Option<PullRequest>,
    ) -> Option<Self> {
        let mut hosts = catalog.hosts();
        let (environment, host) = hosts.find(|(_, host)| host.name.as_str() == name)?;
        Some(Self {
            catalog,
            environment,
            host,
            is_pattern: environment.per_pull_request && pull_request.is_none(),
        })
    }
}

impl ShownHost<'_> {
    /// What its graph is made of, with what was found on the live host.
    pub(crate) fn input<'a>(&'a self, live: Option<LiveHost<'a>>) -> GraphInput<'a> {
        GraphInput {
            expected: &self.expected,
            spec: self.spec,
            live,
            folders: Some(&self.folders),
        }
    }
}

/// What was found on a live host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveHost<'a> {
    /// What runs there, or why that is not known.
    pub(crate) observed: Result<&'a State, &'a str>,
    /// How it differs from what is expected.
    pub(crate) findings: &'a [Finding],
}

/// A text of a graph, without secrets.
pub(super) fn shown(text: &str) -> String {
    redact::text(text).into_owned()
}
