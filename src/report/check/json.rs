//! For programs: version 1 of the JSON form.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::CheckReport;
use crate::redact;
use crate::rules::{Finding, Severity};
use crate::source::Place;

/// The version of the JSON form.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    #[serde(serialize_with = "each")]
    findings: &'a [Finding],
    #[serde(serialize_with = "each")]
    allowed: &'a [Finding],
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

/// Writes the report as JSON.
///
/// # Errors
/// What `out` gives.
pub fn json(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
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
    };
    redact::write_json(&report, out)
}

fn each<S: Serializer>(findings: &&[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(one))
}

fn one(finding: &Finding) -> One<'_> {
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
