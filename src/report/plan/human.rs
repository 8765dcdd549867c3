//! Text for people at a terminal: the operations in order.

use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::{HostPlan, PlanReport, subject};
use crate::plan::{Action, Operation};
use crate::report::{Look, Output, paragraph};
use crate::text::{Styled, visible};

/// Writes the report.
pub(super) fn write(report: &PlanReport, out: &mut Output<'_>) -> io::Result<()> {
    let look = out.look;
    if let Some(base) = &report.base {
        let mut part = Styled::new(look.style);
        let _ = writeln!(part, "Changes since {}\n", visible(&base.named()));
        out.part(&part)?;
    }
    for host in &report.hosts {
        let mut part = Styled::new(look.style);
        write_title(&mut part, host);
        out.part(&part)?;
        for file in &host.files {
            out.diff(&file.diff)?;
            out.text("\n")?;
        }
        let mut part = Styled::new(look.style);
        if report.base.is_some() && host.files.is_empty() {
            paragraph(&mut part, "No file changed.", 2, look);
        }
        write_host(&mut part, host, look);
        part.push("\n");
        out.part(&part)?;
    }
    let mut last = Styled::new(look.style);
    let _ = writeln!(last, "{}", report.summary.sentence());
    out.part(&last)
}

fn write_title(out: &mut Styled, host: &HostPlan) {
    out.paint(Ansi::new().bold(), &visible(host.id.title()));
    out.push("  ");
    out.paint(
        AnsiColor::BrightBlack.on_default(),
        &visible(&host.about(" · ")),
    );
    out.push("\n\n");
}

fn write_host(out: &mut Styled, host: &HostPlan, look: Look) {
    if let Some(error) = &host.error {
        paragraph(out, error, 2, look);
        return;
    }
    if host.operations.is_empty() {
        paragraph(out, "Nothing to do.", 2, look);
    }
    for operation in &host.operations {
        write_operation(out, operation, look);
    }
    if !host.downtime.is_empty() {
        out.push("\n  Downtime\n");
        for downtime in &host.downtime {
            let text = format!("{}: {}", downtime.service, downtime.how_long);
            paragraph(out, &text, 4, look);
        }
    }
    if !host.unknown.is_empty() {
        out.push("\n  Not known\n");
        for unknown in &host.unknown {
            paragraph(out, unknown, 4, look);
        }
    }
    if look.is_verbose && !host.rules.is_empty() {
        let _ = writeln!(out, "\n  What {} does", host.command.as_str());
        for rule in &host.rules {
            let name = rule.rule.as_str();
            let text = format!("{name}: {} ({}; {})", rule.text, rule.versions, rule.source);
            paragraph(out, &text, 4, look);
        }
    }
}

fn write_operation(out: &mut Styled, operation: &Operation, look: Look) {
    let colour = match operation.action {
        Action::Create | Action::Start => AnsiColor::Green,
        Action::Recreate | Action::Update | Action::Stop | Action::Leave => AnsiColor::Yellow,
        Action::Remove | Action::Fail => AnsiColor::Red,
    };
    let mark = if operation.certain { "" } else { "?" };
    let action = format!("{:<10}", format!("{}{mark}", operation.action.as_str()));
    out.push("  ");
    out.paint(colour.on_default(), &action);
    let subject = subject(operation);
    let _ = writeln!(out, "{}", visible(&subject));
    paragraph(out, &operation.cause, 12, look);
    if let Some(tasks) = &operation.tasks {
        paragraph(out, &format!("tasks: {tasks}"), 12, look);
    }
    if let Some(loses) = &operation.loses {
        paragraph(out, &format!("loses: {loses}"), 12, look);
    }
}
