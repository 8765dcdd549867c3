//! A door for the fuzz targets; it exists with `--cfg fuzzing`, and in tests so that it compiles.

use std::sync::Arc;

use super::ignore::IgnoreRule;
use crate::diagnostic::Diagnostics;
use crate::finding::Code;
use crate::source::Source;
use crate::yaml::{self, Tree};

/// The codes of the ignore rules of a list.
pub fn ignore_rules(source: &Arc<Source>) -> Result<Vec<Code>, Diagnostics> {
    let value = yaml::parse(source)?;
    let mut problems = Diagnostics::default();
    let tree = Tree::of(&value, source, &mut problems);
    let items = tree.cursor().list(&mut problems);
    let rules = items
        .iter()
        .filter_map(|item| IgnoreRule::read(item, &mut problems));
    let codes = rules.map(|rule| rule.code).collect();
    problems.or(codes)
}
