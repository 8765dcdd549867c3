//! A door for the fuzz targets; it exists with `--cfg fuzzing` only.

use std::sync::Arc;

use super::{IgnoreRule, ignore};
use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::yaml::{self, Cursor};

/// The ignore rules of a list.
///
/// # Errors
/// A text that is no YAML, or a rule with a mistake.
pub fn ignore_rules(source: &Arc<Source>) -> Result<Vec<IgnoreRule>, Diagnostics> {
    let value = yaml::parse(source)?;
    let mut problems = Diagnostics::default();
    let items = Cursor::root(&value, source).list(&mut problems);
    let rules = items.iter();
    let rules = rules.filter_map(|item| ignore::read(item, &mut problems));
    let rules = rules.collect();
    problems.or(rules)
}
