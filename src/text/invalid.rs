//! Why a text is not a value of a type.

use std::fmt;

/// Why a text cannot be parsed; says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid(pub(crate) &'static str);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}
