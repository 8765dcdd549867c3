//! What runs on hosts as a picture, and who can reach a service.

mod human;
mod json;
mod picture;

use super::{Format, Report, Writer};
use crate::graph::{Graph, Reachability};

/// The graphs of a run.
#[derive(Debug)]
pub(crate) struct GraphReport {
    /// The hosts.
    pub(crate) hosts: Vec<Graph>,
    /// The ways to a service, where that was asked.
    pub(crate) reach: Option<Reachability>,
}

impl Report for GraphReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Json, json::write),
        (Format::Svg, picture::svg),
        (Format::Mermaid, picture::mermaid),
        (Format::Dot, picture::dot),
    ];
}
