//! Text for people at a terminal: by resource, exposures first.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::{DriftReport, HostReport};
use crate::finding::{Cause, Finding};
use crate::report::{Look, Output, not_selected, paragraph};
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let look = out.look;
    for host in &report.hosts {
        let mut part = Styled::new(look.style);
        write_host(&mut part, host, look);
        part.push("\n");
        out.part(&part)?;
    }
    let mut last = Styled::new(look.style);
    let _ = writeln!(last, "{}", summary(report, look.is_verbose));
    out.part(&last)
}

fn summary(report: &DriftReport, is_verbose: bool) -> String {
    let summary = &report.summary;
    let mut parts = vec![counted(summary.hosts, "host", "hosts")];
    if summary.unreachable > 0 {
        parts.push(format!("{} unreachable", summary.unreachable));
    }
    let before = parts.len();
    parts.extend(report.tally.counted());
    if summary.suppressed > 0 {
        parts.push(format!("{} ignored", summary.suppressed));
    }
    if summary.not_selected > 0 {
        parts.push(format!("{} not selected", summary.not_selected));
    }
    if parts.len() == before && summary.unreachable < summary.hosts {
        parts.push("in sync".into());
    }
    let mut line = parts.join(", ");
    if summary.unchecked > 0 {
        let hint = if is_verbose { "" } else { " (-v lists them)" };
        let things = counted(summary.unchecked, "thing", "things");
        let _ = write!(line, "; {things} not compared{hint}");
    }
    line
}

fn write_host(out: &mut Styled, host: &HostReport, look: Look) {
    out.paint(Ansi::new().bold(), &visible(host.id.title()));
    out.push(": ");
    out.paint(host.status.style(), host.status.as_str());
    out.push("  ");
    let mut about: Vec<String> = host.id.about().collect();
    about.extend(Some(host.from.endpoint.clone()).filter(|endpoint| !endpoint.is_empty()));
    about.extend(host.from.about());
    about.extend(host.coverage.map(|coverage| coverage.to_string()));
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
    if let Some(warning) = host.image_warning() {
        out.push("\n");
        paragraph(out, &format!("warning: {warning}"), 2, look);
    }
    if !host.suppressed.is_empty() {
        let _ = writeln!(out, "\n  ignored");
        for suppressed in &host.suppressed {
            let finding = &suppressed.finding;
            let text = format!(
                "{} on {}{}: {suppressed}",
                finding.code.as_str(),
                finding.resource,
                field(finding),
            );
            paragraph(out, &text, 4, look);
        }
    }
    if host.not_selected > 0 {
        let _ = writeln!(out, "\n  {}", not_selected(host.not_selected));
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

/// The field of an ignored finding, which distinguishes it from others of its resource.
fn field(finding: &Finding) -> String {
    let field = finding.field.as_ref();
    field.map_or_else(String::new, |field| format!(" `{field}`"))
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
    let mut after = match finding.cause {
        Cause::Unapplied => "the change was not applied yet: ".to_owned(),
        Cause::OutOfBand => "changed on the host: ".to_owned(),
        Cause::Unknown => String::new(),
    };
    after.push_str(&finding.after());
    paragraph(out, &after, 14, look);
    if let Some(help) = &finding.help {
        // A command that is broken into lines cannot be pasted.
        let width = None;
        paragraph(out, &format!("help: {help}"), 14, Look { width, ..look });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Severity};
    use crate::text::Style;

    #[test]
    fn a_narrow_terminal_breaks_messages_and_no_command() {
        let look = Look {
            style: Style::Plain,
            width: Some(40),
            is_verbose: false,
            is_quiet: false,
        };
        let message = "service `db` is missing the network alias `database` on network `back`";
        let command = "docker --context vps-prod compose -f generated/vps.prod.yml up -d db";
        let finding =
            Finding::new(Code::NetworkAlias, Severity::Drift, "db", message).help(command);
        let mut out = Styled::new(Style::Plain);
        write_finding(&mut out, &finding, look);
        let text = out.to_string();
        assert!(!text.contains(message), "{text}");
        assert!(text.contains(&format!("help: {command}\n")), "{text}");
    }
}
