//! Pictures, and graphs for programs that draw them.

use std::io;

use super::GraphReport;
use crate::graph::{self, Styles};
use crate::report::Output;

/// Writes a picture as SVG.
pub(super) fn svg(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    let reach = report.reach.as_ref().map(|reach| reach.service.as_str());
    out.text(&graph::svg(&report.hosts, reach, Styles::Own))
}

/// Writes a flowchart for Mermaid.
pub(super) fn mermaid(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&graph::mermaid(&report.hosts))
}

/// Writes a graph for Graphviz.
pub(super) fn dot(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&graph::dot(&report.hosts))
}
