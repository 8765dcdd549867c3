//! Markdown for a pull request or an issue.

use std::fmt::Write as _;
use std::io;

use super::{DriftReport, HostReport};
use crate::fields::shown;
use crate::finding::{Finding, Severity};
use crate::report::Output;
use crate::text::markdown::{cell, code, paragraph, text};
use crate::text::plural::counted;

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut page = String::from("# Drift\n");
    for host in &report.hosts {
        write_host(&mut page, host);
    }
    let summary = &report.summary;
    let not_selected = match summary.not_selected {
        0 => String::new(),
        number => format!(" {number} not selected,"),
    };
    let _ = writeln!(
        page,
        "\n{}: {}, {}, {}; {} ignored,{not_selected} {} not compared, {} unreachable.",
        counted(summary.hosts, "host", "hosts"),
        counted(summary.exposure, "exposure", "exposures"),
        counted(summary.drift, "drift", "drifts"),
        counted(summary.notice, "notice", "notices"),
        summary.suppressed,
        summary.unchecked,
        summary.unreachable,
    );
    out.text(&page)
}

fn write_host(out: &mut String, host: &HostReport) {
    let status = host.status.as_str();
    let _ = writeln!(out, "\n## {}: {status}\n", text(host.id.title()));
    let engine = host.from.engine.as_ref().map_or(String::new(), |engine| {
        format!(", engine {}", text(&engine.version))
    });
    let _ = writeln!(
        out,
        "{} {} on {}{engine}{}.",
        if host.orchestrator().is_swarm() {
            "Stack"
        } else {
            "Project"
        },
        code(&host.id.project),
        code(&host.from.endpoint),
        host.coverage
            .map_or(String::new(), |coverage| format!("; {coverage}"))
    );
    if let Some(time) = host.from.snapshot_time() {
        let _ = writeln!(out, "Snapshot of {}.", text(time));
    }
    if let Some(error) = &host.error {
        let _ = writeln!(out, "\n{}", paragraph(error));
    }
    if let Some(warning) = host.image_warning() {
        let _ = writeln!(out, "\nWarning: {}", paragraph(&warning));
    }
    if !host.findings.is_empty() {
        let _ = writeln!(
            out,
            "\n| | resource | finding | expected | found | `{}` |\n|---|---|---|---|---|---|",
            host.orchestrator().deploy(),
        );
        for finding in &host.findings {
            write_row(out, finding);
        }
    }
    if !host.suppressed.is_empty() {
        out.push_str("\nIgnored:\n\n");
        for suppressed in &host.suppressed {
            let finding = &suppressed.finding;
            let _ = writeln!(
                out,
                "- {} on {}: {}",
                code(finding.code.as_str()),
                code(&finding.resource),
                text(&suppressed.to_string()),
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
    let mut after_up = after_up.as_str().unwrap_or_default().to_owned();
    if let Some(why) = &finding.failure {
        let _ = write!(after_up, ": {}", text(why));
    }
    let name = finding.field.as_deref().unwrap_or_default();
    let mut what = code(finding.code.as_str());
    if !name.is_empty() {
        let _ = write!(what, " {}", code(name));
    }
    let _ = write!(what, ": {}", text(&finding.message));
    let _ = writeln!(
        out,
        "| {mark} | {} | {} | {} | {} | {} |",
        cell(&code(&finding.resource)),
        cell(&what),
        cell(&text(&shown(name, &finding.expected))),
        cell(&text(&shown(name, &finding.observed))),
        cell(&after_up),
    );
}
