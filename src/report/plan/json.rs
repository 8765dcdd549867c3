//! JSON, in version 1 of the plan.

use std::io;

use serde::Serialize;

use super::{Base, HostPlan, PlanReport};
use crate::plan::Operation;
use crate::report::Output;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Results<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a Base>,
    hosts: &'a [HostPlan],
    /// Those of the only host, for who asks about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<&'a [Operation]>,
}

/// Writes the report.
pub(super) fn write(report: &PlanReport, out: &mut Output<'_>) -> io::Result<()> {
    let hosts = report.hosts.as_slice();
    let operations = match hosts {
        [only] => Some(only.operations.as_slice()),
        _ => None,
    };
    let results = Results {
        base: report.base.as_ref(),
        hosts,
        operations,
    };
    out.json_with_summary(&results, &report.summary)
}

/// The schema of the report.
#[cfg(test)]
pub(in crate::report) fn schema() -> serde_json::Value {
    crate::report::output::schema::<Results<'static>, super::Summary>()
}
