//! What all rules found in a subject, and what a run reports of it.

use std::collections::HashMap;
use std::fmt;

use super::baseline::{Baseline, KnownFinding, Split};
use super::custom::CustomRules;
use super::identity::Identity;
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
    pub fn of(subject: &Subject<'_>, custom: &CustomRules, scope: Scope) -> Self {
        let CheckOutcome { findings, allowed } = judge(subject, custom);
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

    /// The findings, and what is known or allowed, each with its fingerprint, which does not depend on its line, nor on what is known
    /// or allowed: those of one identity are numbered in the order of the text.
    pub(crate) fn with_fingerprints(&self) -> Vec<(&Violation, String)> {
        let found = self.findings.iter().chain(&self.known);
        let all: Vec<&Violation> = found.chain(&self.allowed).collect();
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_cached_key(|at| all.get(*at).map(|one| one.order()));
        let mut last: HashMap<Identity, Numbered> = HashMap::new();
        let mut prints = vec![String::new(); all.len()];
        for at in order {
            let (Some(finding), Some(print)) = (all.get(at), prints.get_mut(at)) else {
                continue;
            };
            let identity = finding.identity();
            let place = finding.found.diagnostic.place().display();
            let numbered = last.entry(identity.clone()).or_default();
            numbered.next(place);
            *print = identity.digest(&numbered.to_string());
        }
        all.into_iter().zip(prints).collect()
    }
}

/// The number of a finding among those of one identity.
#[derive(Debug, Default)]
struct Numbered {
    place: String,
    number: usize,
    /// How many there were before it at the same place: it is allowed for some hosts and not for others.
    again: usize,
}

impl Numbered {
    fn next(&mut self, place: String) {
        if self.number > 0 && self.place == place {
            self.again += 1;
            return;
        }
        *self = Self {
            place,
            number: self.number + 1,
            again: 0,
        };
    }
}

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.again {
            0 => write!(f, "{}", self.number),
            again => write!(f, "{}.{again}", self.number),
        }
    }
}
