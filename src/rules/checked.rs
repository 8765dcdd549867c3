//! What all rules found in a subject, and what a run reports of it.

use super::baseline::{Baseline, KnownFinding, Split};
use super::own::Own;
use super::scope::Scope;
use super::subject::Subject;
use super::violation::Violation;
use super::{CheckOutcome, judge};
use crate::severity::Tally;

/// What a run reports of all that the rules found in a subject.
#[derive(Debug)]
pub struct Checked {
    /// What is wrong, the worst first, then by place.
    pub findings: Vec<Violation>,
    /// What a baseline knows of it.
    pub known: Vec<Violation>,
    /// Whether a baseline was compared with.
    pub is_compared: bool,
    /// What a baseline knows and was not found again.
    pub gone: Vec<KnownFinding>,
    /// What a spec or a file allows.
    pub allowed: Vec<Violation>,
    /// How many findings are not reported because of their level.
    pub hidden: Tally,
    /// What is reported of all findings.
    pub scope: Scope,
    /// The number of Compose files that were checked.
    pub files: usize,
}

impl Checked {
    /// Checks a subject, and takes what a scope reports.
    #[must_use]
    pub fn of(subject: &Subject<'_>, own: &Own, scope: Scope) -> Self {
        let CheckOutcome { findings, allowed } = judge(subject, own);
        let (findings, hidden) = scope.apply(findings);
        Self {
            findings,
            known: Vec::new(),
            is_compared: false,
            gone: Vec::new(),
            allowed: scope.selected(allowed),
            hidden,
            scope,
            files: subject.deployed.len(),
        }
    }

    /// Takes out the findings that a baseline knows.
    #[must_use]
    pub fn since(self, baseline: Baseline) -> Self {
        let Split { new, known, gone } = baseline.split(self.findings, &self.scope);
        Self {
            findings: new,
            known,
            is_compared: true,
            gone,
            ..self
        }
    }
}
