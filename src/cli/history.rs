//! `composegen history`

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use indoc::indoc;

use super::{Format, Global, Outcome, Terminal, candidates, format};
use crate::history;
use crate::report::Report as _;
use crate::report::history::HistoryReport;

/// Show what `composegen drift --record FILE` recorded: since when, how often, and what ended it.
///
/// Why a finding ended is shown where the runs record it: the container was recreated, the expected state changed, or somebody
/// fixed by hand what `docker compose up -d` would not have detected.
#[derive(Debug, Args)]
#[command(override_usage = "composegen history [OPTIONS] [HOST|ENV]... FILE")]
#[command(after_help = indoc! {"
    Examples:
      # Record a run, and show what was recorded
      composegen drift --all --record drift.jsonl
      composegen history drift.jsonl
      composegen history vps-prod drift.jsonl"})]
pub(super) struct Options {
    /// Hosts, environments or projects [default: all], and last the file that `drift --record` wrote
    #[arg(value_name = "HOST|ENV|FILE", required = true, add = candidates::targets_and_files())]
    named: Vec<OsString>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<HistoryReport>())]
    format: Format,
}

pub(super) fn run(options: &Options, _: &Global, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let (file, names) = options.named.split_last().context("no file is named")?;
    let names: Vec<String> = names
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let runs = history::load(Path::new(file))?;
    let known: BTreeSet<&str> = runs.iter().flat_map(|run| run.id.names()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        let known: Vec<&str> = known.into_iter().collect();
        bail!(
            "no run of `{name}` is recorded (there are runs of {})",
            known.join(", ")
        );
    }
    let report = HistoryReport::of(&runs, &names);
    terminal.write(|out| report.write(options.format, out))?;
    Ok(Outcome::Clean)
}
