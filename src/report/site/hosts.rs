//! A section for each environment, with its hosts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SiteReport;
use crate::fields::shown;
use crate::finding::Finding;
use crate::history::{FindingEnd, Timeline, Track};
use crate::orchestrator::Orchestrator;
use crate::report::catalog::{Condition, EnvironmentView, HostView, Item, Table, Tone};
use crate::report::drift::{HostReport, Status};
use crate::text::path::local;

/// How many runs are drawn.
const MOST_RUNS: usize = 72;

/// The rows of the table of hosts that a section says otherwise.
const SHOWN_ELSEWHERE: [&str; 3] = ["Environment", "Services", "Measured"];

/// What is known of each environment and each host, as tables.
pub(super) struct Facts<'a> {
    pub(super) environments: &'a Table,
    pub(super) hosts: &'a Table,
}

#[derive(Serialize)]
pub(super) struct EnvironmentSection {
    name: String,
    status: StatusText,
    facts: Vec<Fact>,
    hosts: Vec<HostSection>,
}

#[derive(Serialize)]
struct HostSection {
    name: String,
    machine: String,
    docker: Option<String>,
    status: StatusText,
    facts: Vec<Fact>,
    service_columns: Vec<&'static str>,
    services: Vec<ServiceRow>,
    drift: Option<DriftSection>,
    history: Option<Course>,
}

/// A status, in a word for the filter and in words.
#[derive(Serialize)]
struct StatusText {
    word: Condition,
    text: String,
    tone: Tone,
    observed: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    label: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct ServiceRow {
    name: String,
    role: Option<String>,
    cells: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct DriftSection {
    about: String,
    /// The command that the last column of the findings is about.
    deploy: &'static str,
    error: Option<String>,
    findings: Vec<FindingRow>,
    suppressed: Vec<Ignored>,
}

#[derive(Serialize)]
struct FindingRow {
    severity: &'static str,
    code: &'static str,
    resource: String,
    message: String,
    help: Option<String>,
    expected: String,
    observed: String,
    after_up: String,
}

#[derive(Serialize)]
struct Ignored {
    code: &'static str,
    resource: String,
    reason: String,
}

#[derive(Serialize)]
struct Course {
    title: String,
    status: Status,
    tone: Tone,
    since: String,
    runs: usize,
    unreachable: usize,
    first: String,
    last: String,
    drawn: Vec<Ran>,
    findings: Vec<Followed>,
}

#[derive(Serialize)]
struct Ran {
    status: &'static str,
    tone: Tone,
    time: String,
}

#[derive(Serialize)]
struct Followed {
    #[serde(flatten)]
    track: Track,
    words: Option<String>,
}

/// The sections of a page.
pub(super) fn sections(site: &SiteReport<'_>, facts: &Facts<'_>) -> Vec<EnvironmentSection> {
    let measured = site.drift.iter().flat_map(|drift| &drift.hosts);
    let recorded = site.history.iter().flat_map(|history| &history.hosts);
    let folders = [site.folder.clone()];
    let known = HostRecords {
        folders: &folders,
        // Of two with one name, the first.
        measured: measured
            .rev()
            .map(|one| (one.id.host.as_deref(), one))
            .collect(),
        recorded: recorded
            .rev()
            .map(|one| (one.id.host.as_deref(), one))
            .collect(),
    };
    let mut number = 0;
    let environments = site.catalog.environments.iter().enumerate();
    environments
        .map(|(index, environment)| {
            let hosts = environment.hosts.iter().map(|host| {
                let mut section = section(&known, host);
                section.facts = column(facts.hosts, number);
                section
                    .facts
                    .retain(|fact| !SHOWN_ELSEWHERE.contains(&fact.label.as_str()));
                number += 1;
                section
            });
            EnvironmentSection {
                name: environment.name.clone(),
                hosts: hosts.collect(),
                status: status(environment),
                facts: column(facts.environments, index),
            }
        })
        .collect()
}

/// The status of an environment: what was measured, else that its health is made up, if it says so.
fn status(environment: &EnvironmentView) -> StatusText {
    let condition = environment.condition();
    let (text, tone) = if condition == Condition::NotMeasured && environment.is_mocked() {
        ("mock".to_owned(), Tone::Mark)
    } else {
        (condition.words(), condition.tone())
    };
    StatusText {
        word: condition,
        text,
        tone,
        observed: None,
    }
}

/// What a table says of one of its columns.
fn column(table: &Table, index: usize) -> Vec<Fact> {
    table
        .rows
        .iter()
        .filter_map(|row| {
            let items = row.cells.get(index).filter(|items| !items.is_empty())?;
            Some(Fact {
                label: row.label.clone(),
                items: items.clone(),
            })
        })
        .collect()
}

/// What was measured and recorded of hosts, by their names.
struct HostRecords<'a> {
    measured: BTreeMap<Option<&'a str>, &'a HostReport>,
    recorded: BTreeMap<Option<&'a str>, &'a Timeline>,
    /// The folder of the project.
    folders: &'a [String],
}

fn section(known: &HostRecords<'_>, host: &HostView) -> HostSection {
    let name = Some(host.name.as_str());
    let condition = host.condition();
    let (service_columns, services) = host.service_table();
    HostSection {
        name: host.name.clone(),
        machine: host.machine.clone(),
        docker: host.docker.clone(),
        status: StatusText {
            word: condition,
            text: condition.words(),
            tone: condition.tone(),
            observed: host.health.observed_at.clone(),
        },
        facts: Vec::new(),
        service_columns,
        services: services
            .into_iter()
            .map(|(service, cells)| ServiceRow {
                name: service.name.clone(),
                role: service.role.clone(),
                cells,
            })
            .collect(),
        drift: known
            .measured
            .get(&name)
            .map(|host| drift(host, known.folders)),
        history: known.recorded.get(&name).copied().map(course),
    }
}

fn drift(host: &HostReport, folders: &[String]) -> DriftSection {
    let engine = host
        .from
        .engine
        .as_ref()
        .map(|engine| format!("engine {}", engine.version));
    let coverage = host.coverage.map(|coverage| coverage.to_string());
    let unchecked = match host.unchecked.len() {
        0 => None,
        number => Some(format!("{number} not compared")),
    };
    let about = [
        Some(host.from.endpoint.clone()),
        engine,
        coverage,
        unchecked,
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    DriftSection {
        about: about.join(" · "),
        deploy: host.orchestrator().deploy(),
        error: host.error.as_ref().map(|error| local(error, folders)),
        findings: host
            .findings
            .iter()
            .map(|finding| found(finding, host.orchestrator(), folders))
            .collect(),
        suppressed: host
            .suppressed
            .iter()
            .map(|suppressed| Ignored {
                code: suppressed.finding.code.as_str(),
                resource: suppressed.finding.resource.clone(),
                reason: suppressed.to_string(),
            })
            .collect(),
    }
}

fn found(finding: &Finding, run_by: Orchestrator, folders: &[String]) -> FindingRow {
    let field = finding.field.as_deref().unwrap_or_default();
    let value = |value: &serde_json::Value| match (value, field) {
        (serde_json::Value::Null, "") => String::new(),
        _ => local(&shown(field, value), folders),
    };
    FindingRow {
        severity: finding.severity.as_str(),
        code: finding.code.as_str(),
        resource: finding.resource.clone(),
        message: local(&finding.message, folders),
        help: finding.help.as_ref().map(|help| local(help, folders)),
        expected: value(&finding.expected),
        observed: value(&finding.observed),
        after_up: match &finding.failure {
            Some(why) => format!(
                "{}: {}",
                finding.after_up.outcome(run_by),
                local(why, folders)
            ),
            None => finding.after_up.outcome(run_by).to_owned(),
        },
    }
}

fn tone(status: Status) -> Tone {
    match status {
        Status::InSync => Tone::Good,
        Status::Drifted => Tone::Warning,
        Status::Unreachable => Tone::Bad,
    }
}

fn course(timeline: &Timeline) -> Course {
    let skipped = timeline.course.len().saturating_sub(MOST_RUNS);
    let drawn = timeline.course.iter().skip(skipped);
    let tracks = timeline.findings.iter();
    Course {
        title: timeline.id.title().to_owned(),
        status: timeline.status,
        tone: tone(timeline.status),
        since: timeline.since.clone(),
        runs: timeline.runs,
        unreachable: timeline.unreachable,
        first: timeline.first.clone(),
        last: timeline.last.clone(),
        drawn: drawn
            .map(|(status, time)| Ran {
                status: status.as_str(),
                tone: tone(*status),
                time: time.clone(),
            })
            .collect(),
        findings: tracks
            .map(|track| Followed {
                words: track.fixed.as_ref().map(FindingEnd::words),
                track: track.clone(),
            })
            .collect(),
    }
}
