//! Why there is a difference, and so what `docker compose up -d` would do about it.
//!
//! Compose recreates a thing when the hash of its definition differs from the one on its label. That
//! hash differs with folder, shell and version, so it is never computed here; the label with
//! composegen's own digest tells the same. Where a file bears no such label, its age does: a thing
//! that is younger than the file was made from it.

use super::Comparer;
use crate::finding::{AfterUp, Cause};

impl Comparer<'_> {
    /// Why a thing differs, by the digests of its definition now and then, or by when it was made.
    pub(super) fn cause(
        &self,
        now: Option<&String>,
        then: Option<&String>,
        created: &str,
    ) -> Cause {
        if let (Some(now), Some(then)) = (now, then) {
            return if now == then {
                Cause::OutOfBand
            } else {
                Cause::Unapplied
            };
        }
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let modified = self.context.modified.as_deref().and_then(time);
        match (modified, time(created)) {
            (Some(modified), Some(created)) if modified <= created => Cause::OutOfBand,
            (Some(_), Some(_)) => Cause::Unapplied,
            _ => Cause::Unknown,
        }
    }
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
