//! What runs a Compose file.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// What runs a Compose file.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumIter,
    IntoStaticStr,
    ValueEnum,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Orchestrator {
    /// Docker Compose, on one engine
    #[default]
    Docker,
    /// Docker Swarm, with `docker stack deploy`
    Swarm,
}

impl Orchestrator {
    /// Whether the file is a stack.
    #[must_use]
    pub fn is_swarm(self) -> bool {
        self == Self::Swarm
    }

    /// The end of the command that brings what runs into line with the file.
    #[must_use]
    pub fn deploy(self) -> &'static str {
        match self {
            Self::Docker => "up -d",
            Self::Swarm => "stack deploy",
        }
    }
}
