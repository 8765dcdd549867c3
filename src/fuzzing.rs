//! Doors for the fuzz targets below `fuzz/`; they exist with `--cfg fuzzing` only.

pub use crate::compose::fuzzing::{mount, ports};
pub use crate::docker::recorded::{Answers, observe};
pub use crate::render::fuzzing::scalars;
pub use crate::report::drift::fuzzing::reported;
pub use crate::spec::fuzzing::ignore_rules;
