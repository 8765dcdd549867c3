//! The configuration of a container, besides its networks, mounts and ports.

use serde::{Deserialize, Serialize};

use crate::fields::Values;

/// The configuration of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
