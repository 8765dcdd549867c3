//! What `check` found.

mod github;
mod human;
mod json;
mod sarif;

use super::{Format, Report, Writer};
use crate::rules::{CheckOutcome, Violation};
use crate::severity::Tally;

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport {
    /// What is wrong, by place.
    pub findings: Vec<Violation>,
    /// What a spec allows.
    pub allowed: Vec<Violation>,
    /// The number of Compose files that were checked.
    pub files: usize,
    /// The number of rules.
    pub rules: usize,
}

impl Report for CheckReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Json, json::write),
        (Format::Sarif, sarif::write),
        (Format::Github, github::write),
    ];
}

impl CheckReport {
    /// The report on what is about one of `names` (none means all); the `owners` are the environments
    /// of the hosts among them.
    #[must_use]
    pub fn of(outcome: CheckOutcome, names: &[String], owners: &[String], files: usize) -> Self {
        let about = |mut violations: Vec<Violation>| {
            violations.retain(|violation| violation.is_about(names, owners));
            violations
        };
        Self {
            findings: about(outcome.findings),
            allowed: about(outcome.allowed),
            files,
            rules: crate::rules::all().count(),
        }
    }

    /// How many findings there are of each severity.
    fn tally(&self) -> Tally {
        let findings = self.findings.iter();
        findings.map(|finding| finding.rule.severity).collect()
    }
}
