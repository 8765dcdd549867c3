//! Markdown for a pull request.

use std::fmt::Write as _;
use std::io;

use super::{HostPlan, PlanReport, subject};
use crate::report::Output;
use crate::text::markdown::{block, cell, code, paragraph, text};

/// Writes the report.
pub(super) fn write(report: &PlanReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut page = String::from("# Plan\n");
    if let Some(base) = &report.base {
        let _ = writeln!(page, "\nChanges since {}", text(&base.named()));
    }
    for host in &report.hosts {
        write_host(&mut page, host);
    }
    let _ = writeln!(page, "\n{}", text(&report.summary.sentence()));
    out.text(&page)
}

fn write_host(out: &mut String, host: &HostPlan) {
    let _ = writeln!(out, "\n## {}\n", text(host.id.title()));
    let _ = writeln!(out, "{}", text(&host.about(", ")));
    for file in &host.files {
        let _ = writeln!(out, "\n{}: {}\n", code(&file.path), file.word());
        out.push_str(&block(&file.diff, "diff"));
    }
    if let Some(error) = &host.error {
        let _ = writeln!(out, "\n{}", paragraph(error));
        return;
    }
    if host.operations.is_empty() {
        out.push_str("\nNothing to do.\n");
        return;
    }
    out.push_str("\n| | what | cause | loses |\n|---|---|---|---|\n");
    for operation in &host.operations {
        let mark = if operation.certain {
            ""
        } else {
            ", not certain"
        };
        let cause = match &operation.tasks {
            Some(tasks) => format!("{}; tasks: {tasks}", operation.cause),
            None => operation.cause.clone(),
        };
        let _ = writeln!(
            out,
            "| {}{mark} | {} | {} | {} |",
            operation.action.as_str(),
            cell(&code(&subject(operation))),
            cell(&text(&cause)),
            cell(&text(operation.loses.as_deref().unwrap_or_default())),
        );
    }
    if !host.downtime.is_empty() {
        out.push_str("\nDowntime:\n\n");
        for downtime in &host.downtime {
            let _ = writeln!(
                out,
                "- {}: {}",
                code(&downtime.service),
                text(&downtime.how_long)
            );
        }
    }
    if !host.unknown.is_empty() {
        out.push_str("\nNot known:\n\n");
        for unknown in &host.unknown {
            let _ = writeln!(out, "- {}", text(unknown));
        }
    }
}
