//! For people: each finding with its lines, and a last line with the numbers.

use super::CheckReport;
use crate::diagnostic::Style;
use crate::report::counted;
use crate::rules::Severity;

/// As many findings are shown with their lines; nobody reads more of them in one go.
const MAX_SHOWN: usize = 1000;

/// The report as a text.
#[must_use]
pub fn human(report: &CheckReport, style: Style) -> String {
    let mut parts: Vec<String> = report
        .findings
        .iter()
        .take(MAX_SHOWN)
        .map(|finding| finding.found.diagnostic.render(style))
        .collect();
    if let Some(more) = report.findings.len().checked_sub(MAX_SHOWN + 1) {
        let more = counted(more + 1, "more finding", "more findings");
        parts.push(format!("and {more}; `--format json` lists them all"));
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
    parts.push(last);
    parts.join("\n\n") + "\n"
}
