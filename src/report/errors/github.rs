//! GitHub Actions annotations: one per mistake, at its line.

use std::io;

use super::ErrorReport;
use crate::report::Output;
use crate::report::diagnostic::annotation;

/// Writes the report.
pub(super) fn write(report: &ErrorReport, out: &mut Output<'_>) -> io::Result<()> {
    for error in &report.errors {
        out.part(&annotation(error, error.severity()))?;
    }
    Ok(())
}
