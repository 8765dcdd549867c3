//! `composegen drift`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::{ArgGroup, Args};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, Names};
use super::{Format, Global, Outcome, Terminal, format};
use crate::report::Report as _;
use crate::report::drift::{DriftReport, HostReport};
use crate::target::{Observation, Target};

/// Compare what a host runs with its spec, field by field, both ways.
///
/// Networks, volumes, ports, mounts and services of the live Docker Engine are compared with the
/// Compose file as the spec renders it now. Only GET requests are sent to the engine. A host that
/// cannot be reached is an error, never "in sync".
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["host", "env", "all", "files"])))]
#[command(
    after_help = "Exit status: 0 in sync (notices are allowed), 1 drift, 2 a host cannot be reached"
)]
pub(super) struct Options {
    /// Host; can be repeated
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// All hosts of an environment; can be repeated
    #[arg(long, value_name = "ENV")]
    env: Vec<String>,
    /// All hosts of all environments (previews only with --pr)
    #[arg(long)]
    all: bool,
    /// Compare with a file that `composegen snapshot` wrote, instead of the live host
    #[arg(long, value_name = "FILE", conflicts_with = "docker")]
    snapshot: Option<PathBuf>,
    /// Show a unified diff from expected to observed state
    #[arg(long, conflicts_with = "format")]
    diff: bool,
    /// Exit 1 for notices too
    #[arg(long)]
    strict: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<DriftReport>())]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    files: FileOptions,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let names = Names {
        hosts: &options.host,
        environments: &options.env,
    };
    let targets = targets::of(names, &options.files, &options.engine, global, terminal)?;
    let observations = match &options.snapshot {
        Some(file) => vec![from_snapshot(targets, file)?],
        None => observe(targets, options.engine.timeout, terminal)?,
    };
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let hosts: Vec<HostReport> = observations
        .into_iter()
        .map(|observation| HostReport::of(observation, today))
        .collect();
    let diff: Option<String> = options
        .diff
        .then(|| hosts.iter().map(HostReport::diff).collect());
    let report = DriftReport::of(hosts);
    terminal.write(|out| match &diff {
        Some(diff) => out.diff(diff),
        None => report.write(options.format, out),
    })?;
    if options.diff || options.format != Format::Human {
        for host in &report.hosts {
            if let Some(error) = &host.error {
                terminal.complain(&format!("{}: {error}", host.title()));
            }
        }
    }
    let summary = report.summary;
    let notices = if options.strict { summary.notice } else { 0 };
    Ok(if summary.unreachable > 0 {
        Outcome::Incomplete
    } else {
        Outcome::of(summary.exposure + summary.drift + notices)
    })
}

/// Observes all hosts at once. One that does not answer does not keep others from being reported.
fn observe(
    targets: Vec<Target>,
    timeout: Duration,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Observation>> {
    let count = targets.len();
    let mut observations = targets::block_on(async {
        let mut waiting: FuturesUnordered<_> = targets
            .into_iter()
            .enumerate()
            .map(|(index, target)| async move {
                let start = Instant::now();
                let observed = target.observe(timeout).await;
                let observation = Observation {
                    observed: observed.map_err(|unobserved| unobserved.to_string()),
                    took: start.elapsed(),
                    is_snapshot: false,
                    target,
                };
                (index, observation)
            })
            .collect();
        let mut done = Vec::new();
        terminal.progress(0, count);
        while let Some(one) = waiting.next().await {
            done.push(one);
            terminal.progress(done.len(), count);
        }
        done
    })?;
    observations.sort_by_key(|(index, _)| *index);
    Ok(observations.into_iter().map(|(_, one)| one).collect())
}

fn from_snapshot(targets: Vec<Target>, file: &Path) -> anyhow::Result<Observation> {
    let count = targets.len();
    let mut targets = targets.into_iter();
    let (Some(mut target), None) = (targets.next(), targets.next()) else {
        bail!("--snapshot is of one host, but {count} are selected; select one with --host");
    };
    let observed = target.snapshot(file)?;
    Ok(Observation {
        target,
        observed: Ok(observed),
        took: Duration::ZERO,
        is_snapshot: true,
    })
}
