//! The patches, for `patch -p1` and `git apply`; and what is said about them.

use std::io;

use anstyle::{AnsiColor, Style};

use super::PatchReport;
use crate::report::Output;
use crate::text::plural::counted;

/// Writes the report.
pub(super) fn write(report: &PatchReport, out: &mut Output<'_>) -> io::Result<()> {
    for host in &report.0 {
        for patch in &host.files {
            out.patch(patch)?;
        }
    }
    for host in &report.0 {
        let accepted = counted(host.accepted, "finding", "findings");
        let text = format!(" {}: the patch settles {accepted}", host.title);
        out.say("patch:", AnsiColor::Green.on_default(), &text)?;
        for left in &host.left {
            out.say("", Style::new(), &format!("  {left}"))?;
        }
    }
    Ok(())
}
