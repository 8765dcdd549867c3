//! GitHub Actions annotations: one per finding, at the file of its host.

use std::io;

use super::{DriftReport, HostReport};
use crate::report::diagnostic::command_of;
use crate::report::{Output, not_selected};
use crate::text::visible;
use crate::text::workflow::Command;

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    for host in &report.hosts {
        let title = host.id.title();
        if let Some(error) = &host.error {
            annotate(out, host, "error", "unreachable", error)?;
        }
        for finding in &host.findings {
            let level = command_of(finding.severity);
            let mut message = visible(&format!("{title}: {}", finding.message)).into_owned();
            for more in std::iter::once(finding.after().as_str()).chain(finding.help.as_deref()) {
                message.push('\n');
                message.push_str(&visible(more));
            }
            annotate(out, host, level, finding.code.as_str(), &message)?;
        }
        if host.not_selected > 0 {
            let message = format!("{title}: {}", not_selected(host.not_selected));
            annotate(out, host, "notice", "not selected", &message)?;
        }
    }
    Ok(())
}

fn annotate(
    out: &mut Output<'_>,
    host: &HostReport,
    level: &'static str,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let mut command = Command::new(level, message);
    if let Some(file) = &host.file {
        command.property("file", file);
    }
    command.property("title", title);
    out.part(&command)
}
