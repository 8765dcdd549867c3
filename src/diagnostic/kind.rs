//! What kind of problem a diagnostic is about, for code that decides by it.

use super::Diagnostic;

/// A kind of problem that later code adds help to, or leaves to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// Compose does not know the field. `holder` are the keys that lead to the mapping that has it.
    UnknownField { field: String, holder: Vec<String> },
    /// A key is set twice in one mapping.
    SetTwice { key: String },
    /// A service has neither an image nor a build: other files may complete it.
    Incomplete,
    /// Another service has the same container name.
    NameTaken,
}

impl Diagnostic {
    /// Says what kind of problem it is about.
    pub(crate) fn of_kind(mut self, kind: ProblemKind) -> Self {
        self.kind = Some(Box::new(kind));
        self.withhold()
    }

    /// What kind of problem it is about, where that was said and may be shown.
    pub(crate) fn kind(&self) -> Option<&ProblemKind> {
        self.kind.as_deref()
    }
}
