//! JSON.

use std::io;

use serde::Serialize;

use super::RenderReport;
use crate::render::FileStatus;
use crate::report::Output;

#[derive(Serialize)]
struct Results<'a> {
    written: bool,
    files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    change: &'static str,
    diff: &'a str,
}

/// Writes the report.
pub(super) fn write(report: &RenderReport, out: &mut Output<'_>) -> io::Result<()> {
    let files = report.files.iter().map(|file| Entry {
        path: &file.path,
        change: match file.change {
            FileStatus::Unchanged => "unchanged",
            FileStatus::Stale => "stale",
            FileStatus::Missing => "missing",
            FileStatus::Orphaned => "orphaned",
        },
        diff: &file.diff,
    });
    out.json(&Results {
        written: report.is_written,
        files: files.collect(),
    })
}
