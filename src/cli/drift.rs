//! `composegen drift`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::{ArgGroup, Args, ValueEnum};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, Names};
use super::{Global, Outcome, Terminal, write_json, write_out, write_shown};
use crate::drift::{self, compare, suppress};
use crate::report::{self, HostReport, Look, Report, Status};
use crate::state::State;
use crate::target::Target;

/// Compare what a host runs with what its spec says, field by field, both ways.
///
/// Networks, volumes, ports, mounts and services of the live Docker Engine are held against the
/// Compose file as the spec renders it now. The engine is only ever read from (GET). A host that
/// cannot be reached is an error, and never "in sync".
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["host", "env", "all", "files"])))]
#[command(
    after_help = "Exit status: 0 in sync (there may be notices), 1 drift, 2 a host could not be looked at."
)]
pub(super) struct Options {
    /// A host; may be given more than once
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// All hosts of an environment
    #[arg(long, value_name = "ENV")]
    env: Vec<String>,
    /// All hosts of all environments; previews only with --pr
    #[arg(long)]
    all: bool,
    /// Compare with what `composegen snapshot` wrote, in place of the live host
    #[arg(long, value_name = "FILE", conflicts_with = "docker")]
    snapshot: Option<PathBuf>,
    /// Show a unified diff from what is expected to what is there
    #[arg(long, conflicts_with = "format")]
    diff: bool,
    /// Exit 1 for notices as well
    #[arg(long)]
    strict: bool,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    files: FileOptions,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For the textfile collector of Prometheus' node exporter
    Prometheus,
    /// For a pull request or an issue
    Markdown,
}

/// A host that was looked at, or could not be.
struct Looked {
    target: Target,
    observed: Result<State, String>,
    took: Duration,
    is_snapshot: bool,
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
    let looked = match &options.snapshot {
        Some(file) => vec![from_snapshot(targets, file)?],
        None => look(targets, options.engine.timeout, terminal)?,
    };
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let mut diffs = String::new();
    let mut hosts = Vec::new();
    for looked in looked {
        let host = report(&looked, today);
        if options.diff {
            let title = looked.target.title();
            let (expected, observed) = (format!("{title} (spec)"), format!("{title} (host)"));
            diffs.push_str(&drift::diff(
                &looked.target.expected,
                &host.findings,
                (&expected, &observed),
            ));
        }
        hosts.push(host);
    }
    let report = Report::of(hosts);
    if options.diff {
        terminal.diff(&diffs)?;
    } else {
        write(options.format, &report, terminal)?;
    }
    if options.diff || options.format != Format::Human {
        for host in &report.hosts {
            if let Some(error) = &host.error {
                terminal.complain(&format!(
                    "{}: {error}",
                    host.host.as_deref().unwrap_or(&host.project)
                ));
            }
        }
    }
    let summary = report.summary;
    let notices = if options.strict { summary.notice } else { 0 };
    Ok(if summary.unreachable > 0 {
        Outcome::Incomplete
    } else if summary.exposure + summary.drift + notices > 0 {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn write(format: Format, report: &Report, terminal: &Terminal) -> anyhow::Result<()> {
    match format {
        Format::Human => {
            let look = Look {
                style: terminal.out,
                width: Terminal::width(),
                is_verbose: terminal.is_verbose,
            };
            write_shown(&report::human(report, look))
        }
        Format::Json => write_json(report),
        Format::Prometheus => write_out(&report::prometheus(report)),
        Format::Markdown => write_out(&report::markdown(report)),
    }
}

/// Looks at all hosts at once. Those that do not answer keep no other from being reported.
fn look(
    targets: Vec<Target>,
    timeout: Duration,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Looked>> {
    let count = targets.len();
    let mut looked = targets::block_on(async {
        let looking = targets
            .into_iter()
            .enumerate()
            .map(|(index, target)| async move {
                let start = Instant::now();
                let observed = target.observe(timeout).await;
                let observed = observed.map_err(|unobserved| unobserved.to_string());
                let took = start.elapsed();
                (
                    index,
                    Looked {
                        target,
                        observed,
                        took,
                        is_snapshot: false,
                    },
                )
            });
        let mut looking: FuturesUnordered<_> = looking.collect();
        let mut done = Vec::new();
        terminal.progress(0, count);
        while let Some(one) = looking.next().await {
            done.push(one);
            terminal.progress(done.len(), count);
        }
        done
    })?;
    looked.sort_by_key(|(index, _)| *index);
    Ok(looked.into_iter().map(|(_, looked)| looked).collect())
}

fn from_snapshot(targets: Vec<Target>, file: &Path) -> anyhow::Result<Looked> {
    let count = targets.len();
    let mut targets = targets.into_iter();
    let (Some(mut target), None) = (targets.next(), targets.next()) else {
        bail!("--snapshot is of one host, but {count} are selected; select one with --host");
    };
    let observed = target.snapshot(file)?;
    Ok(Looked {
        target,
        observed: Ok(observed),
        took: Duration::ZERO,
        is_snapshot: true,
    })
}

fn report(looked: &Looked, today: jiff::civil::Date) -> HostReport {
    let target = &looked.target;
    let mut report = HostReport {
        host: target.host.clone(),
        environment: target.environment.clone(),
        project: target.expected.project.clone(),
        endpoint: target.endpoint_text(),
        engine: None,
        observed_at: None,
        from_snapshot: looked.is_snapshot,
        status: Status::Unreachable,
        findings: Vec::new(),
        suppressed: Vec::new(),
        unchecked: Vec::new(),
        error: None,
        took: looked.took,
    };
    match &looked.observed {
        Err(error) => report.error = Some(error.clone()),
        Ok(observed) => {
            let mut comparison = compare(&target.expected, observed, &target.context);
            comparison.findings.extend(target.stale.clone());
            report.suppressed = suppress(&mut comparison, &target.ignore, today);
            report.status = Status::of(&comparison.findings);
            report.findings = comparison.findings;
            report.unchecked = comparison.unchecked;
            if let Some(live) = &observed.live {
                report.engine = Some(live.engine.clone());
                report.observed_at = Some(live.taken.clone());
                report.endpoint.clone_from(&live.endpoint);
            }
        }
    }
    report
}
