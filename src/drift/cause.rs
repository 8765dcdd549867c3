//! Why there is a difference, and so what `docker compose up -d` would do about it.
//!
//! Compose recreates a thing when the hash of its definition differs from the one on its label. That
//! hash differs with folder, shell and version, so it is never computed here; the label with
//! composegen's own digest tells the same. Where a file bears no such label, its age does: a thing
//! that is younger than the file was made from it.

use std::ops::Bound;

use super::index::holds_below;
use super::services::Pair;
use super::{Comparer, written_as};
use crate::finding::{AfterUp, Cause};

impl Comparer<'_> {
    /// Why a thing differs, by the digests of its definition now and then, or by when it was made.
    pub(super) fn cause(&self, now: Option<&str>, then: Option<&str>, created: &str) -> Cause {
        if let (Some(now), Some(then)) = (now, then) {
            return if now == then {
                Cause::OutOfBand
            } else {
                Cause::Unapplied
            };
        }
        match is_newer(self.context.modified.as_deref(), created) {
            Some(true) => Cause::Unapplied,
            Some(false) => Cause::OutOfBand,
            None => Cause::Unknown,
        }
    }

    /// A service and its container as one field of it is to be seen. A value that comes from a
    /// variable, or from a file of variables that is younger than the container, was changed
    /// without a change of the definition; Compose, whose hash is of the values, sees it.
    pub(super) fn by_variables<'b>(&self, pair: Pair<'b>, field: &str) -> Pair<'b> {
        let known = &self.context.from_variables;
        let from = |text: &str| {
            let range = (Bound::Included(text), Bound::Unbounded);
            known.range::<str, _>(range).next()
        };
        let names_variable = written_as(field).iter().any(|field| {
            let path = format!("services.{}.{field}", pair.name);
            holds_below(from, &path)
        });
        let is_of_file = field.starts_with("environment.")
            && is_newer(
                self.context.variables_modified.as_deref(),
                &pair.container.created,
            ) == Some(true);
        if !names_variable && !is_of_file {
            return pair;
        }
        Pair {
            cause: Cause::Unapplied,
            after_up: AfterUp::Heals,
            ..pair
        }
    }
}

/// Whether a file was changed after a thing was made.
fn is_newer(modified: Option<&str>, created: &str) -> Option<bool> {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    Some(time(modified?)? > time(created)?)
}

/// What `up` would do about a container, or a network, that differs for this cause: recreate it, or
/// take it for what its labels say.
pub(super) fn recreation(cause: Cause) -> AfterUp {
    match cause {
        Cause::Unapplied => AfterUp::Heals,
        Cause::OutOfBand => AfterUp::Ignores,
        Cause::Unknown => AfterUp::Unknown,
    }
}
