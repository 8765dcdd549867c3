//! What `check` found.

mod concise;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;

#[cfg(test)]
pub(super) use json::schema;

use std::collections::{BTreeMap, HashMap};

use super::{Format, Report, Writer};
use crate::rules::{Baseline, Changes, Checked, Identity, Known, Scope, Split, Violation};
use crate::severity::{Severity, Tally};

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport {
    /// What is wrong, the worst first, then by place.
    pub findings: Vec<Violation>,
    /// What a baseline knows of it.
    pub known: Vec<Violation>,
    /// Whether a baseline was compared with.
    pub is_compared: bool,
    /// What a baseline knows and was not found again.
    pub gone: Vec<Known>,
    /// What a spec or a file allows.
    pub allowed: Vec<Violation>,
    /// How many findings are not reported because of their level.
    pub hidden: Tally,
    /// What is reported of all findings.
    pub scope: Scope,
    /// What would be written for findings, by their numbers, where that is safe and somebody asks for it.
    pub(crate) fixes: BTreeMap<usize, Changes>,
    /// The number of Compose files that were checked.
    pub files: usize,
    /// The number of rules.
    pub rules: usize,
}

impl Report for CheckReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Concise, concise::write),
        (Format::Json, json::write),
        (Format::Sarif, sarif::write),
        (Format::Github, github::write),
        (Format::Gitlab, gitlab::write),
        (Format::Junit, junit::write),
        (Format::Markdown, markdown::write),
    ];
}

impl CheckReport {
    /// The report on what the rules found.
    #[must_use]
    pub fn of(checked: Checked) -> Self {
        let Checked {
            outcome,
            scope,
            files,
        } = checked;
        let (findings, hidden) = scope.apply(outcome.findings);
        Self {
            findings,
            hidden,
            known: Vec::new(),
            is_compared: false,
            gone: Vec::new(),
            allowed: scope.selected(outcome.allowed),
            rules: scope.selection.rules(),
            scope,
            fixes: BTreeMap::new(),
            files,
        }
    }

    /// The report on what a baseline does not know.
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

    /// Whether a finding fails the check.
    #[must_use]
    pub fn fails(&self, finding: &Violation) -> bool {
        let severity = finding.rule.severity;
        let level = self.scope.selection.fail_on;
        level.is_none_or(|level| level.includes(severity))
    }

    /// The severity of a finding for what takes a severity for a failure: what does not fail the check is less severe there.
    fn severity_for_ci(&self, finding: &Violation) -> Severity {
        match finding.rule.severity {
            severity if self.fails(finding) => severity,
            Severity::Exposure | Severity::Error => Severity::Warning,
            _ => Severity::Notice,
        }
    }

    /// How many findings of the baseline were not found again.
    fn gone(&self) -> usize {
        self.gone
            .iter()
            .map(Known::count)
            .fold(0, usize::saturating_add)
    }

    /// How many findings there are of each severity.
    fn tally(&self) -> Tally {
        self.findings
            .iter()
            .map(|finding| finding.rule.severity)
            .collect()
    }

    /// The findings, and what is known or allowed, each with what distinguishes it from all others, wherever in its file it is.
    /// That does not depend on what is known or allowed: those of one identity are numbered in the order of the text.
    fn with_fingerprints(&self) -> Vec<(&Violation, String)> {
        let all: Vec<&Violation> = self
            .findings
            .iter()
            .chain(&self.known)
            .chain(&self.allowed)
            .collect();
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_cached_key(|at| all.get(*at).map(|one| one.order()));
        let mut numbers: HashMap<Identity, (usize, String, usize)> = HashMap::new();
        let mut prints = vec![String::new(); all.len()];
        for at in order {
            let (Some(finding), Some(print)) = (all.get(at), prints.get_mut(at)) else {
                continue;
            };
            let identity = finding.identity();
            let place = finding.found.diagnostic.place().display();
            let (number, last, again) = numbers.entry(identity.clone()).or_default();
            if *number > 0 && *last == place {
                // It is allowed to some of the hosts that have it, and not to others.
                *again += 1;
            } else {
                (*number, *last, *again) = (*number + 1, place, 0);
            }
            let number = match again {
                0 => number.to_string(),
                again => format!("{number}.{again}"),
            };
            *print = identity.digest(&number);
        }
        all.into_iter().zip(prints).collect()
    }

    /// The findings, those of one rule in one file with one remedy together: the worst first, then by their
    /// first place.
    fn groups(&self) -> Vec<Vec<&Violation>> {
        let mut groups: Vec<Vec<&Violation>> = Vec::new();
        let mut known: HashMap<(&str, &str, &[String]), usize> = HashMap::new();
        for finding in &self.findings {
            let diagnostic = &finding.found.diagnostic;
            let file = &*diagnostic.place().source.name;
            let group = *known
                .entry((finding.rule.code, file, diagnostic.helps()))
                .or_insert(groups.len());
            match groups.get_mut(group) {
                Some(group) => group.push(finding),
                None => groups.push(vec![finding]),
            }
        }
        groups
    }
}
