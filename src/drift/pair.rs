//! A service of the file, and one of its containers.

use super::index::Index;
use crate::state::{Container, Service};

/// A service of the file, and one of its containers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) service: &'a Service,
    pub(super) container: &'a Container,
}

impl Pair<'_> {
    /// What a sentence is about: the service, or one of its containers where it has several, since
    /// the others may be fine.
    pub(super) fn subject(&self, index: &Index<'_>) -> String {
        if index.containers(self.name).len() > 1 {
            format!(
                "container `{}` of service `{}`",
                self.container.name, self.name
            )
        } else {
            format!("service `{}`", self.name)
        }
    }
}
