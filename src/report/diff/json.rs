//! JSON.

use std::io;

use serde::Serialize;

use super::{DiffReport, Verdict};
use crate::redact::Sensitive;
use crate::report::Output;

#[derive(Serialize)]
struct Results<'a> {
    first: &'a str,
    second: &'a str,
    differences: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    what: &'a str,
    first: Option<&'a Sensitive>,
    second: Option<&'a Sensitive>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// Writes the report.
pub(super) fn write(report: &DiffReport, out: &mut Output<'_>) -> io::Result<()> {
    let differences = report.differences.iter().map(|(difference, verdict)| {
        let (verdict, reason) = match verdict {
            Verdict::Allowed(reason) => ("allowed", Some(reason.as_str())),
            Verdict::NotAllowed => ("not-allowed", None),
            Verdict::Free => ("free", None),
        };
        Entry {
            what: &difference.what,
            first: difference.first.as_ref().map(|(value, _)| value),
            second: difference.second.as_ref().map(|(value, _)| value),
            verdict,
            reason,
        }
    });
    out.json(&Results {
        first: &report.first,
        second: &report.second,
        differences: differences.collect(),
    })
}
