//! JSON.

use std::io;

use serde::Serialize;

use super::HistoryReport;
use crate::history::Timeline;
use crate::report::Output;

#[derive(Serialize)]
struct Results<'a> {
    hosts: &'a [Timeline],
}

/// Writes the report.
pub(super) fn write(report: &HistoryReport, out: &mut Output<'_>) -> io::Result<()> {
    let hosts = &report.hosts;
    out.json(&Results { hosts })
}
