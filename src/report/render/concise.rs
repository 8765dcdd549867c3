//! One line per file that was changed, or is not as it would be rendered.

use std::io;

use super::RenderReport;
use crate::render::FileStatus;
use crate::report::Output;
use crate::text::visible;

/// Writes the report.
pub(super) fn write(report: &RenderReport, out: &mut Output<'_>) -> io::Result<()> {
    let changed = report.files.iter();
    for file in changed.filter(|file| file.change != FileStatus::Unchanged) {
        let word = file.word(report.is_written);
        out.text(&format!("{}: {word}\n", visible(&file.path)))?;
    }
    Ok(())
}
