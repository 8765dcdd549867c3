//! Diagnostics in the formats that several reports have.

use std::fmt::Write as _;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::severity::Severity;
use crate::source::Place;
use crate::text::visible;
use crate::text::workflow::Command;

/// A place in JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct At<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
}

/// Another place that has to do with a diagnostic, in JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Related<'a> {
    #[serde(flatten)]
    place: At<'a>,
    label: &'a str,
}

/// A place in JSON.
pub(super) fn at(place: &Place) -> At<'_> {
    let (line, column) = place.line_column().unzip();
    At {
        file: &place.source.name,
        line,
        column,
    }
}

/// The other places of a diagnostic in JSON.
pub(super) fn related(diagnostic: &Diagnostic) -> Vec<Related<'_>> {
    diagnostic
        .related_places()
        .iter()
        .map(|(place, label)| Related {
            place: at(place),
            label,
        })
        .collect()
}

/// The workflow command of GitHub Actions for a severity.
pub(super) fn command_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Exposure | Severity::Error => "error",
        Severity::Drift | Severity::Warning => "warning",
        Severity::Hardening | Severity::Notice => "notice",
    }
}

/// The annotation of GitHub Actions for a diagnostic: its message and what goes with it, at its line, as severe as a run
/// takes it.
pub(super) fn annotation(diagnostic: &Diagnostic, severity: Severity) -> Command {
    let place = diagnostic.place();
    let mut message = visible(diagnostic.message()).into_owned();
    let label = diagnostic.label_beside_message();
    if !label.is_empty() {
        let _ = write!(message, "\n{}", visible(label));
    }
    for (related, label) in diagnostic.related_places() {
        let _ = write!(
            message,
            "\n{}: {}",
            visible(&related.display()),
            visible(label)
        );
    }
    for line in diagnostic.notes().iter().chain(diagnostic.helps()) {
        let _ = write!(message, "\n{}", visible(line));
    }
    let mut command = Command::new(command_of(severity), &message);
    command.property("file", &place.source.name);
    if let Some((line, column)) = place.line_column() {
        command.property("line", &line.to_string());
        command.property("col", &column.to_string());
    }
    command
}
