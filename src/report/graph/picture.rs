//! Pictures, and graphs for programs that draw them.

use std::io;

use super::GraphReport;
use crate::graph::{self, Styles};
use crate::report::Output;

/// Writes a picture as SVG.
pub(super) fn svg(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&graph::svg(&report.hosts, reached(report), Styles::Own))
}

/// Writes a flowchart for Mermaid.
pub(super) fn mermaid(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&graph::mermaid(&report.hosts, reached(report)))
}

/// Writes a graph for Graphviz.
pub(super) fn dot(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&graph::dot(&report.hosts, reached(report)))
}

/// The service whose ways are shown.
fn reached(report: &GraphReport) -> Option<&str> {
    report.reach.as_ref().map(|reach| reach.service.as_str())
}
