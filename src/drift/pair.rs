//! A service of the file, and one of its containers.

use crate::state::{Container, Service};

/// A service of the file, and one of its containers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) service: &'a Service,
    pub(super) container: &'a Container,
}
