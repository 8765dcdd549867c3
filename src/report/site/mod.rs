//! One page with all of it: the catalogue, what the rules found, how releases go through the environments, and
//! what was measured.

mod hosts;
mod ladder;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::catalog::{CatalogReport, Condition, HostView, Table, Tone};
use super::check::CheckReport;
use super::drift::DriftReport;
use super::history::HistoryReport;
use super::html::{self, Pictures};
use crate::journal::Journal;
use crate::rules::Violation;
use crate::spec::Catalog;
use crate::text::plural::counted;
use hosts::{EnvironmentSection, Facts};
use ladder::{Entries, Step};

/// What the page shows.
#[derive(Debug)]
pub(crate) struct SiteReport<'a> {
    /// The specs.
    pub(crate) specs: &'a Catalog,
    /// What they declare.
    pub(crate) catalog: CatalogReport,
    /// What the rules found.
    pub(crate) check: CheckReport,
    /// The release journal.
    pub(crate) journal: &'a Journal,
    /// What was measured; nothing where no host was.
    pub(crate) drift: Option<DriftReport>,
    /// What was recorded; nothing where no record is given.
    pub(crate) history: Option<HistoryReport>,
    /// The pictures of hosts, by the hosts' names.
    pub(crate) pictures: Pictures,
    /// The folder of the project: paths in it are shown relative to it.
    pub(crate) folder: String,
}

#[derive(Serialize)]
struct Page<'a> {
    product: &'a str,
    summary: Vec<Figure>,
    table: Table,
    /// The conditions of hosts, in words.
    conditions: Vec<String>,
    environments: Vec<EnvironmentSection>,
    ladder: Vec<Step>,
    has_journal: bool,
    journal: Vec<Entries>,
    journal_more: usize,
    check: CheckSection,
    drift_about: String,
}

/// A number of the summary.
#[derive(Serialize)]
struct Figure {
    label: &'static str,
    text: String,
    tone: Tone,
}

#[derive(Serialize)]
struct CheckSection {
    about: String,
    findings: Vec<Checked>,
    allowed: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
    severity: &'static str,
    code: &'static str,
    message: String,
    helps: Vec<String>,
    place: String,
    environments: Vec<String>,
    allowed: Option<String>,
}

/// How many findings of a kind are listed; `check` lists all of them.
const MOST_FINDINGS: usize = 500;

impl SiteReport<'_> {
    /// The page.
    pub(crate) fn html(&self) -> io::Result<String> {
        let [table, of_hosts] = self.catalog.both_tables();
        let facts = Facts {
            environments: &table,
            hosts: &of_hosts,
        };
        let environments = hosts::sections(self, &facts);
        let mut conditions: Vec<Condition> =
            self.catalog.hosts().map(HostView::condition).collect();
        conditions.sort_unstable();
        conditions.dedup();
        let (journal, journal_more) = ladder::journal(self.journal);
        html::page(
            "site.html",
            &Page {
                product: &self.catalog.product,
                summary: self.summary(),
                conditions: conditions.into_iter().map(Condition::words).collect(),
                environments,
                ladder: ladder::steps(self.specs, &self.catalog, self.journal),
                has_journal: !journal.is_empty(),
                journal,
                journal_more,
                check: self.check(),
                drift_about: self.drift_about(),
                table,
            },
            &self.pictures,
        )
    }

    fn summary(&self) -> Vec<Figure> {
        let hosts = || self.catalog.hosts();
        let services: usize = hosts().map(|host| host.services.len()).sum();
        let number = |label, number: usize| Figure {
            label,
            text: number.to_string(),
            tone: Tone::Plain,
        };
        let findings = self.check.checked.findings.len();
        vec![
            number("Environments", self.catalog.environments.len()),
            number("Hosts", hosts().count()),
            number("Services", services),
            Figure {
                label: "Rules",
                text: match findings {
                    0 => "no findings".to_owned(),
                    _ => counted(findings, "finding", "findings"),
                },
                tone: if findings == 0 { Tone::Good } else { Tone::Bad },
            },
            self.measured(),
        ]
    }

    /// What was measured, of all hosts together: how many are in which condition, the worst first.
    fn measured(&self) -> Figure {
        let mut counts: BTreeMap<Condition, usize> = BTreeMap::new();
        for host in self.catalog.hosts() {
            *counts.entry(host.condition()).or_default() += 1;
        }
        let worst = counts
            .keys()
            .next_back()
            .copied()
            .unwrap_or(Condition::NotMeasured);
        let text = if counts.len() > 1 {
            counts
                .iter()
                .rev()
                .map(|(condition, count)| format!("{count} {}", condition.words()))
                .collect::<Vec<_>>()
                .join(", ")
        } else {
            worst.words()
        };
        let is_whole = !counts.contains_key(&Condition::NotMeasured);
        Figure {
            label: "Live",
            text,
            // What was not measured on all hosts is not good news.
            tone: if is_whole || worst != Condition::InSync {
                worst.tone()
            } else {
                Tone::Quiet
            },
        }
    }

    fn check(&self) -> CheckSection {
        let check = &self.check;
        let files = counted(check.checked.files, "Compose file", "Compose files");
        let mut about = match check.checked.findings.len() {
            0 => format!(
                "No findings: {files} checked against {} rules.",
                check.rules()
            ),
            number => format!(
                "{} in {files}, checked against {} rules.",
                counted(number, "finding", "findings"),
                check.rules()
            ),
        };
        if check.checked.findings.len() > MOST_FINDINGS {
            // Writing to a `String` cannot fail.
            let _ = write!(
                about,
                " The first {MOST_FINDINGS} are listed; composegen check lists all of them."
            );
        }
        let listed =
            |findings: &[Violation]| findings.iter().take(MOST_FINDINGS).map(checked).collect();
        CheckSection {
            about,
            findings: listed(&check.checked.findings),
            allowed: listed(&check.checked.allowed),
        }
    }

    fn drift_about(&self) -> String {
        let Some(drift) = &self.drift else {
            return "Not measured: this page was written without --live and without --snapshot."
                .to_owned();
        };
        let summary = drift.summary;
        let compared = summary.hosts - summary.unreachable;
        let mut parts = vec![format!("{} compared", counted(compared, "host", "hosts"))];
        if summary.unreachable > 0 {
            parts.push(format!("{} unreachable", summary.unreachable));
        }
        for (number, one, many) in [
            (summary.exposure, "exposure", "exposures"),
            (summary.drift, "drift", "drifts"),
            (summary.notice, "notice", "notices"),
        ] {
            parts.extend((number > 0).then(|| counted(number, one, many)));
        }
        format!("{}; {}.", parts.join(", "), drift.coverage())
    }
}

fn checked(violation: &Violation) -> Checked {
    let diagnostic = &violation.found.diagnostic;
    Checked {
        severity: violation.rule.severity.as_str(),
        code: violation.rule.code,
        message: diagnostic.message().to_owned(),
        helps: diagnostic.helps().to_vec(),
        place: diagnostic.place().display(),
        environments: violation.found.environments.clone(),
        allowed: violation
            .allowed
            .as_ref()
            .map(|allowed| allowed.reason().into_owned()),
    }
}
