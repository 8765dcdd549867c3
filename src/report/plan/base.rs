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
    pub(crate) commit: String,
}

impl Base {
    pub(crate) fn of(revision: &Revision, commit: &Commit) -> Self {
        Self {
            rev: revision.to_string(),
            commit: commit.to_string(),
        }
    }

    /// The commit for people.
    pub(super) fn named(&self) -> String {
        let short = self.commit.get(..12).unwrap_or(&self.commit);
        format!("`{}` ({short})", self.rev)
    }
}
