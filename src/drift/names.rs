//! Names and IDs of containers and images.

use crate::state::{Service, bare_id, usual_names};

/// Why it cannot be told whether a container is the one that a file names.
pub(super) const UNKNOWN_CONTAINER: &str = "no container of the name in the file is known";

/// The names that Compose may give to a container of a service.
pub(super) fn container_names(
    project: &str,
    name: &str,
    service: &Service,
    number: u32,
) -> Vec<String> {
    if let Some(own) = &service.config.container_name {
        return vec![own.clone()];
    }
    usual_names(project, name, number).into()
}

/// Whether a Compose file names an image by its ID, which may be cut short.
pub(super) fn is_id_of(image: &str, id: &str) -> bool {
    let (image, id) = (bare_id(image), bare_id(id));
    image.is_some_and(|image| id.is_some_and(|id| id.starts_with(image)))
}

/// An ID as people see it.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
