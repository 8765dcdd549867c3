//! For people: each finding with its lines, and a last line with the numbers.

use super::CheckReport;
use crate::report::counted;
use crate::rules::Severity;
use crate::text::{Style, Styled};

/// The report as a text.
#[must_use]
pub fn human(report: &CheckReport, style: Style) -> Styled {
    let mut out = Styled::new(style);
    for finding in &report.findings {
        out.append(&finding.found.diagnostic.render(style));
        out.push("\n\n");
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
    out.push(&last);
    out
}
