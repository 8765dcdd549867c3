//! One line per finding, for `grep` and for logs.

use std::fmt::Write as _;
use std::io;

use super::DriftReport;
use crate::report::Output;
use crate::text::visible;

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut lines = String::new();
    for host in &report.hosts {
        let title = visible(host.id.title());
        if let Some(error) = &host.error {
            let project = visible(&host.id.project);
            let _ = writeln!(
                lines,
                "{title}: error unreachable {project}: {}",
                visible(error)
            );
        }
        for finding in &host.findings {
            let _ = writeln!(
                lines,
                "{title}: {} {} {}: {}",
                finding.severity.as_str(),
                finding.code.as_str(),
                visible(&finding.resource),
                visible(&finding.message)
            );
        }
    }
    out.text(&lines)
}
