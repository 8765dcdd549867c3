//! Why there is a difference.
//!
//! Compose recreates a thing when the hash of its definition differs from the one on its label. That
//! hash differs with folder, shell and version, so it is never computed here; the label with
//! composegen's own digest tells the same. Where a file has no such label, its age does: a thing
//! that is younger than the file was created from it.

use crate::drift::context::Context;
use crate::drift::resource::Resource;
use crate::finding::{AfterUp, Cause};

/// Why a thing differs, by the digests of its definition now and then, or by when it was created.
pub(super) fn cause(
    now: Option<&str>,
    then: Option<&str>,
    created: &str,
    context: &Context,
) -> Cause {
    if let (Some(now), Some(then)) = (now, then) {
        return if now == then {
            Cause::OutOfBand
        } else {
            Cause::Unapplied
        };
    }
    match is_newer(context.modified.as_deref(), created) {
        Some(true) => Cause::Unapplied,
        Some(false) => Cause::OutOfBand,
        None => Cause::Unknown,
    }
}

/// Why a network or a volume differs.
pub(super) fn cause_of<T: Resource>(
    expected: &T,
    observed: Option<&T>,
    context: &Context,
) -> Cause {
    let origin = observed.and_then(Resource::origin);
    let created = origin.map_or("", |origin| &origin.created);
    let then = observed.and_then(Resource::definition);
    cause(expected.definition(), then, created, context)
}

/// Whether a file was changed after a thing was created.
pub(super) fn is_newer(modified: Option<&str>, created: &str) -> Option<bool> {
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
