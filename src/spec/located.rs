//! A value of a spec together with the place it was read from.

use std::ops::Deref;

use crate::source::Place;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it was written.
    pub(crate) place: Place,
}

impl<T> Located<T> {
    /// A value at a place.
    pub(crate) fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// Another value at the same place.
    pub(super) fn map<U>(self, map: impl FnOnce(T) -> U) -> Located<U> {
        Located::new(map(self.value), self.place)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
