//! Names and IDs of containers and images.

use crate::state::bare_id;

/// Why a container cannot be compared with the one that a file names.
pub(super) const UNKNOWN_CONTAINER: &str = "no container of the name in the file is known";

/// Whether a Compose file names an image by its ID, which may be cut short.
pub(super) fn is_id_of(image: &str, id: &str) -> bool {
    let (image, id) = (bare_id(image), bare_id(id));
    image.is_some_and(|image| id.is_some_and(|id| id.starts_with(image)))
}

/// An ID as people see it.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
