//! What `check` found.

mod concise;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;

use std::collections::HashMap;

use super::{Format, Report, Writer};
use crate::rules::{Baseline, CheckOutcome, Identity, Rule, RuleSelection, Violation};
use crate::severity::{FailOn, Tally};
use crate::spec::Catalog;
use crate::text::hex::sha256;

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport {
    /// What is wrong, the worst first, then by place.
    pub findings: Vec<Violation>,
    /// What a baseline knows of it.
    pub known: Vec<Violation>,
    /// Whether a baseline was compared with.
    pub is_compared: bool,
    /// How many findings a baseline knows that are gone.
    pub gone: usize,
    /// What a spec or a file allows.
    pub allowed: Vec<Violation>,
    /// How many findings are not reported because of their level.
    pub hidden: Tally,
    /// Which findings fail the check; all of them where it is not set.
    pub fail_on: Option<FailOn>,
    /// The number of Compose files that were checked.
    pub files: usize,
    /// The number of rules.
    pub rules: usize,
    /// The rules that are not built in.
    pub own: Vec<&'static Rule>,
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

/// What is reported of the findings of all rules.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    /// The specs, which say what is reported of which host.
    pub catalog: Option<&'a Catalog>,
    /// The hosts and environments that are reported; none means all.
    pub names: &'a [String],
    /// The environments of the hosts among them.
    pub owners: &'a [String],
    /// Which rules and levels are.
    pub selection: RuleSelection,
}

impl CheckReport {
    /// The report on `files` Compose files.
    #[must_use]
    pub fn of(outcome: CheckOutcome, scope: &Scope<'_>, files: usize) -> Self {
        let about = |mut violations: Vec<Violation>| {
            violations.retain(|violation| violation.is_about(scope.names, scope.owners));
            violations
        };
        let selection = &scope.selection;
        let (findings, hidden) = selection.apply(about(outcome.findings), scope.catalog);
        Self {
            findings,
            hidden,
            known: Vec::new(),
            is_compared: false,
            gone: 0,
            allowed: selection.selected(about(outcome.allowed)),
            fail_on: selection.fail_on,
            files,
            rules: selection.rules(),
            own: selection.own.clone(),
        }
    }

    /// The report on what a baseline does not know.
    #[must_use]
    pub fn since(self, baseline: Baseline) -> Self {
        let (findings, known, gone) = baseline.split(self.findings);
        Self {
            findings,
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
        self.fail_on.is_none_or(|level| level.includes(severity))
    }

    /// How many findings there are of each severity.
    fn tally(&self) -> Tally {
        let findings = self.findings.iter();
        findings.map(|finding| finding.rule.severity).collect()
    }

    /// What tells each finding from all others of a report, wherever in its file it is.
    fn fingerprints<'a>(findings: impl Iterator<Item = &'a Violation>) -> Vec<String> {
        let mut known: HashMap<Identity, usize> = HashMap::new();
        let prints = findings.map(|finding| {
            let identity = finding.identity();
            let text = format!("{identity:?}");
            let number = known.entry(identity).or_default();
            *number += 1;
            sha256(format!("{text}{number}").as_bytes())
        });
        prints.collect()
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
