//! JSON.

use std::io;

use std::borrow::Cow;

use serde::Serialize;

use super::CheckReport;
use crate::report::Output;
use crate::report::diagnostic::{At, Related, at, related};
use crate::rules::{KnownFinding, Severity, Violation};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Results<'a> {
    findings: Vec<One<'a>>,
    /// What a baseline knows, and what of it was not found again, where one was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Vec<One<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<&'a [KnownFinding]>,
    allowed: Vec<One<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    hardening: usize,
    /// The findings of lower levels, which are not listed.
    not_shown: usize,
    known: usize,
    gone: usize,
    allowed: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct One<'a> {
    code: &'static str,
    level: &'static str,
    /// Whether it makes the check fail.
    fails: bool,
    message: &'a str,
    what: &'a str,
    environments: &'a [String],
    hosts: &'a [String],
    service: Option<&'a str>,
    /// The further services that have the same line: of an anchor, or of what several extend.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    also: &'a [String],
    place: At<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Cow<'a, str>>,
}

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let tally = report.tally();
    // What is known or allowed does not fail.
    let others = |findings| each(findings, |_| false);
    let results = Results {
        findings: each(&report.checked.findings, |finding| report.fails(finding)),
        known: report
            .checked
            .is_compared
            .then(|| others(&report.checked.known)),
        gone: report
            .checked
            .is_compared
            .then_some(report.checked.gone.as_slice()),
        allowed: others(&report.checked.allowed),
    };
    let summary = Summary {
        files: report.checked.files,
        rules: report.rules(),
        errors: tally.of(Severity::Error),
        warnings: tally.of(Severity::Warning),
        hardening: tally.of(Severity::Hardening),
        not_shown: report.checked.hidden.total(),
        known: report.checked.known.len(),
        gone: report.gone(),
        allowed: report.checked.allowed.len(),
    };
    out.json_with_summary(&results, &summary)
}

fn each(findings: &[Violation], fails: impl Fn(&Violation) -> bool) -> Vec<One<'_>> {
    findings
        .iter()
        .map(|finding| one(finding, fails(finding)))
        .collect()
}

fn one(finding: &Violation, fails: bool) -> One<'_> {
    let found = &finding.found;
    let diagnostic = &found.diagnostic;
    One {
        code: finding.rule.code,
        level: finding.rule.severity.as_str(),
        fails,
        message: diagnostic.message(),
        what: &found.what,
        environments: &found.environments,
        hosts: &found.hosts,
        service: found.service.as_deref(),
        also: &found.also,
        place: at(diagnostic.place()),
        label: diagnostic.label_text(),
        related: related(diagnostic),
        help: diagnostic.helps(),
        allowed: finding.allowed.as_ref().map(|allowed| allowed.reason()),
    }
}

/// The schema of the report.
#[cfg(test)]
pub(in crate::report) fn schema() -> serde_json::Value {
    crate::report::output::schema::<Results<'static>, Summary>()
}
