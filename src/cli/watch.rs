//! `composegen drift --watch`

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::{SignedDuration, Timestamp};

use super::deliver::{DeliverArgs, Outbox};
use super::installed::Question;
use super::{Terminal, targets};
use crate::compose;
use crate::docker::{Depth, Event, Failure, FailureKind, Waited};
use crate::drift::Select;
use crate::finding::{Finding, Severity};
use crate::report::drift::{DriftReport, HostReport};
use crate::report::watch::{Batch, Line};
use crate::target::{Compared, Observation, Target, Unobserved};
use crate::watch::{Backoff, Change, Memory, events_about};

/// How long the engine is to be quiet after an event before a host is compared: a deployment causes many.
const SETTLE: Duration = Duration::from_secs(1);
/// How many events of an engine are kept.
const RECENT: usize = 256;
/// How long an engine may take to tell what happened.
const TELL: Duration = Duration::from_secs(3);

/// From when on an answer of events that ends was not refused.
const LONG: Duration = Duration::from_secs(5);

/// Whether hosts are watched, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --watch")]
pub(super) struct WatchArgs {
    /// Keep comparing, on events of the engine and at an interval, and print each change once,
    /// as a line of JSON
    #[arg(long, conflicts_with_all = ["snapshot", "diff", "patch", "record", "format"])]
    pub(super) watch: bool,
    /// Compare at least this often
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration, requires = "watch")]
    interval: Duration,
    /// Print again what is still there after this time
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration, requires = "watch")]
    remind: Duration,
    #[command(flatten)]
    deliver: DeliverArgs,
}

/// How hosts are compared while they are watched.
pub(super) struct Watched<'a> {
    pub(super) select: Select,
    pub(super) least: Severity,
    pub(super) depth: Depth,
    pub(super) timeout: Duration,
    pub(super) terminal: &'a Terminal,
}

fn duration(text: &str) -> Result<Duration, String> {
    let nanoseconds = compose::nanoseconds(text).and_then(|time| u64::try_from(time).ok());
    match nanoseconds.map(Duration::from_nanos) {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("expected a time, such as 30s, 5m or 24h".to_owned()),
    }
}

impl WatchArgs {
    /// Watches hosts until the process ends, or nobody reads what is reported any more. Each is watched on its
    /// own, so none waits for another.
    pub(super) fn run(
        &self,
        mut targets: Vec<Target>,
        watched: &Watched<'_>,
    ) -> anyhow::Result<()> {
        // The files are read once, so it is asked once.
        let installed = Question::about(&targets).ask();
        installed.tell(targets.iter_mut().map(|target| &mut target.context));
        self.deliver.while_running(watched.terminal, |outbox| {
            targets::block_on(async {
                let hosts = targets.into_iter().map(|target| {
                    let host = Host {
                        recent: VecDeque::new(),
                        since: 0,
                        is_heard: true,
                        is_read: true,
                        memory: Memory::default(),
                        target,
                        watched,
                        outbox,
                        arguments: self,
                    };
                    host.watch()
                });
                let mut hosts: FuturesUnordered<_> = hosts.collect();
                // The first that ends has seen that nobody reads.
                hosts.next().await;
            })
        })?
    }
}

/// A host that is watched.
struct Host<'a> {
    target: Target,
    memory: Memory,
    /// The last events of its engine that are known, and the time after which others are new.
    recent: VecDeque<Event>,
    since: i64,
    /// Whether its engine reports events.
    is_heard: bool,
    /// Whether anybody may read what is reported.
    is_read: bool,
    watched: &'a Watched<'a>,
    outbox: &'a Outbox<'a>,
    arguments: &'a WatchArgs,
}

impl Host<'_> {
    async fn watch(mut self) {
        let mut backoff = Backoff::up_to(self.arguments.interval);
        loop {
            let is_examined = self.compare().await;
            if !self.is_read {
                return;
            }
            if is_examined {
                backoff.reset();
                self.listen(&mut backoff).await;
            } else {
                tokio::time::sleep(backoff.wait()).await;
            }
        }
    }

    /// Compares the host, and reports what changed. Whether it can be examined.
    async fn compare(&mut self) -> bool {
        let watched = self.watched;
        let observed = self.target.observe(watched.timeout, watched.depth).await;
        let observation = Observation {
            target: self.target.clone(),
            observed: observed.map_err(|unobserved| unobserved.to_string()),
            took: Duration::ZERO,
            is_snapshot: false,
        };
        let report = HostReport::of(
            Compared::of(observation).examined(targets::today()),
            &watched.select,
        );
        // The report as a whole is what has no secrets.
        let mut report = DriftReport::of(vec![report]);
        let Some(host) = report.hosts.pop() else {
            return false;
        };
        let (now, remind) = (Timestamp::now(), self.arguments.remind);
        let remind = SignedDuration::try_from(remind).unwrap_or(SignedDuration::MAX);
        let changes = if let Some(error) = &host.error {
            self.memory.lose(error, now, remind)
        } else {
            let counts = |finding: &&Finding| finding.severity <= watched.least;
            let findings: Vec<Finding> = host.findings.iter().filter(counts).cloned().collect();
            self.memory.learn(&findings, now, remind)
        };
        if !changes.is_empty() {
            if host.error.is_none() {
                self.poll_events().await;
            }
            self.tell(&host, changes, now);
        }
        host.error.is_none()
    }

    fn tell(&mut self, host: &HostReport, changes: Vec<Change>, now: Timestamp) {
        let recent = self.recent.make_contiguous();
        let lines = changes.into_iter().map(|change| {
            let about = change.finding.as_ref();
            let events = about.map_or_else(Vec::new, |finding| events_about(finding, recent));
            Line::of(host, change, events, now)
        });
        let batch = Batch(lines.collect());
        match self.watched.terminal.write_on(|out| batch.write(out)) {
            Ok(is_read) => self.is_read = is_read || self.arguments.deliver.is_used(),
            Err(error) => self.watched.terminal.complain(&format!("{error:#}")),
        }
        self.outbox.send(&batch);
    }

    /// Asks the engine what happened since it was asked last.
    async fn poll_events(&mut self) {
        if !self.is_heard {
            return;
        }
        let now = Timestamp::now().as_nanosecond();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        match self.target.events((self.since, now), TELL).await {
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
    async fn listen(&mut self, backoff: &mut Backoff) {
        let end = Instant::now() + self.arguments.interval;
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
                // A proxy ends an answer in which nothing comes for a while.
                Ok(Waited::Ended) => {
                    if start.elapsed() > LONG {
                        backoff.reset();
                    }
                    tokio::time::sleep(backoff.wait().min(left())).await;
                }
                Err(error) => {
                    self.note(&error);
                    if self.is_heard {
                        // Whether it is still there, the next comparison shows.
                        tokio::time::sleep(backoff.wait().min(left())).await;
                        return;
                    }
                }
            }
        }
        tokio::time::sleep(left()).await;
    }

    /// An engine, or a proxy before it, that refuses to tell is not asked again.
    fn note(&mut self, error: &Unobserved) {
        let refused = matches!(
            error,
            Unobserved::Failed(Failure {
                kind: FailureKind::Status(_),
                ..
            })
        );
        if refused && std::mem::take(&mut self.is_heard) {
            self.watched.terminal.warn(&format!(
                "{}: its engine sends no events, so it is compared at an interval: {error}",
                self.target.title()
            ));
        }
    }
}
