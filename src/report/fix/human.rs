//! Text for people: the diff, and a line per file.

use std::io;

use anstyle::{AnsiColor, Style};

use super::FixReport;
use crate::report::Output;
use crate::text::plural::counted;

/// Writes the report.
pub(super) fn write(report: &FixReport, out: &mut Output<'_>) -> io::Result<()> {
    for file in &report.files {
        out.patch(&file.diff)?;
    }
    let (word, colour) = if report.is_written {
        ("fixed", AnsiColor::Green)
    } else {
        ("fixable", AnsiColor::Yellow)
    };
    for file in &report.files {
        let codes: Vec<String> = file
            .codes
            .iter()
            .map(|(code, number)| format!("{number} {code}"))
            .collect();
        let text = format!("  {}: {}", file.path, codes.join(", "));
        out.say(&format!("{word:8}"), colour.on_default(), &text)?;
    }
    if report.left > 0 {
        let left = counted(report.left, "finding is", "findings are");
        let text = format!("{left} left: no fix is safe; fix them by hand");
        out.say("", Style::new(), &text)?;
    }
    if report.others > 0 {
        let others = counted(report.others, "finding has", "findings have");
        let text = format!("{others} no fix: see `composegen check`");
        out.say("", Style::new(), &text)?;
    }
    match (report.files.is_empty(), report.is_written) {
        (true, _) => out.say("", Style::new(), "nothing to fix"),
        (false, true) => Ok(()),
        (false, false) => out.say("", Style::new(), "write the files with --fix --write"),
    }
}
