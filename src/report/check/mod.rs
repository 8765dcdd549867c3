//! What `check` found, and one writer per form.

mod github;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use human::human;
pub use json::json;
pub use sarif::sarif;

use crate::rules::{CheckOutcome, Severity, Violation};

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport {
    /// What is wrong, by place.
    pub findings: Vec<Violation>,
    /// What would be, if a spec did not allow it.
    pub allowed: Vec<Violation>,
    /// How many Compose files were looked at.
    pub files: usize,
    /// How many rules were held against them.
    pub rules: usize,
}

impl CheckReport {
    /// The report on an outcome: the findings about one of `names` (empty means all); the `owners` are the
    /// environments of the hosts among them.
    #[must_use]
    pub fn of(outcome: CheckOutcome, names: &[String], owners: &[String], files: usize) -> Self {
        let about = |findings: Vec<Violation>| -> Vec<Violation> {
            let findings = findings.into_iter();
            findings
                .filter(|finding| finding.is_about(names, owners))
                .collect()
        };
        Self {
            findings: about(outcome.findings),
            allowed: about(outcome.allowed),
            files,
            rules: crate::rules::all().count(),
        }
    }

    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.rule.severity == severity)
            .count()
    }
}
