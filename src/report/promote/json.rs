//! JSON.

use std::io;

use serde::Serialize;

use super::PromoteReport;
use crate::promote::ReleasedFile;
use crate::report::Output;

#[derive(Serialize)]
struct Results<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    commit: &'a str,
    environment: &'a str,
    allowed: bool,
    refusals: &'a [String],
    files: &'a [ReleasedFile],
    recorded: bool,
}

/// Writes the report.
pub(super) fn write(report: &PromoteReport, out: &mut Output<'_>) -> io::Result<()> {
    out.json(&Results {
        reference: &report.reference,
        commit: report.commit.as_str(),
        environment: &report.environment,
        allowed: report.is_allowed(),
        refusals: &report.refusals,
        files: &report.files,
        recorded: report.is_recorded,
    })
}
