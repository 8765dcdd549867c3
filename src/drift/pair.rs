//! A service of the file, and one of its containers.

use super::states::States;
use crate::state::{Container, Service};

/// A service of the file, and one of its containers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) service: &'a Service,
    pub(super) container: &'a Container,
}

impl Pair<'_> {
    /// Whether the engine mounts a tmpfs there by itself, as a read-only root would be in the way.
    pub(super) fn is_given_tmpfs(self, target: &str, states: &States<'_>) -> bool {
        self.container.config.fields.is_on("read_only")
            && states.live.dialect.tmpfs.contains(&target)
    }
}
