//! The data that an operation loses, or leaves where nothing uses it.

use crate::state::{Container, Mount};
use crate::text::plural::counted;

/// What a container that is removed leaves behind: its anonymous volumes stay and have no name.
pub(super) fn left_by(container: &Container) -> Option<String> {
    let anonymous: Vec<String> = container
        .mounts
        .iter()
        .filter(|mount| mount.is_anonymous())
        .map(|mount: &Mount| format!("`{}`", mount.target))
        .collect();
    let left = (!anonymous.is_empty()).then(|| {
        let (volumes, are) = match anonymous.len() {
            1 => ("volume", "is"),
            _ => ("volumes", "are"),
        };
        let places = anonymous.join(", ");
        format!("the anonymous {volumes} at {places} {are} left behind, used by nothing")
    });
    join(left, written_in(container))
}

/// What a container that is replaced loses: only its volumes are kept.
pub(super) fn written_in(container: &Container) -> Option<String> {
    let changes = container.changes.as_ref()?;
    let count = changes.paths.len() + changes.more;
    (count > 0).then(|| {
        let files = counted(count, "file", "files");
        format!("{files} changed outside of its volumes")
    })
}

fn join(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}
