//! Text for people: the diff of what would change, and a line per file.

use std::io;

use anstyle::{AnsiColor, Style};

use super::RenderReport;
use crate::render::Change;
use crate::report::Output;

/// Writes the report.
pub(super) fn write(report: &RenderReport, out: &mut Output<'_>) -> io::Result<()> {
    for file in &report.files {
        out.diff(&file.diff)?;
    }
    let width = report.files.iter().map(|file| file.path.len()).max();
    let width = width.unwrap_or(0);
    for file in &report.files {
        let (word, colour) = match (file.change, report.is_written) {
            (Change::Unchanged, _) => ("unchanged", None),
            (Change::Stale, false) => ("stale", Some(AnsiColor::Yellow)),
            (Change::Missing, false) => ("missing", Some(AnsiColor::Yellow)),
            (Change::Stale, true) => ("updated", Some(AnsiColor::Green)),
            (Change::Missing, true) => ("created", Some(AnsiColor::Green)),
            (Change::Orphaned, _) => ("orphaned", Some(AnsiColor::Yellow)),
        };
        let fact = match file.change {
            Change::Orphaned => "no host renders it; delete it".to_owned(),
            _ => format!("{} lines", file.lines),
        };
        let style = colour.map_or(Style::new(), AnsiColor::on_default);
        let text = format!("  {:width$}  {fact}", file.path);
        out.say(&format!("{word:9}"), style, &text)?;
    }
    for (host, environment) in &report.verified {
        let text = format!(
            "verified   {host} (not written): one file per pull request; write it with composegen render {environment} --pr N"
        );
        out.say("", Style::new(), &text)?;
    }
    Ok(())
}
