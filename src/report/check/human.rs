//! For people: each finding with its lines, and a last line with the numbers.

use std::io;

use super::CheckReport;
use crate::rules::Severity;
use crate::text::plural::counted;
use crate::text::{Sink, Style, Styled};

/// As many findings are shown with their lines; nobody reads more of them in one go.
const MAX_SHOWN: usize = 1000;

/// Writes the report, finding by finding: all of them together may be very long.
///
/// # Errors
/// What `out` gives.
pub fn human(report: &CheckReport, style: Style, out: &mut Sink<'_>) -> io::Result<()> {
    for finding in report.findings.iter().take(MAX_SHOWN) {
        let mut part = finding.found.diagnostic.render(style);
        part.push("\n\n");
        out(&part)?;
    }
    if let Some(more) = report.findings.len().checked_sub(MAX_SHOWN)
        && more > 0
    {
        let more = counted(more, "more finding", "more findings");
        let mut part = Styled::new(style);
        part.push(&format!("and {more}; `--format json` lists them all\n\n"));
        out(&part)?;
    }
    let looked = format!(
        "{} rules, {}",
        report.rules,
        counted(report.files, "Compose file", "Compose files")
    );
    let mut numbers = Vec::new();
    for (severity, one, many) in [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
    ] {
        let number = report.count(severity);
        if number > 0 {
            numbers.push(counted(number, one, many));
        }
    }
    if numbers.is_empty() {
        numbers.push("nothing found".into());
    }
    if !report.allowed.is_empty() {
        numbers.push(format!("{} allowed", report.allowed.len()));
    }
    let mut last = format!("{looked}: {}", numbers.join(", "));
    if !report.findings.is_empty() {
        last.push_str("; `composegen rules CODE` says why");
    }
    last.push('\n');
    let mut part = Styled::new(style);
    part.push(&last);
    out(&part)
}
