//! `composegen drift`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, ValueEnum};
use indoc::indoc;
use jiff::Timestamp;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, TargetArgs};
use super::watch::{WatchArgs, Watched};
use super::{Format, Global, Outcome, Terminal, candidates, format};
use crate::docker::Contents;
use crate::drift::Select;
use crate::finding::{Cause, Code, Severity};
use crate::history;
use crate::patch::PatchInput;
use crate::report::drift::{DriftReport, HostReport};
use crate::report::patch::{HostPatch, PatchReport};
use crate::report::{self, Report as _};
use crate::target::{Compared, Observation, Target};

/// Compare what a host runs with its spec, field by field, both ways.
///
/// Networks, volumes, ports, mounts and services of the live Docker Engine are compared with the
/// Compose file as the spec renders it now. Only GET and HEAD requests are sent to the engine. A host that
/// cannot be reached is an error, never "in sync".
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["names", "host", "env", "all", "files"])))]
#[command(after_help = indoc! {"
    Examples:
      # A host, all hosts of an environment, all hosts
      composegen drift vps-prod
      composegen drift prod
      composegen drift --all

      # Any Compose file, on the engine that `docker` talks to or on another one
      composegen drift -f compose.yml
      composegen drift -f compose.yml --docker ssh://deploy@shop.example.org

      # What was changed by hand, as a diff
      composegen drift prod --only out-of-band --diff

    Exit status:
      0 in sync (notices are allowed; see --fail-on), 1 drift, 2 a host cannot be reached"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Compare with a file that `composegen snapshot` wrote, instead of the live host
    #[arg(long, value_name = "FILE", conflicts_with = "docker")]
    snapshot: Option<PathBuf>,
    /// Show a diff from the expected Compose file to that of the live host
    #[arg(long, conflicts_with = "format")]
    diff: bool,
    /// Show a patch that makes the Compose files say what the host runs
    #[arg(long, conflicts_with_all = ["format", "diff", "record"])]
    patch: bool,
    /// Report only findings about this service; can be repeated
    #[arg(long = "service", value_name = "SERVICE", add = candidates::services())]
    services: Vec<String>,
    /// Report only findings with this code, such as `port-extra`; can be repeated
    #[arg(long = "code", value_name = "CODE", value_parser = code(), hide_possible_values = true)]
    codes: Vec<Code>,
    /// Report only findings with this cause; can be repeated
    #[arg(long, value_name = "CAUSE")]
    only: Vec<Only>,
    /// Exit 1 for findings of at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "drift")]
    fail_on: DriftFailOn,
    /// Exit 1 for notices too: `--fail-on notice`
    #[arg(long, conflicts_with = "fail_on")]
    strict: bool,
    /// Add the result for each host to a file, for `composegen history`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["services", "codes", "only"])]
    record: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<DriftReport>())]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    files: FileOptions,
    // Its heading holds for all options after it.
    #[command(flatten)]
    watch: WatchArgs,
}

/// A cause that findings can be selected by.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Only {
    /// Changed on the host
    OutOfBand,
    /// Changed in the file and not applied yet
    Unapplied,
}

/// The least severity that counts for the exit status.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DriftFailOn {
    Exposure,
    Drift,
    Notice,
}

/// The value of `--code`.
fn code() -> impl TypedValueParser<Value = Code> {
    PossibleValuesParser::new(Code::ALL.iter().map(|code| code.as_str()))
        .try_map(|code| code.parse::<Code>())
}

impl DriftFailOn {
    fn least(self) -> Severity {
        match self {
            Self::Exposure => Severity::Exposure,
            Self::Drift => Severity::Drift,
            Self::Notice => Severity::Notice,
        }
    }
}

impl Options {
    /// The least severity that counts.
    fn fail_on(&self) -> DriftFailOn {
        if self.strict {
            DriftFailOn::Notice
        } else {
            self.fail_on
        }
    }

    /// Which findings are reported.
    fn select(&self) -> Select {
        let causes = self.only.iter().map(|only| match only {
            Only::OutOfBand => Cause::OutOfBand,
            Only::Unapplied => Cause::Unapplied,
        });
        Select {
            services: self.services.clone(),
            codes: self.codes.clone(),
            causes: causes.collect(),
        }
    }

    /// Refuses a service that no host has: a mistyped name would select nothing, and look clean.
    fn check_services(&self, hosts: &[HostReport]) -> anyhow::Result<()> {
        let known: BTreeSet<&str> = hosts
            .iter()
            .flat_map(|host| &host.services)
            .map(String::as_str)
            .collect();
        let mut selected = self.services.iter().map(String::as_str);
        // Those that are disabled are known, too: containers of theirs may run.
        targets::check_services(&mut selected, &known, &BTreeMap::new())
    }

    /// Refuses what cannot be done for a swarm.
    fn refuse_for_swarms(&self, targets: &[Target]) -> anyhow::Result<()> {
        for (is_given, what) in [
            (
                self.diff,
                "--diff compares Compose files of containers; leave it out",
            ),
            (
                self.patch,
                "--patch writes what containers have; leave it out",
            ),
            (
                self.watch.watch,
                "--watch waits for events of one engine; run `composegen drift` again instead",
            ),
        ] {
            if is_given {
                targets::refuse_swarms(targets, what)?;
            }
        }
        Ok(())
    }

    /// Prints to standard error what the output itself does not say.
    fn print_notes(&self, report: &DriftReport, terminal: &Terminal) {
        if self.diff || self.patch || self.format != Format::Human {
            let hosts = report.hosts.iter();
            terminal.complain_of(hosts.map(|host| (host.id.title(), &host.error)));
        }
        let not_selected = report.summary.not_selected;
        if self.diff || matches!(self.format, Format::Concise | Format::Github) {
            terminal.say(&report.coverage().to_string());
        }
        if (self.diff || self.format == Format::Concise) && not_selected > 0 {
            terminal.say(&report::not_selected(not_selected));
        }
    }
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let mut targets = targets::of(
        &options.targets, &options.files, &options.engine, global, terminal,
    )?;
    options.refuse_for_swarms(&targets)?;
    options.engine.check(&targets)?;
    if options.engine.content {
        targets.iter_mut().for_each(Target::read_bound);
    }
    let select = options.select();
    if options.watch.watch {
        return watch(targets, select, options, terminal);
    }
    let snapshot = options.snapshot.as_deref();
    let observations = targets::observations(targets, snapshot, &options.engine, terminal)?;
    let compared = Compared::all(observations);
    let patches = options
        .patch
        .then(|| patches(&compared, &select))
        .transpose()?;
    let today = targets::today();
    let hosts: Vec<_> = compared
        .into_iter()
        .map(|one| HostReport::of(one.examined(today, &select)))
        .collect();
    options.check_services(&hosts)?;
    let diff: Option<String> = options
        .diff
        .then(|| hosts.iter().map(HostReport::diff).collect());
    let mut report = DriftReport::of(hosts);
    let recorded = options
        .record
        .as_deref()
        .map_or(Ok(()), |file| record(&mut report, file, terminal));
    terminal.write(|out| match (&patches, &diff) {
        (Some(patches), _) => patches.write(Format::Human, out),
        (None, Some(diff)) => out.diff(diff),
        (None, None) => report.write(options.format, out),
    })?;
    // What was found is shown in any case.
    recorded?;
    options.print_notes(&report, terminal);
    let summary = report.summary;
    Ok(if summary.unreachable > 0 {
        Outcome::Incomplete
    } else {
        Outcome::of(summary.at_least(options.fail_on().least()))
    })
}

/// Watches hosts until nobody reads what is reported.
fn watch(
    targets: Vec<Target>,
    select: Select,
    options: &Options,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let mut selected = options.services.iter().map(String::as_str);
    let (known, disabled) = (targets::services(&targets), targets::disabled(&targets));
    targets::check_services(&mut selected, &known, &disabled)?;
    let watched = Watched {
        least: options.fail_on().least(),
        depth: options.engine.depth(Contents::Comparable),
        timeout: options.engine.timeout,
        select,
        terminal,
    };
    options.watch.run(targets, &watched)?;
    // Whoever read it has enough.
    Ok(Outcome::Clean)
}

/// The patches of the hosts that can be reached.
fn patches(compared: &[Compared], select: &Select) -> anyhow::Result<PatchReport> {
    let today = targets::today();
    let mut hosts = Vec::new();
    for Observation {
        target, observed, ..
    } in compared.iter().map(Compared::observation)
    {
        let Ok(observed) = observed else { continue };
        let files = target.texts.sources()?;
        if files.is_empty() {
            bail!("--patch needs files, not standard input");
        }
        let input = PatchInput::of_target(target, files, observed, select, today);
        let title = target.id.title().to_owned();
        let patched = input
            .patch()
            .with_context(|| format!("{title}: the files changed meanwhile"))?;
        hosts.push(HostPatch::of(title, target.texts.are_rendered(), &patched));
    }
    Ok(PatchReport(hosts))
}

/// Adds a run to a file of recorded ones.
fn record(report: &mut DriftReport, file: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    let now = format!("{:.0}", Timestamp::now());
    let runs = report.hosts.iter().map(|host| host.run(&now)).collect();
    let wait = || terminal.say("waiting for another composegen run in this directory");
    let recorded = history::append(file, runs, wait)
        .with_context(|| format!("cannot record the run in `{}`", file.display()))?;
    for (host, run) in report.hosts.iter_mut().zip(recorded) {
        let seen = run.findings.into_iter().map(|finding| finding.first_seen);
        host.first_seen = seen.collect();
    }
    Ok(())
}
