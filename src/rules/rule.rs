//! What a rule is.

use super::found::Found;
use super::subject::{Deployed, Subject};
pub use crate::severity::Severity;
use crate::spec::Catalog;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable code.
    pub code: &'static str,
    /// How much it matters that it is broken.
    pub severity: Severity,
    /// What it asks for.
    pub title: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    /// Where it comes from, where that is outside: numbers of OWASP and CIS, and of other tools.
    pub origin: &'static str,
    /// What breaks it.
    pub bad: Example,
    /// What keeps it.
    pub good: Example,
    /// How it looks.
    pub check: Check,
}

/// How a rule looks, and at what.
#[derive(Debug)]
pub enum Check {
    /// At the specs.
    Spec(fn(&Catalog) -> Vec<Found>),
    /// At all Compose files together.
    Across(fn(&Subject<'_>) -> Vec<Found>),
    /// At a Compose file.
    File(fn(&Deployed<'_>) -> Vec<Found>),
}

/// An example: files of a project, or a Compose file.
#[derive(Debug)]
pub enum Example {
    /// What a spec says; it goes over what the spec of a small, sound project says.
    Spec {
        /// The spec's file, below `environments/`.
        file: &'static str,
        /// What it says.
        text: &'static str,
    },
    /// What a template says, below what the template of that project says.
    Template {
        /// The template's file, below `templates/`.
        file: &'static str,
        /// What it says.
        text: &'static str,
    },
    /// A release journal, beside the specs of that project.
    Journal(&'static str),
    /// Compose files.
    Compose(&'static [&'static str]),
}

impl Rule {
    /// How to allow what breaks it.
    #[must_use]
    pub fn how_to_allow(&self) -> &'static str {
        match self.check {
            _ if self.code == super::spec::allowance::RULE.code => {
                "take the allowance out; this one cannot be allowed."
            }
            Check::Spec(_) | Check::Across(_) => {
                "in the environment (or in catalog.yaml), `allow: [{ rule: CODE, what: NAME, reason: … }]`."
            }
            Check::File(_) => {
                "for a service `allow: { CODE: reason }`, for anything in the environment \
                 `allow: [{ rule: CODE, what: NAME, reason: … }]`."
            }
        }
    }
}
