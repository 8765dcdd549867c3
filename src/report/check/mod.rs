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
use crate::rules::{Checked, FileEdit, KnownFinding, Violation};
use crate::severity::{Severity, Tally};

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport {
    /// What the rules found, and what is reported of it.
    pub checked: Checked,
    /// What would be written for findings, by their numbers, where that is safe and somebody asks for it.
    pub(crate) fixes: BTreeMap<usize, FileEdit>,
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
        Self {
            checked,
            fixes: BTreeMap::new(),
        }
    }

    /// The number of rules that are checked.
    pub(crate) fn rules(&self) -> usize {
        self.checked.scope.selection.rules()
    }

    /// Whether a finding fails the check.
    #[must_use]
    pub fn fails(&self, finding: &Violation) -> bool {
        let severity = finding.rule.severity;
        let level = self.checked.scope.selection.fail_on;
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
        self.checked
            .gone
            .iter()
            .map(KnownFinding::count)
            .fold(0, usize::saturating_add)
    }

    /// How many findings there are of each severity.
    fn tally(&self) -> Tally {
        self.checked
            .findings
            .iter()
            .map(|finding| finding.rule.severity)
            .collect()
    }

    /// The findings, those of one rule in one file with one remedy together: the worst first, then by their
    /// first place.
    fn groups(&self) -> Vec<Vec<&Violation>> {
        let mut groups: Vec<Vec<&Violation>> = Vec::new();
        let mut known: HashMap<(&str, &str, &[String]), usize> = HashMap::new();
        for finding in &self.checked.findings {
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
