//! One line per finding, for `grep`, editors and logs.

use std::fmt::Write as _;
use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::text::visible;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut text = String::new();
    for finding in &report.checked.findings {
        let diagnostic = &finding.found.diagnostic;
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{}: {}[{}]: {}",
            visible(&diagnostic.place().display()),
            finding.rule.severity.as_str(),
            finding.rule.code,
            visible(diagnostic.message()),
        );
    }
    out.text(&text)
}
