//! Custom rules, as data: an expression that a Compose file must satisfy.
//!
//! The expressions are in CEL (<https://cel.dev>). They run in the [`sandbox`](crate::sandbox), because they may
//! count what they like: nothing in the language ends a comprehension in a comprehension early.

mod evaluate;
mod read;

use std::sync::Arc;

use super::found::Found;
use super::rule::Rule;
use super::subject::Subject;
use crate::diagnostic::Diagnostics;
use crate::source::{Place, Source};

/// Custom rules, and what they found.
#[derive(Debug, Default)]
pub struct CustomRules {
    read: Vec<CustomRule>,
    pub(super) found: Vec<(&'static Rule, Found)>,
}

/// A custom rule.
#[derive(Debug)]
struct CustomRule {
    /// Its title is what is said about what breaks it, and its reason how to fix that.
    rule: &'static Rule,
    /// The path to what it is checked for.
    each: &'static str,
    /// The expression, and where it is written.
    require: &'static str,
    place: Place,
}

impl CustomRules {
    /// The rules of files. They have found nothing yet.
    pub(crate) fn read(sources: &[Arc<Source>]) -> Result<Self, Diagnostics> {
        Ok(Self {
            read: read::rules(sources)?,
            found: Vec::new(),
        })
    }

    /// The rules.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.read.iter().map(|custom| custom.rule)
    }

    /// The rules with what breaks them among the Compose files of a subject.
    pub(crate) fn check(self, subject: &Subject<'_>) -> Result<Self, Diagnostics> {
        Ok(Self {
            found: evaluate::all(&self.read, subject)?,
            ..self
        })
    }
}
