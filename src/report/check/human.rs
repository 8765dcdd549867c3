//! Text for people: each finding with its lines, and a last line with the numbers.

use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::text::Styled;
use crate::text::plural::counted;

/// The number of findings that are shown with their lines; people do not read more at once.
const MAX_SHOWN: usize = 1000;

/// Writes the report, finding by finding: all of them together may be very long.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    if out.look.is_quiet && report.findings.is_empty() {
        return Ok(());
    }
    let style = out.look.style;
    for finding in report.findings.iter().take(MAX_SHOWN) {
        let mut part = finding.found.diagnostic.render(style);
        part.push("\n\n");
        out.part(&part)?;
    }
    let mut last = Styled::new(style);
    let more = report.findings.len().saturating_sub(MAX_SHOWN);
    if more > 0 {
        let more = counted(more, "more finding", "more findings");
        last.push(&format!("and {more}; `--format json` lists all\n\n"));
    }
    last.push(&format!(
        "{} rules, {}: {}\n",
        report.rules,
        counted(report.files, "Compose file", "Compose files"),
        numbers(report)
    ));
    out.part(&last)
}

fn numbers(report: &CheckReport) -> String {
    let mut numbers: Vec<String> = report.tally().counted().collect();
    if numbers.is_empty() {
        numbers.push("no findings".into());
    }
    if !report.allowed.is_empty() {
        numbers.push(format!("{} allowed", report.allowed.len()));
    }
    let mut numbers = numbers.join(", ");
    if !report.findings.is_empty() {
        numbers.push_str("; `composegen rules CODE` explains a rule");
    }
    numbers
}
