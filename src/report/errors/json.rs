//! JSON.

use std::io;

use serde::Serialize;

use super::ErrorReport;
use crate::report::Output;
use crate::report::diagnostic::{At, Related, at, related};

#[derive(Serialize)]
struct Results<'a> {
    errors: Vec<One<'a>>,
    /// How many are not listed.
    more: usize,
}

#[derive(Serialize)]
struct One<'a> {
    message: &'a str,
    place: At<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    hosts: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    help: &'a [String],
}

/// Writes the report.
pub(super) fn write(report: &ErrorReport, out: &mut Output<'_>) -> io::Result<()> {
    let errors = report.errors.iter().map(|error| One {
        message: error.message(),
        place: at(error.place()),
        label: error.label_text(),
        related: related(error),
        hosts: error.hosts(),
        notes: error.notes(),
        help: error.helps(),
    });
    out.json(&Results {
        errors: errors.collect(),
        more: report.more,
    })
}
