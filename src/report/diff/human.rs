//! Text for people: each difference with both values and the verdict.

use std::fmt::Write as _;
use std::io;

use anstyle::AnsiColor;

use super::{DiffReport, Verdict};
use crate::report::Output;
use crate::rules::parity::Difference;
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// Writes the report.
pub(super) fn write(report: &DiffReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut text = Styled::new(out.look.style);
    for (difference, verdict) in &report.differences {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}", visible(&difference.what));
        for (environment, side) in [
            (&report.first, &difference.first),
            (&report.second, &difference.second),
        ] {
            let value = Difference::shown(side.as_ref());
            let value = value.unwrap_or_else(|| "missing".to_owned());
            let _ = writeln!(text, "  {environment}: {}", visible(&value));
        }
        match verdict {
            Verdict::Allowed(reason) => {
                text.push("  ");
                text.paint(AnsiColor::Green.on_default(), "allowed:");
                let _ = writeln!(text, " {}", visible(reason));
            }
            Verdict::NotAllowed => {
                text.push("  ");
                text.paint(AnsiColor::Red.on_default(), "not allowed");
                text.push("\n");
            }
            Verdict::Free => {}
        }
    }
    let number = counted(report.differences.len(), "difference", "differences");
    let _ = if report.has_mirror {
        writeln!(text, "{number}, {} not allowed", report.not_allowed())
    } else {
        writeln!(text, "{number}; neither environment mirrors the other")
    };
    out.part(&text)
}
