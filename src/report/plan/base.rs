//! The commit that a plan starts from.

use serde::Serialize;

use crate::git::{Commit, Revision};

/// The commit that is compared with.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Base {
    /// As it was named.
    pub(crate) rev: String,
    /// Its number.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) commit: Commit,
}

impl Base {
    pub(crate) fn of(revision: &Revision, commit: &Commit) -> Self {
        Self {
            rev: revision.to_string(),
            commit: commit.clone(),
        }
    }

    /// The commit for people.
    pub(super) fn named(&self) -> String {
        format!("`{}` ({})", self.rev, self.commit.short())
    }
}
