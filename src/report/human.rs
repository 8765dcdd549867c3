//! For people at a terminal: by resource, exposures first.

use std::collections::HashMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};

use super::{HostReport, Report, Status, shown_as};
use crate::finding::{Cause, Finding};
use crate::text::plural::counted;
use crate::text::{Style, Styled, visible};

/// How the report is to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether it has colours.
    pub style: Style,
    /// The columns of the terminal; nothing where it is none, and lines may be of any length.
    pub width: Option<usize>,
    /// Whether to say what could not be compared, line by line.
    pub is_verbose: bool,
}

/// The report as a text.
#[must_use]
pub fn human(report: &Report, look: Look) -> Styled {
    let mut out = Styled::new(look.style);
    for host in &report.hosts {
        write_host(&mut out, host, look);
        out.push("\n");
    }
    let summary = &report.summary;
    let mut parts = vec![counted(summary.hosts, "host", "hosts")];
    if summary.unreachable > 0 {
        parts.push(format!("{} not reached", summary.unreachable));
    }
    let before = parts.len();
    for (number, one, many) in [
        (summary.exposure, "exposure", "exposures"),
        (summary.drift, "drift", "drifts"),
        (summary.notice, "notice", "notices"),
        (summary.suppressed, "suppressed", "suppressed"),
    ] {
        if number > 0 {
            parts.push(counted(number, one, many));
        }
    }
    if parts.len() == before && summary.unreachable < summary.hosts {
        parts.push("in sync".into());
    }
    let mut line = parts.join(", ");
    if summary.unchecked > 0 {
        let hint = if look.is_verbose {
            ""
        } else {
            " (-v says what)"
        };
        let _ = write!(
            line,
            "; {} cannot be compared{hint}",
            counted(summary.unchecked, "thing", "things")
        );
    }
    let _ = writeln!(out, "{line}");
    out
}

fn write_host(out: &mut Styled, host: &HostReport, look: Look) {
    let (word, colour) = match host.status {
        Status::InSync => ("in sync", AnsiColor::Green),
        Status::Drifted => ("drifted", AnsiColor::Red),
        Status::Unreachable => ("not reached", AnsiColor::Red),
    };
    out.paint(Ansi::new().bold(), &visible(host.title()));
    out.push(": ");
    out.paint(colour.on_default().bold(), word);
    out.push("  ");
    let mut about = Vec::new();
    if let Some(environment) = &host.environment {
        about.push(format!("environment {environment}"));
    }
    if host.host.is_some() {
        about.push(format!("project {}", host.project));
    }
    about.push(host.endpoint.clone());
    if let Some(time) = host.observed_at.as_ref().filter(|_| host.from_snapshot) {
        about.push(format!("as it was at {time}"));
    }
    if let Some(engine) = &host.engine {
        about.push(
            format!("engine {} {}", engine.version, engine.id)
                .trim_end()
                .to_owned(),
        );
    }
    let about = about.join(" · ");
    out.paint(AnsiColor::BrightBlack.on_default(), &visible(&about));
    out.push("\n");
    if let Some(error) = &host.error {
        paragraph(out, error, 2, look);
    }
    for (resource, findings) in in_order(&host.findings) {
        out.push("\n  ");
        out.paint(Ansi::new().bold(), &visible(resource));
        out.push("\n");
        for finding in findings {
            write_finding(out, finding, look);
        }
    }
    if !host.suppressed.is_empty() {
        let _ = writeln!(out, "\n  ignored by rule");
        for suppressed in &host.suppressed {
            let finding = &suppressed.finding;
            let text = format!(
                "{} on {}: {} (until {})",
                finding.code.as_str(),
                finding.resource,
                suppressed.reason,
                suppressed.until
            );
            paragraph(out, &text, 4, look);
        }
    }
    if look.is_verbose && !host.unchecked.is_empty() {
        let _ = writeln!(out, "\n  not compared");
        for unchecked in &host.unchecked {
            paragraph(
                out,
                &format!("{}: {}", unchecked.what, unchecked.why),
                4,
                look,
            );
        }
    }
}

/// The resources in the order of their worst findings, each with its findings.
fn in_order(findings: &[Finding]) -> Vec<(&str, Vec<&Finding>)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut resources: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let resource = finding.resource.as_str();
        let at = *places.entry(resource).or_insert(resources.len());
        match resources.get_mut(at) {
            Some((_, findings)) => findings.push(finding),
            None => resources.push((resource, vec![finding])),
        }
    }
    resources
}

fn write_finding(out: &mut Styled, finding: &Finding, look: Look) {
    let severity = format!("{:8}", finding.severity.as_str());
    out.push("    ");
    out.paint(finding.severity.style(), &severity);
    let _ = writeln!(out, "  {}", finding.code.as_str());
    paragraph(out, &finding.message, 14, look);
    if let Some(field) = &finding.field {
        let sides = format!(
            "{field}: expected {}, observed {}",
            shown_as(field, &finding.expected),
            shown_as(field, &finding.observed)
        );
        paragraph(out, &sides, 14, look);
    }
    let mut after = match finding.cause {
        Cause::Unapplied => "the spec changed and was not applied: ".to_owned(),
        Cause::OutOfBand => "changed on the host: ".to_owned(),
        Cause::Unknown => String::new(),
    };
    after.push_str(finding.after_up.explained());
    paragraph(out, &after, 14, look);
    if let Some(help) = &finding.help {
        paragraph(out, &format!("help: {help}"), 14, look);
    }
}

/// A text below an indentation, broken to the width of the terminal.
fn paragraph(out: &mut Styled, text: &str, indent: usize, look: Look) {
    let text = &*visible(text);
    let margin = " ".repeat(indent);
    let Some(width) = look.width else {
        let _ = writeln!(out, "{margin}{text}");
        return;
    };
    // A terminal too narrow for the indentation gets lines of some length all the same.
    let options = textwrap::Options::new(width.max(indent + 30))
        .initial_indent(&margin)
        .subsequent_indent(&margin)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    for line in textwrap::wrap(text, options) {
        let _ = writeln!(out, "{line}");
    }
}
