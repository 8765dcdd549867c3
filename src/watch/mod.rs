//! What is reported of hosts that are watched: each change once.
//!
//! A [`Memory`] knows what was found on a host the last time, and no more, so it does not grow.

mod backoff;
mod deliver;
mod host;
mod who;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use strum::IntoStaticStr;

pub(crate) use deliver::{Callbacks, Outbox, Recipient, Recipients, Webhook};
pub(crate) use host::{Noticed, Pace, WatchedHost};

use backoff::Backoff;
use who::events_about;

use crate::finding::Finding;
use crate::text::hex::sha256;

/// How many findings of a host are remembered; those beyond are not reported.
const MOST: usize = 10_000;

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum ChangeKind {
    /// A finding is new.
    Found,
    /// A finding is gone.
    Resolved,
    /// A finding or an unreachable host is still there.
    Reminder,
    /// The host cannot be examined any more.
    Unreachable,
    /// It can be examined again.
    Reachable,
}

impl ChangeKind {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Something that changed on a host.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Change {
    /// What is reported.
    pub(crate) event: ChangeKind,
    /// What identifies it: the same for the same finding, whenever and wherever it is found.
    pub(crate) digest: String,
    /// When it was first found, in RFC 3339.
    pub(crate) since: String,
    /// The finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finding: Option<Finding>,
    /// Why the host cannot be examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// What is known of a host.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    findings: BTreeMap<String, Known>,
    /// Since when it cannot be examined, and when that was reported last.
    unreachable: Option<(Timestamp, Timestamp)>,
}

/// A finding that was reported.
#[derive(Debug)]
struct Known {
    finding: Finding,
    since: Timestamp,
    reported: Timestamp,
}

impl Memory {
    /// The changes to report, given what is found now.
    pub(crate) fn learn(
        &mut self,
        findings: &[Finding],
        now: Timestamp,
        remind: SignedDuration,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some((since, _)) = self.unreachable.take() {
            changes.push(Change::of_host(ChangeKind::Reachable, since, None));
        }
        let mut before = std::mem::take(&mut self.findings);
        for finding in findings.iter().take(MOST) {
            let digest = digest(finding);
            let known = before.remove(&digest);
            let is_new = known.is_none();
            let mut known = known.unwrap_or_else(|| Known {
                finding: finding.clone(),
                since: now,
                reported: now,
            });
            if is_new || now.duration_since(known.reported) >= remind {
                known.reported = now;
                let kind = if is_new {
                    ChangeKind::Found
                } else {
                    ChangeKind::Reminder
                };
                changes.push(known.change(kind, &digest));
            }
            self.findings.insert(digest, known);
        }
        changes.extend(
            before
                .iter()
                .map(|(digest, known)| known.change(ChangeKind::Resolved, digest)),
        );
        changes
    }

    /// What is to be reported where the host cannot be examined now. What was found before is still known.
    pub(crate) fn lose(
        &mut self,
        error: &str,
        now: Timestamp,
        remind: SignedDuration,
    ) -> Vec<Change> {
        let kind = match &mut self.unreachable {
            None => {
                self.unreachable = Some((now, now));
                ChangeKind::Unreachable
            }
            Some((_, reported)) if now.duration_since(*reported) >= remind => {
                *reported = now;
                ChangeKind::Reminder
            }
            Some(_) => return Vec::new(),
        };
        let since = self.unreachable.map_or(now, |(since, _)| since);
        vec![Change::of_host(kind, since, Some(error.to_owned()))]
    }

    /// How many findings are remembered.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.findings.len()
    }
}

impl Known {
    fn change(&self, event: ChangeKind, digest: &str) -> Change {
        Change {
            event,
            digest: digest.to_owned(),
            since: self.since.to_string(),
            finding: Some(self.finding.clone()),
            error: None,
        }
    }
}

impl Change {
    fn of_host(event: ChangeKind, since: Timestamp, error: Option<String>) -> Self {
        Self {
            event,
            digest: sha256("unreachable")
                .get(..32)
                .unwrap_or_default()
                .to_owned(),
            since: since.to_string(),
            finding: None,
            error,
        }
    }
}

/// What identifies a finding: what it is about, and both values as far as they are shown.
fn digest(finding: &Finding) -> String {
    let what = json!([
        finding.code, finding.resource, finding.container, finding.field, finding.subject,
        finding.expected, finding.observed,
    ]);
    sha256(what.to_string())
        .get(..32)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{ChangeKind, Memory};
    use crate::finding::{Code, Finding, Severity};

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn finding(resource: &str, observed: &str) -> Finding {
        Finding::new(Code::PortExtra, Severity::Exposure, resource, "it is open").field(
            "ports",
            serde_json::Value::Null,
            observed,
        )
    }

    /// What is reported, with the resource of each.
    fn reported(changes: &[super::Change]) -> Vec<String> {
        let resource = |change: &super::Change| {
            change
                .finding
                .as_ref()
                .map_or("host", |one| &one.resource)
                .to_owned()
        };
        changes
            .iter()
            .map(|one| format!("{} {}", one.event.as_str(), resource(one)))
            .collect()
    }

    #[test]
    fn a_change_is_reported_once_and_again_after_a_while() {
        let mut memory = Memory::default();
        let (db, web) = (finding("db", "5432"), finding("web", "80"));
        let mut learn = |findings: &[Finding], now| reported(&memory.learn(findings, at(now), DAY));
        assert_eq!(learn(std::slice::from_ref(&db), 0), ["found db"]);
        assert_eq!(learn(std::slice::from_ref(&db), 1), [""; 0]);
        // In another order and with another message it is the same.
        let again = Finding {
            message: "otherwise".into(),
            ..db.clone()
        };
        assert_eq!(learn(&[web.clone(), again], 2), ["found web"]);
        assert_eq!(learn(std::slice::from_ref(&web), 3), ["resolved db"]);
        assert_eq!(learn(&[web.clone(), db.clone()], 4), ["found db"]);
        let other = finding("web", "81");
        assert_eq!(
            learn(&[other.clone(), db.clone()], 5),
            ["found web", "resolved web"]
        );
        assert_eq!(learn(&[other.clone(), db.clone()], 86_403), [""; 0]);
        assert_eq!(learn(&[other.clone(), db.clone()], 86_404), ["reminder db"]);
        assert_eq!(learn(&[other, db], 86_405), ["reminder web"]);
    }

    #[test]
    fn an_unreachable_host_keeps_what_was_found() {
        let mut memory = Memory::default();
        let db = [finding("db", "5432")];
        memory.learn(&db, at(0), DAY);
        assert_eq!(
            reported(&memory.lose("no", at(1), DAY)),
            ["unreachable host"]
        );
        assert_eq!(reported(&memory.lose("no", at(2), DAY)), [""; 0]);
        assert_eq!(
            reported(&memory.lose("no", at(86_401), DAY)),
            ["reminder host"]
        );
        let back = memory.learn(&db, at(86_402), DAY);
        assert_eq!(reported(&back), ["reachable host", "reminder db"]);
        assert_eq!(back[0].since, "1970-01-01T00:00:01Z");
        assert_eq!(back[1].event, ChangeKind::Reminder);
    }

    #[test]
    fn nothing_is_kept_of_what_is_gone() {
        let mut memory = Memory::default();
        let mut reported = 0;
        for round in 0..10_000 {
            let findings = [finding("db", &round.to_string()), finding("web", "80")];
            reported += memory.learn(&findings, at(round), DAY).len();
            assert_eq!(memory.len(), 2);
        }
        assert_eq!(reported, 2 + 2 * 9_999);
    }
}
