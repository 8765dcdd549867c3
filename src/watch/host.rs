//! A host that is watched: when it is compared, and what its engine reported before.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Backoff, Change, Memory, events_about};
use crate::docker::{Depth, Event, Failure, FailureKind, Waited};
use crate::drift::Select;
use crate::finding::Finding;
use crate::target::{Compared, Examined, Observation, Target, Unobserved};

/// How long the engine is to be quiet after an event before a host is compared: a deployment causes many.
const SETTLE: Duration = Duration::from_secs(1);
/// How many events of an engine are kept.
const RECENT: usize = 256;
/// How long an engine may take to send its events.
const EVENTS_TIMEOUT: Duration = Duration::from_secs(3);

/// An answer of events that lasts longer was not refused.
const LONG: Duration = Duration::from_secs(5);

/// How hosts are watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// They are compared at least this often.
    pub(crate) interval: Duration,
    /// What is still there is reported again after this time.
    pub(crate) remind: Duration,
    /// How long an engine may take to answer.
    pub(crate) timeout: Duration,
    /// What is read of containers.
    pub(crate) depth: Depth,
}

/// A change, with the last events about it.
#[derive(Debug)]
pub(crate) struct Noticed {
    pub(crate) change: Change,
    pub(crate) events: Vec<String>,
}

/// A host that is watched.
pub(crate) struct WatchedHost<'a> {
    target: Target,
    memory: Memory,
    backoff: Backoff,
    /// The last events of its engine that are known, and the time after which others are new.
    recent: VecDeque<Event>,
    since: i64,
    /// Whether its engine reports events.
    is_heard: bool,
    /// Whether it could be examined the last time.
    is_examined: bool,
    pace: Pace,
    warn: &'a dyn Fn(&str),
}

impl<'a> WatchedHost<'a> {
    /// A host of which nothing is known yet.
    pub(crate) fn new(target: Target, pace: Pace, warn: &'a dyn Fn(&str)) -> Self {
        Self {
            target,
            memory: Memory::default(),
            backoff: Backoff::up_to(pace.interval),
            recent: VecDeque::new(),
            since: 0,
            is_heard: true,
            is_examined: false,
            pace,
            warn,
        }
    }

    /// Compares the host as it is now.
    pub(crate) async fn examine(&self, today: Date, select: &Select) -> Examined {
        let Pace { timeout, depth, .. } = self.pace;
        let observed = self.target.observe(timeout, depth).await;
        let observation = Observation {
            target: self.target.clone(),
            observed: observed.map_err(|unobserved| unobserved.to_string()),
            took: Duration::ZERO,
            is_snapshot: false,
        };
        Compared::of(observation).examined(today, select)
    }

    /// What is to be reported of the findings that there are now, or of a host that cannot be examined.
    pub(crate) async fn learn(
        &mut self,
        findings: Result<&[Finding], &str>,
        now: Timestamp,
    ) -> Vec<Noticed> {
        self.is_examined = findings.is_ok();
        let remind = SignedDuration::try_from(self.pace.remind).unwrap_or(SignedDuration::MAX);
        let changes = match findings {
            Ok(findings) => self.memory.learn(findings, now, remind),
            Err(error) => self.memory.lose(error, now, remind),
        };
        if self.is_examined && !changes.is_empty() {
            self.poll_events().await;
        }
        let recent = self.recent.make_contiguous();
        let noticed = changes.into_iter().map(|change| {
            let about = change.finding.as_ref();
            let events = about.map_or_else(Vec::new, |finding| events_about(finding, recent));
            Noticed { change, events }
        });
        noticed.collect()
    }

    /// Waits until the host is to be compared again.
    pub(crate) async fn rest(&mut self) {
        if self.is_examined {
            self.backoff.reset();
            self.listen().await;
        } else {
            tokio::time::sleep(self.backoff.wait()).await;
        }
    }

    /// Asks the engine what happened since it was asked last.
    async fn poll_events(&mut self) {
        if !self.is_heard {
            return;
        }
        let now = Timestamp::now().as_nanosecond();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let asked = self.target.events(self.since, now, EVENTS_TIMEOUT).await;
        // What was there before is no news, even if the engine sent only a part of it.
        if self.since == 0 {
            self.since = now;
        }
        match asked {
            Ok(events) => {
                for event in &events {
                    self.note_event(event);
                }
                let project = self.target.expected.project.as_str();
                let is_own = |event: &Event| event.project.is_empty() || event.project == project;
                self.recent.extend(events.into_iter().filter(is_own));
                let too_many = self.recent.len().saturating_sub(RECENT);
                self.recent.drain(..too_many);
            }
            Err(error) => self.note(&error),
        }
    }

    /// An event is known; only those after it are new.
    fn note_event(&mut self, event: &Event) {
        self.since = self.since.max(event.time.saturating_add(1));
    }

    /// Waits until something happened on the engine and it is quiet again, or until it is time.
    async fn listen(&mut self) {
        let end = Instant::now() + self.pace.interval;
        let left = || end.saturating_duration_since(Instant::now());
        if self.since == 0 {
            self.poll_events().await;
        }
        while self.is_heard && !left().is_zero() {
            let start = Instant::now();
            match self.target.wait(self.since, left()).await {
                Ok(Waited::Happened(event)) => {
                    tokio::time::sleep(SETTLE.min(left())).await;
                    self.poll_events().await;
                    self.note_event(&event);
                    return;
                }
                Ok(Waited::Nothing) => return,
                // A proxy ends a connection that is idle for a while.
                Ok(Waited::Ended) => {
                    if start.elapsed() > LONG {
                        self.backoff.reset();
                    }
                    tokio::time::sleep(self.backoff.wait().min(left())).await;
                }
                Err(error) => {
                    self.note(&error);
                    if self.is_heard {
                        // The next comparison shows whether it can still be reached.
                        tokio::time::sleep(self.backoff.wait().min(left())).await;
                        return;
                    }
                }
            }
        }
        tokio::time::sleep(left()).await;
    }

    /// An engine, or a proxy before it, that refuses to send events is not asked again.
    fn note(&mut self, error: &Unobserved) {
        let refused = matches!(
            error,
            Unobserved::Failed(Failure {
                kind: FailureKind::Status(_),
                ..
            })
        );
        if refused && std::mem::take(&mut self.is_heard) {
            (self.warn)(&format!(
                "{}: its engine sends no events, so it is compared at an interval: {error}",
                self.target.id.title()
            ));
        }
    }
}
