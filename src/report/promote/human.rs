//! Text for people: the diff of the files, and the decision with its reasons.

use std::io;

use anstyle::{AnsiColor, Style};

use super::PromoteReport;
use crate::journal;
use crate::report::Output;

/// Writes the report.
pub(super) fn write(report: &PromoteReport, out: &mut Output<'_>) -> io::Result<()> {
    for file in &report.files {
        out.diff(&file.diff)?;
    }
    let plain = Style::new();
    for file in &report.files {
        let line = format!("{:9}  {}", file.change.as_str(), file.path);
        out.say("", plain, &line)?;
    }
    if report.is_per_pull_request && report.files.is_empty() {
        let text = format!(
            "`{}` is rendered for each pull request, so it has no committed files to compare",
            report.environment
        );
        out.say("", plain, &text)?;
    }
    let what = format!("`{}` ({})", report.reference, report.commit.short());
    let (word, colour, verb) = if report.is_allowed() {
        ("allowed:", AnsiColor::Green, "can")
    } else {
        ("refused:", AnsiColor::Red, "cannot")
    };
    let text = format!(" {what} {verb} be promoted to `{}`", report.environment);
    out.say(word, colour.on_default().bold(), &text)?;
    for reason in &report.refusals {
        out.say("", plain, &format!("  - {reason}"))?;
    }
    if report.is_recorded {
        let text = format!("recorded in {}; commit it", journal::FILE);
        out.say("", plain, &text)?;
    }
    Ok(())
}
