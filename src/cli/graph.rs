//! `composegen graph`

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::bail;
use clap::{ArgGroup, Args};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, TargetArgs};
use super::{Format, Global, Outcome, Terminal, format};
use crate::diagnostic::closest;
use crate::drift::Select;
use crate::graph::{self, Graph, Live, Spec, Subject};
use crate::report::Report as _;
use crate::report::drift::{DriftReport, HostReport};
use crate::report::graph::GraphReport;
use crate::spec::Catalog;
use crate::state::State;
use crate::target::Target;

/// Show networks, services, published ports and routes, as text or as a picture.
///
/// Of each published port it says from where it can be reached: the internet, a private network or the
/// machine itself. With --reach, it lists every way to one service. With --live or --snapshot, it shows the
/// live host, and marks what differs from its Compose file. Without names, it shows all hosts.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["names", "host", "env", "all", "files"])))]
#[command(group(ArgGroup::new("observed").args(["live", "snapshot"])))]
#[command(after_help = "Exit status: 0 the graph was written, 2 a host cannot be reached")]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Show who can reach this service: every path from outside, hop by hop
    #[arg(long, value_name = "SERVICE")]
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
    let (targets, catalog) = targets::with_catalog(
        &options.targets, &options.files, &options.engine, global, terminal,
    )?;
    let hosts: Vec<Host> = targets
        .iter()
        .map(|target| Host::of(target, catalog))
        .collect();
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
            .map(|host| Graph::of(host.subject(None)))
            .collect()
    };
    graph::connect(&mut hosts);
    let reach = match &options.reach {
        Some(service) => {
            check_service(service, &hosts)?;
            Some(graph::reach(&hosts, service))
        }
        None => None,
    };
    let report = GraphReport { hosts, reach };
    terminal.write(|out| report.write(options.format, out))?;
    Ok(outcome)
}

/// What is expected of a host, and where it stands in the specs.
struct Host {
    expected: State,
    spec: Option<Spec<'static>>,
}

impl Host {
    fn of(target: &Target, catalog: Option<&'static Catalog>) -> Self {
        let spec = catalog
            .zip(target.host.as_deref())
            .and_then(|(catalog, name)| {
                let mut hosts = catalog.hosts();
                let (environment, host) = hosts.find(|(_, host)| host.name.as_str() == name)?;
                Some(Spec {
                    catalog,
                    environment,
                    host,
                })
            });
        Self {
            expected: target.expected.clone(),
            spec,
        }
    }

    fn subject<'a>(&'a self, live: Option<Live<'a>>) -> Subject<'a> {
        Subject {
            expected: &self.expected,
            spec: self.spec,
            live,
        }
    }
}

/// The graphs of live hosts, and whether all of them could be observed.
fn observed(
    options: &Options,
    hosts: &[Host],
    targets: Vec<Target>,
    terminal: &Terminal,
) -> anyhow::Result<(Vec<Graph>, bool)> {
    let snapshot = options.snapshot.as_deref();
    let observations = targets::observations(targets, snapshot, &options.engine, terminal)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let states: Vec<Option<State>> = observations
        .iter()
        .map(|observation| observation.observed.as_ref().ok().cloned())
        .collect();
    let reports = observations
        .into_iter()
        .map(|observation| HostReport::of(observation, today, &Select::default()));
    let report = DriftReport::of(reports.collect());
    let mut graphs = Vec::with_capacity(hosts.len());
    let mut is_complete = true;
    for ((host, report), state) in hosts.iter().zip(&report.hosts).zip(&states) {
        let error = report.error.as_deref().unwrap_or_default();
        if state.is_none() {
            is_complete = false;
            terminal.complain(&format!("{}: {error}", report.title()));
        }
        let live = Live {
            observed: state.as_ref().ok_or(error),
            findings: &report.findings,
        };
        graphs.push(Graph::of(host.subject(Some(live))));
    }
    Ok((graphs, is_complete))
}

/// Refuses a service that no host has: a mistyped name would look as if nothing could reach it.
fn check_service(service: &str, hosts: &[Graph]) -> anyhow::Result<()> {
    let services = hosts.iter().flat_map(|host| &host.services);
    let known: BTreeSet<&str> = services.map(|service| service.name.as_str()).collect();
    if known.contains(service) {
        return Ok(());
    }
    match closest(service, known.iter().copied()) {
        Some(close) => bail!("there is no service `{service}`; did you mean `{close}`?"),
        None => bail!("there is no service `{service}`"),
    }
}
