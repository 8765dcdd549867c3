//! The configuration of a container, besides its networks, mounts and ports.

use serde::{Deserialize, Serialize};

use crate::fields::Values;

/// The configuration of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The container's name, where the file names it.
    pub container_name: Option<String>,
    /// The digest of the definition that it was created from, where composegen rendered it.
    pub definition: Option<String>,
    /// The fields that are set; of the others the image or the engine decides.
    #[serde(flatten)]
    pub fields: Values,
}

/// Whether a variable is set by neither the file nor the image: the engine sets it (`PATH` on every engine, the
/// others on some), or the docker CLI does, from the proxies of its configuration.
#[must_use]
pub fn is_filled_in(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "HOSTNAME" | "TERM" | "container")
        || name.to_ascii_lowercase().ends_with("_proxy")
}
