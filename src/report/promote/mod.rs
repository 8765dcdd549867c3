//! What `promote` decided.

mod human;
mod json;

use super::{Format, Report, Writer};
use crate::git::Commit;
use crate::promote::ReleasedFile;

/// Whether something can be promoted to an environment, and what that changes there.
#[derive(Debug)]
pub(crate) struct PromoteReport {
    /// The branch, tag or release, as it was given.
    pub(crate) reference: String,
    /// Its commit.
    pub(crate) commit: Commit,
    /// The environment.
    pub(crate) environment: String,
    /// Why it cannot; empty where it can.
    pub(crate) refusals: Vec<String>,
    /// The environment's files, compared with the last release.
    pub(crate) files: Vec<ReleasedFile>,
    /// Whether the environment exists once for each pull request.
    pub(crate) is_per_pull_request: bool,
    /// Whether the journal records it now.
    pub(crate) is_recorded: bool,
}

impl PromoteReport {
    /// Whether it can be promoted.
    pub(crate) fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }
}

impl Report for PromoteReport {
    const WRITERS: &'static [(Format, Writer<Self>)] =
        &[(Format::Human, human::write), (Format::Json, json::write)];
}
