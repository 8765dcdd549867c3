//! A Code Quality report of GitLab.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::io;

use serde::Serialize;

use super::CheckReport;
use crate::report::Output;
use crate::rules::Violation;
use crate::severity::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let issues: Vec<Issue<'_>> = report
        .checked
        .with_fingerprints()
        .into_iter()
        .take(report.checked.findings.len())
        .map(|(finding, print)| issue(finding, report.severity_for_ci(finding), print))
        .collect();
    out.value(&issues)
}

fn issue(finding: &Violation, severity: Severity, fingerprint: String) -> Issue<'_> {
    let diagnostic = &finding.found.diagnostic;
    let place = diagnostic.place();
    Issue {
        description: diagnostic.message(),
        check_name: finding.rule.code,
        fingerprint,
        severity: match severity {
            Severity::Exposure | Severity::Error => "critical",
            Severity::Drift | Severity::Warning => "major",
            Severity::Hardening => "minor",
            Severity::Notice => "info",
        },
        location: Location {
            path: &place.source.name,
            lines: Lines {
                begin: place.line_column().map_or(1, |(line, _)| line),
            },
        },
    }
}
