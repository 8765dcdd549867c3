//! What `drift` found.

mod concise;
mod diff;
mod document;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod prometheus;
mod record;
mod redacted;
mod sarif;

#[cfg(test)]
pub(super) use json::schema;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::observed_from::ObservedFrom;
use super::{Format, Report, Writer};
pub(crate) use crate::drift::Status;
use crate::drift::{Coverage, Suppressed, Unchecked};
use crate::finding::{Finding, Severity};
use crate::host_id::HostId;
use crate::orchestrator::Orchestrator;
use crate::severity::Tally;
use crate::state::State;
use crate::target::{Examined, Observation};
use crate::text::plural::noun;

/// What was found on all hosts of a run.
#[derive(Debug, Clone)]
pub(crate) struct DriftReport {
    /// The hosts.
    pub(crate) hosts: Vec<HostReport>,
    /// The numbers of all hosts together.
    pub(crate) summary: Summary,
    /// The findings of all hosts, by severity.
    tally: Tally,
}

/// What was found on a host.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HostReport {
    /// Which host it is.
    #[serde(flatten)]
    pub(crate) id: HostId,
    /// Where it was observed.
    #[serde(flatten)]
    pub(crate) from: ObservedFrom,
    /// Its status.
    pub(crate) status: Status,
    /// The differences, the worst first.
    pub(crate) findings: Vec<Finding>,
    /// The differences that an ignore rule suppresses.
    pub(crate) suppressed: Vec<Suppressed>,
    /// How many differences the command line does not select.
    pub(crate) not_selected: usize,
    /// What was not compared.
    pub(crate) unchecked: Vec<Unchecked>,
    /// How much was compared, where the engine can be reached.
    pub(crate) coverage: Option<Coverage>,
    /// Why the engine cannot be reached.
    pub(crate) error: Option<String>,
    /// How long it took.
    #[serde(skip)]
    took: Duration,
    /// Its Compose file, as people name it; none where it is standard input.
    #[serde(skip)]
    file: Option<String>,
    /// What is expected of it.
    #[serde(skip)]
    expected: State,
    /// Its services: of the file, and of the differences.
    #[serde(skip)]
    pub(crate) services: BTreeSet<String>,
    /// When the newest container of each service was created.
    #[serde(skip)]
    created: BTreeMap<String, String>,
    /// When each container of a service was created, by its name.
    #[serde(skip)]
    containers: BTreeMap<String, String>,
    /// Whether changes inside its containers were looked for.
    #[serde(skip)]
    has_changes: bool,
    /// When each of the findings was first seen, where runs are recorded.
    #[serde(skip)]
    pub(crate) first_seen: Vec<String>,
}

/// The numbers of all hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Summary {
    /// Hosts.
    pub(crate) hosts: usize,
    /// Findings of this severity.
    pub(crate) exposure: usize,
    /// Findings of this severity.
    pub(crate) drift: usize,
    /// Findings of this severity.
    pub(crate) notice: usize,
    /// Findings that an ignore rule suppresses.
    pub(crate) suppressed: usize,
    /// Findings that the command line does not select.
    pub(crate) not_selected: usize,
    /// Things that were not compared.
    pub(crate) unchecked: usize,
    /// Hosts that cannot be reached.
    pub(crate) unreachable: usize,
}

impl Summary {
    /// How many findings are of this severity or a worse one.
    pub(crate) fn at_least(self, least: Severity) -> usize {
        let numbers = [
            (Severity::Exposure, self.exposure),
            (Severity::Drift, self.drift),
            (Severity::Notice, self.notice),
        ];
        numbers
            .iter()
            .filter(|(severity, _)| *severity <= least)
            .map(|(_, number)| number)
            .sum()
    }
}

impl Report for DriftReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Concise, concise::write),
        (Format::Json, json::write),
        (Format::Prometheus, prometheus::write),
        (Format::Markdown, markdown::write),
        (Format::Sarif, sarif::write),
        (Format::Github, github::write),
        (Format::Junit, junit::write),
    ];
}

impl DriftReport {
    /// The report of a run.
    pub(crate) fn of(mut hosts: Vec<HostReport>) -> Self {
        redacted::hosts(&mut hosts);
        let tally: Tally = hosts
            .iter()
            .flat_map(|host| &host.findings)
            .map(|finding| finding.severity)
            .collect();
        let is_unreachable = |host: &&HostReport| host.status == Status::Unreachable;
        let summary = Summary {
            hosts: hosts.len(),
            exposure: tally.of(Severity::Exposure),
            drift: tally.of(Severity::Drift),
            notice: tally.of(Severity::Notice),
            suppressed: hosts.iter().map(|host| host.suppressed.len()).sum(),
            not_selected: hosts.iter().map(|host| host.not_selected).sum(),
            unchecked: hosts.iter().map(|host| host.unchecked.len()).sum(),
            unreachable: hosts.iter().filter(is_unreachable).count(),
        };
        Self {
            hosts,
            summary,
            tally,
        }
    }
}

impl DriftReport {
    /// How much was compared of all hosts that can be reached.
    pub(crate) fn coverage(&self) -> Coverage {
        self.hosts
            .iter()
            .filter_map(|host| host.coverage)
            .fold(Coverage::default(), |all, one| Coverage {
                compared: all.compared + one.compared,
                of: all.of + one.of,
            })
    }
}

impl HostReport {
    /// The report on a host.
    pub(crate) fn of(examined: Examined) -> Self {
        let Examined {
            observation:
                Observation {
                    target,
                    observed,
                    took,
                    is_snapshot,
                },
            status,
            comparison,
            suppressed,
            not_selected,
            services,
        } = examined;
        let mut report = Self {
            id: target.id.clone(),
            from: ObservedFrom::unreached(target.endpoint_text(), is_snapshot),
            file: target.file,
            status,
            findings: comparison.findings,
            suppressed,
            not_selected,
            unchecked: comparison.unchecked,
            coverage: None,
            error: None,
            took,
            services,
            created: BTreeMap::new(),
            containers: BTreeMap::new(),
            has_changes: false,
            first_seen: Vec::new(),
            expected: target.expected,
        };
        let observed = match observed {
            Ok(observed) => observed,
            Err(error) => {
                report.error = Some(error);
                return report;
            }
        };
        report.coverage = Some(comparison.coverage);
        if let Some(live) = observed.live {
            report.created = record::created(&live.containers);
            report.containers = record::containers(&live.containers);
            report.has_changes = live.containers.iter().any(|one| one.changes.is_some());
            report.from.reach(&live);
        }
        report
    }

    /// What runs its file.
    pub(crate) fn orchestrator(&self) -> Orchestrator {
        self.expected.orchestrator()
    }

    /// A unified diff from what is expected to what was found.
    pub(crate) fn diff(&self) -> String {
        let title = self.id.title();
        let (spec, host) = (format!("{title} (spec)"), format!("{title} (host)"));
        let names = diff::Names {
            expected: &spec,
            observed: &host,
        };
        diff::diff(&self.expected, &self.findings, names)
    }

    /// A warning where variables without a value keep images from being compared: an outdated image
    /// is what people look for first.
    fn image_warning(&self) -> Option<String> {
        if self.status == Status::Unreachable {
            return None;
        }
        let (services, variables) = self.expected.unset_images();
        if services.is_empty() {
            return None;
        }
        let services: Vec<String> = services.iter().map(|name| format!("`{name}`")).collect();
        let variables = Vec::from_iter(variables);
        Some(format!(
            "the {} of {} {} not compared: {} {} no value here; set {}, or use --env-file",
            noun(services.len(), "image", "images"),
            services.join(", "),
            noun(services.len(), "was", "were"),
            variables.join(", "),
            noun(variables.len(), "has", "have"),
            noun(variables.len(), "it", "them"),
        ))
    }
}

/// Which of several of its resource a finding is about, the same from run to run.
fn which(finding: &Finding) -> String {
    if let Some(subject) = &finding.subject {
        return subject.clone();
    }
    let field = finding.field.as_deref().unwrap_or_default();
    // What is not expected is known by its name.
    let extra = finding.observed.as_str();
    match extra.filter(|_| finding.expected.is_null()) {
        Some(name) => format!("{field} {name}"),
        None => field.to_owned(),
    }
}
