//! What makes two findings the same, wherever in their file they are.

use serde::{Deserialize, Serialize};

use super::violation::Violation;
use crate::redact;
use crate::text::hex::sha256;

/// What makes two findings the same. Lines are not a part of it, because they move. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The rule.
    pub(super) code: String,
    pub(super) file: String,
    /// What it is about: a service, a network, a field.
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// The keys that lead to its place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    key: String,
    message: String,
}

impl Violation {
    /// What makes it the same as another one.
    pub(crate) fn identity(&self) -> Identity {
        let found = &self.found;
        let (diagnostic, place) = (&found.diagnostic, found.diagnostic.place());
        let shown = |text: &str| redact::text(text).into_owned();
        let name = |text: &str| shown(&diagnostic.without_hidden(text));
        Identity {
            code: self.rule.code.to_owned(),
            file: shown(&place.source.name),
            what: name(&found.what),
            service: found.service.as_deref().map(name),
            key: shown(&place.keys()),
            message: shown(diagnostic.message()),
        }
    }
}

impl Identity {
    /// A digest of it, and of what tells findings apart that have it in common.
    pub(crate) fn digest(&self, number: &str) -> String {
        let Self {
            code,
            file,
            what,
            service,
            key,
            message,
        } = self;
        let service = service.as_deref().unwrap_or_default();
        sha256(
            [code, file, what, service, key, message, number]
                .join("\0")
                .as_bytes(),
        )
    }
}
