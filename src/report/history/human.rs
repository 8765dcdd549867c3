//! Text for people: a line for each finding, those that are there still first.

use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::HistoryReport;
use crate::history::{Timeline, Track};
use crate::report::Output;
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// Writes the report.
pub(super) fn write(report: &HistoryReport, out: &mut Output<'_>) -> io::Result<()> {
    for (index, host) in report.hosts.iter().enumerate() {
        let mut part = Styled::new(out.look.style);
        if index > 0 {
            part.push("\n");
        }
        write_host(&mut part, host);
        out.part(&part)?;
    }
    Ok(())
}

fn write_host(out: &mut Styled, host: &Timeline) {
    out.paint(Ansi::new().bold(), &visible(host.id.title()));
    out.push(": ");
    out.paint(host.status.style(), host.status.as_str());
    // Writing to a `String` cannot fail.
    let _ = write!(out, " since {}  ", visible(&host.since));
    let mut about: Vec<String> = host.id.about().collect();
    about.push(format!(
        "{} from {} to {}",
        counted(host.runs, "run", "runs"),
        host.first,
        host.last
    ));
    if host.unreachable > 0 {
        about.push(format!("{} unreachable", host.unreachable));
    }
    let about = about.join(" · ");
    out.paint(AnsiColor::BrightBlack.on_default(), &visible(&about));
    out.push("\n");
    for track in &host.findings {
        write_track(out, track);
    }
}

fn write_track(out: &mut Styled, track: &Track) {
    let (word, style) = match &track.fixed {
        None => ("open ", track.severity.style()),
        Some(fix) if fix.is_there_still() => ("ignored", track.severity.style()),
        Some(_) => ("fixed", AnsiColor::Green.on_default()),
    };
    out.push("  ");
    out.paint(style, word);
    let field = track
        .field
        .as_ref()
        .map_or(String::new(), |field| format!(" `{}`", visible(field)));
    let _ = write!(
        out,
        "  {:8}  {} on {}{field}: ",
        track.severity.as_str(),
        track.code.as_str(),
        visible(&track.resource)
    );
    let times = if track.times > 1 {
        format!(", {} times", track.times)
    } else {
        String::new()
    };
    let runs = counted(track.runs, "run", "runs");
    let since = visible(&track.since);
    let _ = match &track.fixed {
        None => writeln!(out, "since {since}, in {runs}{times}"),
        Some(fix) if fix.is_there_still() => writeln!(
            out,
            "since {since}, in {runs}{times}; {}, at {}",
            fix.words(),
            visible(&fix.by)
        ),
        Some(fix) => writeln!(
            out,
            "from {since} to {}, in {runs}{times}; gone at {}, {}",
            visible(&track.last_seen),
            visible(&fix.by),
            visible(&fix.words())
        ),
    };
}
