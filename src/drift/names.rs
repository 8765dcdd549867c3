//! Names and IDs of containers and images.

use super::states::States;
use crate::state::{CONTAINER, SERVICE, bare_id};

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

/// The network mode or namespace of a container as a file could say it: the other container by its service or its name,
/// where these are known.
pub(super) fn mode_in_file(mode: &str, states: &States<'_>) -> String {
    let other = mode.strip_prefix(CONTAINER);
    let Some(other) = other.and_then(|id| states.index.container(id)) else {
        return mode.to_owned();
    };
    let is_only = |service: &&str| states.index.containers(service).len() == 1;
    match other.serves().filter(is_only) {
        Some(service) if other.project.as_ref() == Some(&states.expected.project) => {
            format!("{SERVICE}{service}")
        }
        _ => format!("{CONTAINER}{}", other.name),
    }
}
