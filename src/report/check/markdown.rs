//! Markdown for a pull request or an issue.

use std::fmt::Write as _;
use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::rules::Violation;
use crate::text::markdown::{cell, code, text};

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut page = String::from("# Check\n");
    if !report.checked.findings.is_empty() {
        page.push_str("\n| | rule | place | finding |\n|---|---|---|---|\n");
    }
    for finding in &report.checked.findings {
        write_row(&mut page, finding);
    }
    // Writing to a `String` cannot fail.
    let _ = writeln!(page, "\n{}.", text(&super::human::numbers(report)));
    for note in super::human::notes(report) {
        let _ = writeln!(page, "\n{}.", text(&note));
    }
    out.text(&page)
}

fn write_row(page: &mut String, finding: &Violation) {
    let diagnostic = &finding.found.diagnostic;
    let mut what = text(diagnostic.message());
    for help in diagnostic.helps() {
        let _ = write!(what, "; {}", text(help));
    }
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} |",
        finding.rule.severity.as_str(),
        cell(&code(finding.rule.code)),
        cell(&code(&diagnostic.place().display())),
        cell(&what),
    );
}
