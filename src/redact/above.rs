//! The fields above a line.

use super::fields;

/// A field that a line may be below.
#[derive(Debug, Clone, Copy)]
pub(super) struct Above<'a> {
    pub(super) column: usize,
    /// Its name; empty where it is the dash of an item.
    pub(super) word: &'a str,
    /// Whether it is in the block of composegen.
    pub(super) is_own: bool,
    /// Whether it is itself the name of a thing: a service may be called `ports`.
    pub(super) is_name: bool,
}

impl Above<'_> {
    /// Whether what is one level below are names of things, which say nothing of their values.
    pub(super) fn has_names(&self) -> bool {
        !self.is_name && fields::has_names(self.word)
    }
}
