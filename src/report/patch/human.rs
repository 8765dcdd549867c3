//! The patches, for `patch -p1` and `git apply`; and what is said about them.

use std::io;

use anstyle::{AnsiColor, Style};

use super::PatchReport;
use crate::report::Output;
use crate::text::plural::counted;

/// Writes the report.
pub(super) fn write(report: &PatchReport, out: &mut Output<'_>) -> io::Result<()> {
    for host in &report.0 {
        for (path, patch) in &host.files {
            if host.is_rendered {
                // Programs that apply patches skip what is before the first one.
                let note = format!(
                    "# `{path}` is rendered: change the specs or templates so that they give this\n"
                );
                out.text(&note)?;
            }
            out.diff(patch)?;
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
