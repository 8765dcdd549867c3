//! What recorded runs of `drift` say: since when, how often, and what ended it.

mod human;
mod json;

use super::{Format, Report, Writer};
use crate::history::{Run, Timeline, by_host};

/// The course of each host.
#[derive(Debug, Clone)]
pub(crate) struct HistoryReport {
    /// The hosts, in the order of their names.
    pub(crate) hosts: Vec<Timeline>,
}

impl Report for HistoryReport {
    const WRITERS: &'static [(Format, Writer<Self>)] =
        &[(Format::Human, human::write), (Format::Json, json::write)];
}

impl HistoryReport {
    /// The report on the runs of hosts, environments or projects with one of the names; none means all.
    pub(crate) fn of(runs: &[Run], names: &[String]) -> Self {
        let is_named = |run: &Run| {
            let is_given = |own: &str| names.iter().any(|name| name == own);
            names.is_empty() || run.id.names().any(is_given)
        };
        let hosts = by_host(runs).into_iter();
        let selected = hosts.filter(|runs| runs.last().is_some_and(|run| is_named(run)));
        Self {
            hosts: selected.filter_map(|runs| Timeline::of(&runs)).collect(),
        }
    }
}
