//! Text for people: the diff of what would change, and a line per file.

use std::io;

use anstyle::{AnsiColor, Style};

use super::RenderReport;
use crate::render::FileStatus;
use crate::report::Output;

/// Writes the report.
pub(super) fn write(report: &RenderReport, out: &mut Output<'_>) -> io::Result<()> {
    for file in &report.files {
        out.diff(&file.diff)?;
    }
    let width = report
        .files
        .iter()
        .map(|file| file.path.len())
        .max()
        .unwrap_or(0);
    for file in &report.files {
        let colour = match (file.change, report.is_written) {
            (FileStatus::Unchanged, _) => None,
            (FileStatus::Stale | FileStatus::Missing, true) => Some(AnsiColor::Green),
            _ => Some(AnsiColor::Yellow),
        };
        let (word, fact) = (file.word(report.is_written), file.fact());
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
