//! Rules on the release journal.

use super::rule::Rule;

mod approval;
mod chain;
mod files;
mod stage;

pub(super) const RULES: &[&Rule] = &[&chain::RULE, &approval::RULE, &stage::RULE, &files::RULE];
