//! What the runs of a host say together: since when, how often, and what ended it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{RecordedFinding, Run};
use crate::drift::Status;
use crate::finding::{AfterUp, Code, Severity};
use crate::host_id::HostId;

/// What the runs of a host say together.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Timeline {
    #[serde(flatten)]
    pub(crate) id: HostId,
    /// Its status in the last run.
    pub(crate) status: Status,
    /// The first of the last runs that all have this status.
    pub(crate) since: String,
    /// The number of runs.
    pub(crate) runs: usize,
    /// In how many of them it could not be reached.
    pub(crate) unreachable: usize,
    pub(crate) first: String,
    pub(crate) last: String,
    /// What was found: first what is there still, the worst first.
    pub(crate) findings: Vec<Track>,
    /// The status and time of each run, the oldest first.
    #[serde(skip)]
    pub(crate) course: Vec<(Status, String)>,
}

/// A finding over time.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Track {
    pub(crate) id: String,
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) resource: String,
    pub(crate) field: Option<String>,
    /// Since when it is there; where it is fixed, when it appeared last.
    pub(crate) since: String,
    /// The last run that found it.
    pub(crate) last_seen: String,
    /// In how many of the recorded runs it was found.
    pub(crate) runs: usize,
    /// How often it appeared in them.
    pub(crate) times: usize,
    /// What ended it; nothing where it is there still.
    pub(crate) fixed: Option<FindingEnd>,
}

/// The end of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FindingEnd {
    /// The first run that did not find it.
    pub(crate) by: String,
    pub(crate) how: How,
    /// When the new container was created, where that is how.
    pub(crate) created: Option<String>,
}

/// What ended a finding, as far as the runs show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum How {
    /// The container of its service was recreated, as `docker compose up -d` does.
    Recreated,
    /// Something else is expected now.
    SpecChanged,
    /// `docker compose up -d` would not have detected it, and no container was recreated.
    ByHand,
    /// An ignore rule suppresses it now; it is there still.
    Ignored,
    /// The runs do not show it.
    Unknown,
}

impl FindingEnd {
    /// Whether the finding is only no longer reported.
    pub(crate) fn is_there_still(&self) -> bool {
        self.how == How::Ignored
    }

    /// How it was fixed, in words.
    pub(crate) fn words(&self) -> String {
        match (self.how, &self.created) {
            (How::Recreated, Some(time)) => format!("its container was recreated at {time}"),
            (How::Recreated, None) => "its container was recreated".to_owned(),
            (How::SpecChanged, _) => "the expected state was changed".to_owned(),
            (How::ByHand, _) => "by hand: no container was recreated".to_owned(),
            (How::Ignored, _) => "an ignore rule suppresses it now".to_owned(),
            (How::Unknown, _) => "unknown how".to_owned(),
        }
    }

    fn of(finding: &RecordedFinding, before: &Run, after: &Run) -> Self {
        let is_of_container = finding.container.is_some() || !finding.is_state();
        let new = after.created(finding).filter(|_| is_of_container);
        let recreated = before
            .created(finding)
            .and_then(|old| new.filter(|new| *new != old))
            .cloned();
        // The services of a swarm have no containers here.
        let has_same_containers = !before.created.is_empty()
            && after.created == before.created
            && after.containers == before.containers;
        let is_by_hand = finding.after_up == AfterUp::Ignores && !finding.is_state();
        let how = if after.ignored.contains(&finding.id) {
            How::Ignored
        } else if recreated.is_some() {
            How::Recreated
        } else if after.spec != before.spec {
            How::SpecChanged
        } else if is_by_hand && has_same_containers {
            How::ByHand
        } else {
            How::Unknown
        };
        Self {
            by: after.time.clone(),
            how,
            created: recreated,
        }
    }
}

impl Timeline {
    /// What the runs of one host say, the oldest first; nothing where there are none.
    pub(crate) fn of(runs: &[&Run]) -> Option<Self> {
        let (first, last) = (runs.first()?, runs.last()?);
        let status = last.status;
        let same = runs.iter().rev().take_while(|run| run.status == status);
        let is_unreachable = |run: &&&Run| run.status == Status::Unreachable;
        Some(Self {
            id: last.id.clone(),
            status,
            since: same.last().unwrap_or(last).time.clone(),
            runs: runs.len(),
            unreachable: runs.iter().filter(is_unreachable).count(),
            first: first.time.clone(),
            last: last.time.clone(),
            findings: tracks(runs),
            course: runs
                .iter()
                .map(|run| (run.status, run.time.clone()))
                .collect(),
        })
    }
}

/// Whether a run would find again what an earlier one found.
fn is_looked_for(finding: &RecordedFinding, before: &Run, run: &Run) -> bool {
    // The files of a container are gone with it, whether anything looks for changes or not.
    let old = before.created(finding);
    let is_recreated = old.is_some() && run.created(finding) != old;
    run.looks_for(finding.code) || finding.code == Code::ContainerChanged && is_recreated
}

fn tracks(runs: &[&Run]) -> Vec<Track> {
    let mut tracks: BTreeMap<&str, Track> = BTreeMap::new();
    // What the last run that looked for it found, with that run.
    let mut open: BTreeMap<&str, (&RecordedFinding, &Run)> = BTreeMap::new();
    for run in runs {
        if run.status == Status::Unreachable {
            continue;
        }
        for finding in &run.findings {
            let track = tracks.entry(&finding.id).or_insert_with(|| Track {
                id: finding.id.clone(),
                code: finding.code,
                severity: finding.severity,
                resource: finding.resource.clone(),
                field: finding.field.clone(),
                since: String::new(),
                last_seen: String::new(),
                runs: 0,
                times: 0,
                fixed: None,
            });
            if track.runs == 0 || track.fixed.take().is_some() {
                track.times += 1;
            }
            track.runs += 1;
            track.severity = finding.severity;
            track.since.clone_from(&finding.first_seen);
            track.last_seen.clone_from(&run.time);
        }
        let there: BTreeSet<&str> = run.findings.iter().map(|one| &*one.id).collect();
        open.retain(|id, (finding, before)| {
            let is_gone = !there.contains(id) && is_looked_for(finding, before, run);
            if is_gone && let Some(track) = tracks.get_mut(id) {
                track.fixed = Some(FindingEnd::of(finding, before, run));
            }
            !is_gone
        });
        let found = run.findings.iter();
        open.extend(found.map(|finding| (finding.id.as_str(), (finding, *run))));
    }
    let mut tracks: Vec<Track> = tracks.into_values().collect();
    tracks.sort_by(|a, b| {
        let key = |track: &Track| (track.fixed.is_some(), track.severity, track.code);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.resource.cmp(&b.resource))
            .then_with(|| a.field.cmp(&b.field))
    });
    tracks
}
