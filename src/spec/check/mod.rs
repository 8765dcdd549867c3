//! Checks that compare parts of specs with each other.

mod references;
mod sense;
mod unique;
mod unused;

pub(super) use unused::{descriptions as unused_descriptions, resources as unused_resources};

use super::Catalog;
use crate::diagnostic::Diagnostics;

/// Notes everything in a catalogue that does not fit together.
///
/// References are checked in any case, so that one run reports all of them. The other checks need
/// everything to have been read.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    let was_read = problems.is_empty();
    references::check(catalog, problems);
    unique::check(catalog, problems);
    if was_read {
        sense::check(catalog, problems);
    }
}
