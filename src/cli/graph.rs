//! `composegen graph`

use std::path::PathBuf;

use anyhow::bail;
use clap::{ArgGroup, Args};
use indoc::indoc;

use super::compose_file::FileOptions;
use super::measure::{self, Measured};
use super::targets::{self, EngineArgs, Previews, TargetArgs};
use super::{Format, Global, Outcome, Terminal, candidates, format};
use crate::graph::{self, Graph, ShownHost};
use crate::report::Report as _;
use crate::report::graph::GraphReport;
use crate::target::Target;

/// Show networks, services, published ports and routes, as text or as a picture.
///
/// For each published port, it says where it can be reached from: the internet, a private network or the
/// machine itself. With --reach, it lists every way to one service. With --live or --snapshot, it shows the
/// live host, and marks what differs from its Compose file. Without names, it shows all hosts.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["names", "host", "env", "all", "files"])))]
#[command(group(ArgGroup::new("observed").args(["live", "snapshot"])))]
#[command(after_help = indoc! {"
    Examples:
      # Networks and ports of a Compose file, or of an environment
      composegen graph -f compose.yml
      composegen graph prod --format svg

      # Who can reach the database?
      composegen graph prod --reach db

    Exit status:
      0 the graph was written, 2 a host cannot be reached"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Show who can reach this service: every path from outside, hop by hop
    #[arg(long, value_name = "SERVICE", add = candidates::services())]
    reach: Option<String>,
    /// Show what runs on the live host
    #[arg(long)]
    live: bool,
    /// Show what is in a file that `composegen snapshot` wrote, instead of the live host
    #[arg(long, value_name = "FILE", conflicts_with = "docker")]
    snapshot: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<GraphReport>())]
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
    let is_observed = options.live || options.snapshot.is_some();
    if options.engine.is_used() && !is_observed {
        bail!("--docker, --content and --changes require --live");
    }
    // The specs say more of a host than its Compose file.
    let previews = if is_observed {
        Previews::Existing
    } else {
        Previews::Any
    };
    let (targets, catalog) = targets::with_catalog(
        &options.targets, previews, &options.files, &options.engine, global, terminal,
    )?;
    let disabled = targets::disabled(&targets);
    let hosts = measure::shown(&targets, catalog, options.engine.pr);
    let mut outcome = Outcome::Clean;
    let mut hosts = if is_observed {
        let (graphs, is_complete) = observed(options, &hosts, targets, terminal)?;
        if !is_complete {
            outcome = Outcome::Incomplete;
        }
        graphs
    } else {
        hosts
            .iter()
            .map(|host| Graph::of(host.input(None)))
            .collect()
    };
    graph::connect(&mut hosts);
    let reach = match &options.reach {
        Some(service) => {
            let services = hosts.iter().flat_map(|host| &host.services);
            let known = services.map(|service| service.name.as_str()).collect();
            let mut selected = std::iter::once(service.as_str());
            targets::check_services(&mut selected, &known, &disabled)?;
            Some(graph::reach(&hosts, service))
        }
        None => None,
    };
    let report = GraphReport { hosts, reach };
    terminal.write(|out| report.write(options.format, out))?;
    Ok(outcome)
}

/// The graphs of live hosts, and whether all of them could be observed.
fn observed(
    options: &Options,
    hosts: &[ShownHost<'_>],
    targets: Vec<Target>,
    terminal: &Terminal,
) -> anyhow::Result<(Vec<Graph>, bool)> {
    let snapshot = options.snapshot.as_deref();
    let observations = targets::observations(targets, snapshot, &options.engine, terminal)?;
    let measured = Measured::of(observations);
    let mut graphs = Vec::with_capacity(hosts.len());
    let mut is_complete = true;
    let reports = measured.report.hosts.iter();
    for ((host, report), live) in hosts.iter().zip(reports).zip(measured.live()) {
        if let Err(error) = live.observed {
            is_complete = false;
            terminal.complain(&format!("{}: {error}", report.id.title()));
        }
        graphs.push(Graph::of(host.input(Some(live))));
    }
    Ok((graphs, is_complete))
}
