//! GitHub Actions annotations: one per finding, at its line.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::report::diagnostic::annotation;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    for finding in &report.checked.findings {
        let severity = report.severity_for_ci(finding);
        let mut command = annotation(&finding.found.diagnostic, severity);
        command.property("title", finding.rule.code);
        out.part(&command)?;
    }
    Ok(())
}
