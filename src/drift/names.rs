//! Names and IDs of containers and images.

use crate::state::Service;

/// The names that Compose may give to a container (docker/compose, `getContainerName`): with
/// dashes, or in compatibility mode with underscores.
pub(super) fn container_names(
    project: &str,
    name: &str,
    service: &Service,
    number: u32,
) -> Vec<String> {
    if let Some(own) = &service.config.container_name {
        return vec![own.clone()];
    }
    ["-", "_"]
        .map(|dash| format!("{project}{dash}{name}{dash}{number}"))
        .into()
}

/// Whether a Compose file names an image by its ID.
pub(super) fn is_id_of(image: &str, id: &str) -> bool {
    let bare = |id: &str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
    bare(image) == bare(id)
}

/// An ID as people see it.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
