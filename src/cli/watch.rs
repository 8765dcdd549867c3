//! `composegen drift --watch`

use std::time::Duration;

use clap::Args;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;

use super::deliver::DeliverArgs;
use super::{Terminal, targets};
use crate::compose;
use crate::docker::Depth;
use crate::drift::Select;
use crate::finding::{Finding, Severity};
use crate::report::drift::{DriftReport, HostReport};
use crate::report::watch::{Batch, ChangeLine};
use crate::target::{Question, Target, give_resource_hashes};
use crate::watch::{Callbacks, Outbox, Pace, WatchedHost};

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
    /// Repeat a change that is still there after this time
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
        installed.give_to(targets.iter_mut().map(|target| &mut target.context));
        give_resource_hashes(&mut targets);
        let terminal = watched.terminal;
        let callbacks = Callbacks {
            complain: &|text| terminal.complain(text),
            repeat: &|text| terminal.repeat(text),
        };
        let recipients = self.deliver.recipients()?;
        recipients.while_running(callbacks, |outbox| {
            let pace = Pace {
                interval: self.interval,
                remind: self.remind,
                timeout: watched.timeout,
                depth: watched.depth,
            };
            let warn = |warning: &str| terminal.warn(warning);
            targets::block_on(async {
                let mut hosts: FuturesUnordered<_> = targets
                    .into_iter()
                    .map(|target| {
                        let host = WatchedHost::new(target, pace, &warn);
                        watch(host, watched, outbox, &self.deliver)
                    })
                    .collect();
                // The first that ends has seen that nobody reads.
                hosts.next().await;
            })
        })
    }
}

/// Watches a host until nobody reads what is reported.
async fn watch(
    mut host: WatchedHost<'_>,
    watched: &Watched<'_>,
    outbox: &Outbox<'_>,
    deliver: &DeliverArgs,
) {
    loop {
        let examined = host.examine(targets::today(), &watched.select).await;
        // The report as a whole is what has no secrets.
        let mut report = DriftReport::of(vec![HostReport::of(examined)]);
        let Some(found) = report.hosts.pop() else {
            return;
        };
        let counts = |finding: &&Finding| finding.severity <= watched.least;
        let findings: Vec<Finding> = found.findings.iter().filter(counts).cloned().collect();
        let findings = found.error.as_deref().map_or(Ok(findings.as_slice()), Err);
        let now = Timestamp::now();
        let noticed = host.learn(findings, now).await;
        if !noticed.is_empty() {
            let lines = noticed
                .into_iter()
                .map(|one| ChangeLine::of(&found, one, now));
            let batch = Batch(lines.collect());
            let is_read = watched
                .terminal
                .write_on(|out| batch.write(out))
                .unwrap_or_else(|error| {
                    watched.terminal.complain(&format!("{error:#}"));
                    true
                });
            outbox.send(|recipient| deliver.text(&batch, recipient));
            if !is_read && !deliver.is_used() {
                return;
            }
        }
        host.rest().await;
    }
}
