//! How much of two states was compared, and what was not.

use std::collections::BTreeSet;

use serde::Serialize;

/// What cannot be compared, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unchecked {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Why a field is not compared that an engine applies and does not show.
pub(super) const NOT_SHOWN_BY_ENGINE: &str = "this engine does not show it";

/// Why a field is not compared that an engine does not have.
pub(super) const NOT_SUPPORTED_BY_ENGINE: &str = "this engine does not support it";

/// How many of the fields were compared that a file, an image or a hand could have set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Those that were compared.
    pub compared: usize,
    /// All of them; what was not compared is listed as unchecked.
    pub of: usize,
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { compared, of } = self;
        write!(f, "{compared} of {of} fields compared")
    }
}

/// Counts the fields that are compared, and lists what is not, each once.
#[derive(Debug, Default)]
pub(super) struct CoverageTracker {
    unchecked: BTreeSet<Unchecked>,
    coverage: Coverage,
    misread: usize,
}

impl CoverageTracker {
    /// Lists what is not compared.
    pub(super) fn unchecked(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let (what, why) = (what.into(), why.into());
        self.unchecked.insert(Unchecked { what, why });
    }

    /// Counts a field.
    pub(super) fn count(&mut self, is_compared: bool) {
        self.coverage.of += 1;
        self.coverage.compared += usize::from(is_compared);
    }

    /// Counts a field of an answer that cannot be read, and so is not compared.
    pub(super) fn count_misread(&mut self) {
        self.misread += 1;
    }

    pub(super) fn coverage(&self) -> Coverage {
        let Coverage { compared, of } = self.coverage;
        let compared = compared.saturating_sub(self.misread);
        Coverage { compared, of }
    }

    /// What is not compared, sorted.
    pub(super) fn into_unchecked(self) -> Vec<Unchecked> {
        self.unchecked.into_iter().collect()
    }
}
