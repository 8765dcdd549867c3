//! Ignore rules: findings of `drift` that are accepted, why and until when.

use super::read::{parsed, readable, record};
use crate::finding::Code;
pub use crate::suppression::Day;

record! {
    /// An ignore rule of a host.
    pub(crate) IgnoreRule, read(cursor, fields, problems):
    /// The code of the findings.
    computed pub(crate) code: Code =
        fields.required("code", problems).and_then(|c| c.one_of(&codes(), problems)),
    /// The resource; `*` stands for any text.
    required pub(crate) resource: String,
    /// The field, such as `labels.traefik.*`; any field where it is not set.
    optional pub(crate) field: Option<String>,
    /// Why they are ignored.
    required pub(crate) reason: String,
    /// The last day on which they are (UTC).
    required pub(crate) until: Day,
}

readable!(IgnoreRule);
parsed!(Day);

/// The codes that can be ignored.
pub(super) fn codes() -> Vec<(&'static str, Code)> {
    Code::ALL
        .iter()
        .copied()
        .filter(|code| code.can_be_ignored())
        .map(|code| (code.as_str(), code))
        .collect()
}
