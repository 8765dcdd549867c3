//! One line per mistake: `file:line:column: error: message`.

use std::io;

use super::ErrorReport;
use crate::report::Output;
use crate::text::visible;

/// Writes the report.
pub(super) fn write(report: &ErrorReport, out: &mut Output<'_>) -> io::Result<()> {
    for error in &report.errors {
        let place = error.place().display();
        let label = error.label_beside_message();
        let label = if label.is_empty() {
            String::new()
        } else {
            format!(" ({label})")
        };
        let meant = error
            .helps()
            .iter()
            .find(|help| help.starts_with("did you mean"))
            .map_or_else(String::new, |help| format!("; {help}"));
        let line = format!("{place}: error: {}{label}{meant}", error.message());
        out.text(&format!("{}\n", visible(&line)))?;
    }
    Ok(())
}
