//! For programs: version 1 of the JSON form.

use serde::{Serialize, Serializer};

use super::CheckReport;
use crate::rules::{Severity, Violation};
use crate::source::Place;

/// The version of the JSON form.
const VERSION: u8 = 1;

/// The report as a value.
#[derive(Serialize)]
pub struct Report<'a> {
    version: u8,
    #[serde(serialize_with = "each")]
    findings: &'a [Violation],
    #[serde(serialize_with = "each")]
    allowed: &'a [Violation],
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    allowed: usize,
}

#[derive(Serialize)]
struct One<'a> {
    code: &'static str,
    severity: &'static str,
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

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: At<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
}

/// The report in the form of its JSON.
#[must_use]
pub fn json(report: &CheckReport) -> Report<'_> {
    Report {
        version: VERSION,
        findings: &report.findings,
        allowed: &report.allowed,
        summary: Summary {
            files: report.files,
            rules: report.rules,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            allowed: report.allowed.len(),
        },
    }
}

fn each<S: Serializer>(findings: &&[Violation], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(one))
}

fn one(finding: &Violation) -> One<'_> {
    let found = &finding.found;
    let diagnostic = &found.diagnostic;
    One {
        code: finding.rule.code,
        severity: finding.rule.severity.as_str(),
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
        related: diagnostic
            .related_places()
            .iter()
            .map(|(place, label)| Related {
                place: at(place),
                label,
            })
            .collect(),
        help: diagnostic.helps(),
        allowed: finding.allowed.as_deref(),
    }
}

fn at(place: &Place) -> At<'_> {
    let (line, column) = place.line_column().unzip();
    At {
        file: &place.source.name,
        line,
        column,
    }
}
