//! For GitHub Actions: one annotation per finding, at its line.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use super::CheckReport;
use crate::text::visible;
use crate::text::workflow::{data, property};

/// The report as workflow commands.
#[must_use]
pub fn github(report: &CheckReport) -> String {
    let mut out = String::new();
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
        let mut at = format!("file={}", property(&place.source.name));
        if let Some((line, column)) = place.line_column() {
            let _ = write!(at, ",line={line},col={column}");
        }
        let _ = writeln!(
            out,
            "::{} {at},title={}::{}",
            finding.rule.severity.as_str(),
            property(finding.rule.code),
            data(&message)
        );
    }
    out
}
