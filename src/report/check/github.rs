//! GitHub Actions annotations: one per finding, at its line.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;
use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::text::visible;
use crate::text::workflow::Command;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    for finding in &report.findings {
        let diagnostic = &finding.found.diagnostic;
        let place = diagnostic.place();
        let mut message = visible(diagnostic.message()).into_owned();
        if !diagnostic.label_text().is_empty() {
            let _ = write!(message, "\n{}", visible(diagnostic.label_text()));
        }
        for (related, label) in diagnostic.related_places() {
            let _ = write!(
                message,
                "\n{}: {}",
                visible(&related.display()),
                visible(label)
            );
        }
        for help in diagnostic.helps() {
            let _ = write!(message, "\n{}", visible(help));
        }
        let mut command = Command::new(finding.rule.severity.as_str(), &message);
        command.property("file", &place.source.name);
        if let Some((line, column)) = place.line_column() {
            command.property("line", &line.to_string());
            command.property("col", &column.to_string());
        }
        command.property("title", finding.rule.code);
        out.part(&command)?;
    }
    Ok(())
}
