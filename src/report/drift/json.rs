//! JSON, in version 1 of the drift report.

use std::io;

use serde::Serialize;

use super::{DriftReport, HostReport};
use crate::report::Output;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Results<'a> {
    hosts: &'a [HostReport],
}

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let hosts = &report.hosts;
    out.json_with_summary(&Results { hosts }, &report.summary)
}

/// The schema of the report.
#[cfg(test)]
pub(in crate::report) fn schema() -> serde_json::Value {
    crate::report::output::schema::<Results<'static>, super::Summary>()
}
