//! Runs of `drift` that were recorded: a line of JSON for each host and run.
//!
//! A line holds no values, only what identifies a finding, so it holds no secrets. The file is bounded: of each
//! host the newest runs are kept. It is replaced whole, under the lock of its folder.

mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use timeline::{FindingEnd, Timeline, Track};

use crate::drift::Status;
use crate::files::{self, ReadError, limits, update_named};
use crate::finding::{AfterUp, Code, Severity};
use crate::host_id::HostId;

/// How many runs of each host are kept: six weeks of one each hour.
const MOST_RUNS: usize = 1000;

/// How a line begins, and a file that was being written.
const BEGINNING: &[u8] = br#"{"version":1,"time":""#;

/// The mode of a new file, as it holds the inside of hosts.
const MODE: u32 = 0o600;

/// A run of `drift` on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// The version of the format.
    pub(crate) version: u8,
    /// When the host was observed, in RFC 3339.
    pub(crate) time: String,
    /// Which host it is.
    #[serde(flatten)]
    pub(crate) id: HostId,
    /// Its status.
    pub(crate) status: Status,
    /// The digest of what was expected, without secrets.
    pub(crate) spec: String,
    /// When the newest container of each service was created, as the engine says.
    pub(crate) created: BTreeMap<String, String>,
    /// When each container of a service was created, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) containers: BTreeMap<String, String>,
    /// Whether it compared what bound files hold (`--content`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) content: bool,
    /// Whether it looked for changes inside containers (`--changes`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) changes: bool,
    /// The findings.
    pub(crate) findings: Vec<RecordedFinding>,
    /// What ignore rules suppress: the digests of what it is about.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) ignored: BTreeSet<String>,
}

/// A finding in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedFinding {
    /// The digest of what it is about, the same from run to run.
    pub(crate) id: String,
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) resource: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The service that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// The container that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<String>,
    /// What `docker compose up -d` would have done about it.
    pub(crate) after_up: AfterUp,
    /// The first of the runs without interruption that found it.
    pub(crate) first_seen: String,
}

impl RecordedFinding {
    /// Whether it is a state, which can end without anybody doing anything.
    fn is_state(&self) -> bool {
        matches!(
            self.code,
            Code::ServiceUnhealthy
                | Code::ServiceTasks
                | Code::ServiceStopped
                | Code::ServiceUpdate
                | Code::ServiceReplicas
                | Code::ServiceOneoff
                | Code::NodeDown
                | Code::AnswerUnreadable
        )
    }
}

impl Run {
    /// What is the same in all runs of a host.
    fn key(&self) -> (Option<&str>, &str) {
        (self.id.host.as_deref(), &self.id.project)
    }

    /// Whether it says anything of findings with a code: some are only looked for if that is asked.
    fn looks_for(&self, code: Code) -> bool {
        self.status != Status::Unreachable
            && match code {
                Code::MountContent => self.content,
                Code::ContainerChanged => self.changes,
                _ => true,
            }
    }

    /// When the container that a finding is about was created; of a service as a whole, its newest one.
    fn created(&self, finding: &RecordedFinding) -> Option<&String> {
        match &finding.container {
            Some(container) => self.containers.get(container),
            None => self.created.get(finding.service.as_deref()?),
        }
    }

    fn at(&self) -> Option<Timestamp> {
        self.time.parse().ok()
    }
}

/// Why recorded runs cannot be read.
#[derive(Debug)]
pub(crate) enum HistoryError {
    /// The file cannot be read.
    Unreadable(PathBuf, ReadError),
    /// A line of the file is not a run; the text says which, and why.
    NotARun(PathBuf, String),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(file, _) => write!(f, "cannot read `{}`", file.display()),
            Self::NotARun(file, why) => write!(f, "`{}`: {why}", file.display()),
        }
    }
}

impl std::error::Error for HistoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(error),
            Self::NotARun(..) => None,
        }
    }
}

/// The runs that a file holds.
pub(crate) fn load(file: &Path) -> Result<Vec<Run>, HistoryError> {
    let text = files::named(file, limits::HISTORY)
        .map_err(|error| HistoryError::Unreadable(file.to_owned(), error))?;
    read(&text.text).map_err(|why| HistoryError::NotARun(file.to_owned(), why))
}

/// The runs in a text, in its order; or which line is not a run, and why.
fn read(text: &str) -> Result<Vec<Run>, String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            let not = |why: String| format!("line {} is not a recorded run: {why}", index + 1);
            let run: Run = serde_json::from_str(line).map_err(|error| not(error.to_string()))?;
            if run.version != 1 {
                return Err(not(format!("version {} is not known", run.version)));
            }
            if run.at().is_none() {
                return Err(not("it has no valid time".to_owned()));
            }
            Ok(run)
        })
        .collect()
}

/// Adds runs to a file: all of them, or none. Gives them back as they are recorded: with when each finding was first
/// seen.
pub(crate) fn append(path: &Path, new: Vec<Run>, waiting: impl FnOnce()) -> io::Result<Vec<Run>> {
    let is_ours = |beginning: &[u8]| beginning.starts_with(BEGINNING);
    let mut added = Vec::new();
    update_named(path, MODE, limits::HISTORY, is_ours, waiting, |old| {
        let mut runs = read(old).map_err(io::Error::other)?;
        for run in new {
            add(&mut runs, run).map_err(io::Error::other)?;
            added.extend(runs.last().cloned());
        }
        written(&runs)
    })?;
    Ok(added)
}

/// Adds a run after those of the same host.
fn add(runs: &mut Vec<Run>, mut run: Run) -> Result<(), String> {
    let mut own: Vec<usize> = (0..runs.len())
        .filter(|index| runs.get(*index).is_some_and(|one| one.key() == run.key()))
        .collect();
    // What was observed at one time is one run, however often it is compared: a snapshot can be recorded again.
    let same = own.pop_if(|index| {
        runs.get(*index)
            .is_some_and(|one| one.at() == run.at() && one.spec == run.spec)
    });
    if let Some(same) = same {
        runs.remove(same);
    }
    let earlier = || own.iter().rev().filter_map(|index| runs.get(*index));
    if let Some(last) = earlier().next()
        && last.at() > run.at()
    {
        return Err(format!(
            "a later run of `{}` is recorded already: {} is after {}",
            run.id.title(),
            last.time,
            run.time
        ));
    }
    // A run that did not look for a finding does not interrupt it.
    let mut known: BTreeMap<Code, BTreeMap<&str, &str>> = BTreeMap::new();
    for finding in &mut run.findings {
        let known = known.entry(finding.code).or_insert_with(|| {
            let last = earlier().find(|one| one.looks_for(finding.code));
            last.map_or(&[][..], |last| &last.findings)
                .iter()
                .rev()
                .map(|one| (&*one.id, &*one.first_seen))
                .collect()
        });
        if let Some(first_seen) = known.get(&*finding.id) {
            (*first_seen).clone_into(&mut finding.first_seen);
        }
    }
    if own.len() >= MOST_RUNS
        && let Some(oldest) = own.first()
    {
        runs.remove(*oldest);
    }
    runs.push(run);
    Ok(())
}

/// The text of a file; the oldest runs are left out if it would be too large.
fn written(runs: &[Run]) -> io::Result<String> {
    let mut lines = Vec::new();
    let mut size = 0;
    for run in runs.iter().rev() {
        let line = serde_json::to_string(run)? + "\n";
        size += line.len();
        if size > limits::HISTORY.bytes && !lines.is_empty() {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    Ok(lines.concat())
}

/// The runs of each host, in the order of their names.
pub(crate) fn by_host(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut hosts: BTreeMap<_, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        hosts.entry(run.key()).or_default().push(run);
    }
    hosts.into_values().collect()
}

#[cfg(test)]
mod tests;
