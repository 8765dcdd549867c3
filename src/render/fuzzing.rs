//! A door for the fuzz targets; it exists with `--cfg fuzzing`, and in tests so that it compiles.

use crate::yaml::scalar::{Position, write};

/// A text as YAML scalars: as the value of a block mapping whose lines are indented by two spaces, and
/// as one on a line.
pub fn scalars(text: &str) -> (String, String) {
    let block = Position::Block { indent: 2 };
    (write(text, block), write(text, Position::Line))
}
