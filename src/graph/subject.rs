//! What a graph is made of.

use std::path::Path;

use crate::finding::Finding;
use crate::redact;
use crate::spec::{Catalog, Environment, Host};
use crate::state::State;

/// What a graph is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// What is expected.
    pub(crate) expected: &'a State,
    /// The host and its environment, where a spec names them.
    pub(crate) spec: Option<Spec<'a>>,
    /// What was found on the live host, where that is shown.
    pub(crate) live: Option<Live<'a>>,
    /// Where the project is here, where it is in a directory.
    pub(crate) place: Option<Place<'a>>,
}

/// The directories of a project here; paths on a host are shown as they are below them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// That of the project.
    pub(crate) project: &'a Path,
    /// That which relative paths of the Compose file start from.
    pub(crate) compose: &'a Path,
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

/// What was found on a live host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live<'a> {
    /// What runs there, or why that is not known.
    pub(crate) observed: Result<&'a State, &'a str>,
    /// How it differs from what is expected.
    pub(crate) findings: &'a [Finding],
}

/// A text of a graph, without secrets.
pub(super) fn shown(text: &str) -> String {
    redact::text(text).into_owned()
}
