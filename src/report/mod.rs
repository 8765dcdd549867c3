//! What a command found, and one writer per form.
//!
//! A report is data; the writers only write. Its JSON form is the drift report's version 1.

pub mod check;
mod human;
mod markdown;
mod prometheus;
mod redacted;
pub mod rules;

use std::time::Duration;

use serde::Serialize;

pub use human::{Look, human};
pub use markdown::markdown;
pub use prometheus::prometheus;

use crate::drift::{Suppressed, Unchecked};
use crate::finding::{Finding, Severity};
use crate::state::Engine;

/// The version of the JSON form.
const VERSION: u8 = 1;

/// What was found on all hosts of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    version: u8,
    /// The hosts.
    pub hosts: Vec<HostReport>,
    /// The numbers of all hosts together.
    pub summary: Summary,
}

/// What was found on a host.
#[derive(Debug, Clone, Serialize)]
pub struct HostReport {
    /// The host, where a spec names it.
    pub host: Option<String>,
    /// Its environment, where a spec names it.
    pub environment: Option<String>,
    /// The Compose project.
    pub project: String,
    /// The engine that was asked.
    pub endpoint: String,
    /// What it says of itself, where it could be asked.
    pub engine: Option<Engine>,
    /// When it was looked at, in RFC 3339.
    pub observed_at: Option<String>,
    /// Whether that was written down then, and the host not asked now.
    pub from_snapshot: bool,
    /// How it stands.
    pub status: Status,
    /// The differences, the worst first.
    pub findings: Vec<Finding>,
    /// Those that an ignore rule suppresses.
    pub suppressed: Vec<Suppressed>,
    /// What could not be compared.
    pub unchecked: Vec<Unchecked>,
    /// Why the engine could not be asked.
    pub error: Option<String>,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

/// How a host stands to its spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It runs what the spec says; there may be notices.
    InSync,
    /// It does not.
    Drifted,
    /// It could not be looked at.
    Unreachable,
}

impl Status {
    /// The status of a host on which this was found.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        if findings
            .iter()
            .any(|finding| finding.severity != Severity::Notice)
        {
            Self::Drifted
        } else {
            Self::InSync
        }
    }
}

/// Numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Hosts.
    pub hosts: usize,
    /// Findings of this severity.
    pub exposure: usize,
    /// Findings of this severity.
    pub drift: usize,
    /// Findings of this severity.
    pub notice: usize,
    /// Findings that an ignore rule suppresses.
    pub suppressed: usize,
    /// Things that could not be compared.
    pub unchecked: usize,
    /// Hosts that could not be looked at.
    pub unreachable: usize,
}

impl Report {
    /// The report of a run.
    #[must_use]
    pub fn of(mut hosts: Vec<HostReport>) -> Self {
        redacted::hosts(&mut hosts);
        let mut summary = Summary {
            hosts: hosts.len(),
            ..Summary::default()
        };
        for host in &hosts {
            summary.exposure += host.count(Severity::Exposure);
            summary.drift += host.count(Severity::Drift);
            summary.notice += host.count(Severity::Notice);
            summary.suppressed += host.suppressed.len();
            summary.unchecked += host.unchecked.len();
            summary.unreachable += usize::from(host.status == Status::Unreachable);
        }
        Self {
            version: VERSION,
            hosts,
            summary,
        }
    }
}

impl HostReport {
    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// What people call it: the host, or the project where no spec names one.
    fn title(&self) -> &str {
        self.host.as_deref().unwrap_or(&self.project)
    }
}

/// The value of a field as people read it: amounts in units, the rest as it is.
fn shown_as(field: &str, value: &serde_json::Value) -> String {
    match (field, value.as_u64()) {
        ("memory", Some(bytes)) => bytes_shown(bytes),
        // The number of billionths is below 2^53 for any machine.
        #[allow(clippy::cast_precision_loss)]
        ("nano_cpus", Some(nano)) => format!("{} cpus", nano as f64 / 1e9),
        _ => shown(value),
    }
}

fn bytes_shown(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units
        .iter()
        .find(|(shift, _)| bytes >= 1 << shift && bytes.is_multiple_of(1 << shift));
    match whole {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

/// A value as people read it.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "nothing".into(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) if items.is_empty() => "nothing".into(),
        serde_json::Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
