//! GitHub Actions annotations: one per file that is not as it would be rendered.

use std::io;

use super::RenderReport;
use crate::render::FileStatus;
use crate::report::Output;
use crate::text::workflow::Command;

/// Writes the report.
pub(super) fn write(report: &RenderReport, out: &mut Output<'_>) -> io::Result<()> {
    for file in &report.files {
        let (severity, advice) = match file.change {
            FileStatus::Stale | FileStatus::Missing if !report.is_written => {
                ("error", "render it again: composegen render".to_owned())
            }
            FileStatus::Orphaned => ("warning", file.fact()),
            _ => continue,
        };
        let message = format!(
            "{} is {}; {advice}",
            file.path,
            file.word(report.is_written)
        );
        let mut command = Command::new(severity, &message);
        command.property("file", &file.path);
        out.part(&command)?;
    }
    Ok(())
}
