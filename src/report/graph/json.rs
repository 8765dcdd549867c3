//! JSON for programs: the graphs, or the paths to a service.

use std::io;

use serde::Serialize;

use super::GraphReport;
use crate::graph::Graph;
use crate::report::Output;

#[derive(Serialize)]
struct Hosts<'a> {
    hosts: &'a [Graph],
}

/// Writes the report.
pub(super) fn write(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    match &report.reach {
        Some(reach) => out.json(reach),
        None => out.json(&Hosts {
            hosts: &report.hosts,
        }),
    }
}
