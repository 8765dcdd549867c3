//! For a pull request or an issue.

use std::fmt::Write as _;

use super::{HostReport, Report, Status, shown, shown_as};
use crate::finding::{Finding, Severity};
use crate::text::markdown::{cell, code, paragraph, text};
use crate::text::plural::counted;

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("# Drift\n");
    for host in &report.hosts {
        write_host(&mut out, host);
    }
    let summary = &report.summary;
    let _ = writeln!(
        out,
        "\n{}: {}, {}, {}; {} suppressed, {} not compared, {} not reached.",
        counted(summary.hosts, "host", "hosts"),
        counted(summary.exposure, "exposure", "exposures"),
        counted(summary.drift, "drift", "drifts"),
        counted(summary.notice, "notice", "notices"),
        summary.suppressed,
        summary.unchecked,
        summary.unreachable,
    );
    out
}

fn write_host(out: &mut String, host: &HostReport) {
    let status = match host.status {
        Status::InSync => "in sync",
        Status::Drifted => "drifted",
        Status::Unreachable => "not reached",
    };
    let _ = writeln!(out, "\n## {}: {status}\n", text(host.title()));
    let engine = host.engine.as_ref();
    let engine = engine.map_or(String::new(), |engine| {
        format!(", engine {}", text(&engine.version))
    });
    let _ = writeln!(
        out,
        "Project {} on {}{engine}.",
        code(&host.project),
        code(&host.endpoint)
    );
    if let Some(time) = host.observed_at.as_ref().filter(|_| host.from_snapshot) {
        let _ = writeln!(out, "As it was at {}.", text(time));
    }
    if let Some(error) = &host.error {
        let _ = writeln!(out, "\n{}", paragraph(error));
    }
    if !host.findings.is_empty() {
        out.push_str("\n| | resource | finding | expected | observed | `up -d` |\n|---|---|---|---|---|---|\n");
        for finding in &host.findings {
            write_row(out, finding);
        }
    }
    if !host.suppressed.is_empty() {
        out.push_str("\nIgnored by rule:\n\n");
        for suppressed in &host.suppressed {
            let finding = &suppressed.finding;
            let _ = writeln!(
                out,
                "- {} on {}: {} (until {})",
                code(finding.code.as_str()),
                code(&finding.resource),
                text(&suppressed.reason),
                suppressed.until
            );
        }
    }
}

fn write_row(out: &mut String, finding: &Finding) {
    let mark = match finding.severity {
        Severity::Exposure => "**exposure**",
        other => other.as_str(),
    };
    let after_up = serde_json::to_value(finding.after_up).unwrap_or_default();
    let name = finding.field.as_deref().unwrap_or_default();
    let field = finding.field.as_deref();
    let field = field.map_or(String::new(), |field| format!(" {}", code(field)));
    let what = format!(
        "{}{field}: {}",
        code(finding.code.as_str()),
        text(&finding.message)
    );
    let _ = writeln!(
        out,
        "| {mark} | {} | {} | {} | {} | {} |",
        cell(&code(&finding.resource)),
        cell(&what),
        cell(&text(&shown_as(name, &finding.expected))),
        cell(&text(&shown_as(name, &finding.observed))),
        cell(&text(&shown(&after_up))),
    );
}
