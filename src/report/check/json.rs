//! JSON.

use std::io;

use serde::{Serialize, Serializer};

use super::CheckReport;
use crate::report::Output;
use crate::report::diagnostic::{At, Related, at, related};
use crate::rules::{Severity, Violation};

#[derive(Serialize)]
struct Results<'a> {
    #[serde(serialize_with = "each")]
    findings: &'a [Violation],
    #[serde(serialize_with = "each", skip_serializing_if = "is_empty")]
    known: &'a [Violation],
    #[serde(serialize_with = "each")]
    allowed: &'a [Violation],
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    hardening: usize,
    /// The findings of lower levels, which are not listed.
    not_shown: usize,
    known: usize,
    allowed: usize,
}

#[derive(Serialize)]
struct One<'a> {
    code: &'static str,
    level: &'static str,
    message: &'a str,
    what: String,
    environments: &'a [String],
    hosts: &'a [String],
    service: Option<String>,
    place: At<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<&'a str>,
}

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let tally = report.tally();
    let results = Results {
        findings: &report.findings,
        known: &report.known,
        allowed: &report.allowed,
    };
    let summary = Summary {
        files: report.files,
        rules: report.rules,
        errors: tally.of(Severity::Error),
        warnings: tally.of(Severity::Warning),
        hardening: tally.of(Severity::Hardening),
        not_shown: report.hidden.total(),
        known: report.known.len(),
        allowed: report.allowed.len(),
    };
    out.json_with_summary(&results, &summary)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_empty(findings: &&[Violation]) -> bool {
    findings.is_empty()
}

fn each<S: Serializer>(findings: &&[Violation], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(one))
}

fn one(finding: &Violation) -> One<'_> {
    let found = &finding.found;
    let diagnostic = &found.diagnostic;
    One {
        code: finding.rule.code,
        level: finding.rule.severity.as_str(),
        message: diagnostic.message(),
        what: diagnostic.without_hidden(&found.what),
        environments: &found.environments,
        hosts: &found.hosts,
        service: found
            .service
            .as_ref()
            .map(|name| diagnostic.without_hidden(name)),
        place: at(diagnostic.place()),
        label: diagnostic.label_text(),
        related: related(diagnostic),
        help: diagnostic.helps(),
        allowed: finding.allowed.as_deref(),
    }
}
