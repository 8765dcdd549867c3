//! Text for people: each rule that a file breaks, with the lines of the first finding and where else it is
//! broken, and a last line with the numbers.

use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::rules::Violation;
use crate::severity::Severity;
use crate::text::Styled;
use crate::text::plural::counted;

/// The number of findings that are shown with their lines; people do not read more at once.
const MAX_SHOWN: usize = 1000;

/// How many findings of a rule in a file are listed below the first one.
const MAX_LISTED: usize = 10;

/// Writes the report, rule by rule: all of them together may be very long.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    if out.look.is_quiet && report.checked.findings.is_empty() {
        return Ok(());
    }
    let style = out.look.style;
    let groups = report.groups();
    for group in groups.iter().take(MAX_SHOWN) {
        if let Some((first, others)) = group.split_first() {
            let mut part = first.found.diagnostic.render_with(style, &listed(others));
            part.push("\n\n");
            out.part(&part)?;
        }
    }
    let mut last = Styled::new(style);
    let more: usize = groups.iter().skip(MAX_SHOWN).map(Vec::len).sum();
    if more > 0 {
        let more = counted(more, "more finding", "more findings");
        last.push(&format!("and {more}; `--format concise` lists all\n\n"));
    }
    last.push(&format!(
        "{}, {}: {}\n",
        counted(report.rules(), "rule", "rules"),
        counted(report.checked.files, "Compose file", "Compose files"),
        numbers(report)
    ));
    for line in notes(report) {
        last.push(&format!("{line}\n"));
    }
    out.part(&last)
}

/// The findings of a group after its first one.
fn listed(others: &[&Violation]) -> Vec<String> {
    let lines = others.iter().take(MAX_LISTED).map(|finding| {
        let diagnostic = &finding.found.diagnostic;
        format!(
            "{} ({})",
            diagnostic.message(),
            diagnostic.place().display()
        )
    });
    let more = others.len().saturating_sub(MAX_LISTED);
    let more = (more > 0).then(|| format!("{more} more; `--format concise` lists all"));
    lines.chain(more).collect()
}

/// The numbers of findings, in words.
pub(super) fn numbers(report: &CheckReport) -> String {
    let mut numbers: Vec<String> = report.tally().counted().collect();
    if numbers.is_empty() {
        numbers.push("no findings".into());
    }
    if !report.checked.known.is_empty() {
        numbers.push(format!("{} in the baseline", report.checked.known.len()));
    }
    if !report.checked.allowed.is_empty() {
        numbers.push(format!("{} allowed", report.checked.allowed.len()));
    }
    let mut numbers = numbers.join(", ");
    if !report.checked.findings.is_empty() {
        numbers.push_str("; `composegen rules CODE` explains a rule");
    }
    numbers
}

/// What is not among the findings.
pub(super) fn notes(report: &CheckReport) -> Vec<String> {
    let mut notes = Vec::new();
    for (severity, level) in [
        (Severity::Warning, "warning"),
        (Severity::Hardening, "hardening"),
    ] {
        let hidden = report.checked.hidden.only(severity);
        let verb = if hidden.total() == 1 { "is" } else { "are" };
        let shown = hidden.counted();
        notes.extend(
            shown.map(|number| format!("{number} {verb} not shown; show with --level {level}")),
        );
    }
    let gone = report.gone();
    if gone > 0 {
        let verb = if gone == 1 { "was" } else { "were" };
        let gone = counted(gone, "finding", "findings");
        notes.push(format!(
            "{gone} of the baseline {verb} not found again; remove with --update-baseline"
        ));
    }
    notes
}
