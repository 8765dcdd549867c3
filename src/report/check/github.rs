//! For GitHub Actions: one annotation per finding, at its line.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;
use std::io::{self, Write};

use super::CheckReport;

/// Writes the report as workflow commands.
///
/// # Errors
/// What `out` gives.
pub fn github(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let diagnostic = &finding.found.diagnostic;
        let place = diagnostic.place();
        let mut message = diagnostic.message().to_owned();
        if !diagnostic.label_text().is_empty() {
            let _ = write!(message, "\n{}", diagnostic.label_text());
        }
        for (related, label) in diagnostic.related_places() {
            let _ = write!(message, "\n{}: {label}", related.display());
        }
        for help in diagnostic.helps() {
            let _ = write!(message, "\n{help}");
        }
        let mut at = format!("file={}", property(&place.source.name));
        if let Some((line, column)) = place.line_column() {
            let _ = write!(at, ",line={line},col={column}");
        }
        writeln!(
            out,
            "::{} {at},title={}::{}",
            finding.rule.severity.as_str(),
            property(finding.rule.code),
            data(&message)
        )?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
