//! What makes two findings the same, wherever in their file they are.

use serde::{Deserialize, Serialize};

use super::violation::Violation;
use crate::redact;
use crate::text::hex::sha256;

/// What makes two findings the same. Lines are not a part of it, because they move, and what it is about is in the message
/// or among the keys. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Identity {
    /// The rule.
    pub(super) code: String,
    pub(super) file: String,
    /// The keys that lead to its place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    key: String,
    message: String,
}

impl Violation {
    /// What makes it the same as another one.
    pub(crate) fn identity(&self) -> Identity {
        let diagnostic = &self.found.diagnostic;
        let place = diagnostic.place();
        let shown = |text: &str| redact::text(text).into_owned();
        Identity {
            code: self.rule.code.to_owned(),
            file: shown(&place.source.name),
            key: shown(&place.keys()),
            message: shown(diagnostic.message()),
        }
    }
}

impl Identity {
    /// A digest of it, and of what distinguishes findings that have it in common.
    pub(crate) fn digest(&self, number: &str) -> String {
        let parts: [&str; 5] = [&self.code, &self.file, &self.key, &self.message, number];
        sha256(parts.join("\0").as_bytes())
    }
}
