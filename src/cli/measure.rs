//! Measuring hosts for a view of them: as `drift` does, live or from snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use clap::Args;

use super::targets::{EngineArgs, observations, seconds, today};
use super::{Outcome, Terminal};
use crate::drift::Select;
use crate::files::Root;
use crate::graph::{Folders, LiveHost, ShownHost, Spec};
use crate::render::RenderPlan;
use crate::report::catalog::Condition;
use crate::report::drift::{DriftReport, HostReport};
use crate::spec::{Catalog, PullRequest};
use crate::state::State;
use crate::target::{Compared, Hosts, Observation, Target};

/// Whether hosts are measured, and how.
#[derive(Debug, Args)]
pub(super) struct MeasureArgs {
    /// Compare the hosts with their engines, as `drift` does
    #[arg(long)]
    live: bool,
    /// Compare a host with a file that `composegen snapshot` wrote; can be repeated
    #[arg(long, value_name = "[HOST=]FILE", conflicts_with = "live")]
    snapshot: Vec<String>,
    /// Engine to use instead of the one in the spec, with --live
    #[arg(long, value_name = "URL|context:NAME", requires = "live")]
    docker: Option<String>,
    /// Pull request number, for preview hosts
    #[arg(long, value_name = "N")]
    pub(super) pr: Option<PullRequest>,
    /// Time limit for each host, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Env file
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
}

/// The hosts that are shown, with their places in the specs.
pub(super) fn shown<'a>(
    targets: &[Target],
    catalog: Option<&'a Catalog>,
    number: Option<PullRequest>,
) -> Vec<ShownHost<'a>> {
    let shown = targets.iter().map(|target| ShownHost {
        expected: target.expected.clone(),
        spec: catalog
            .zip(target.id.host.as_deref())
            .and_then(|(catalog, name)| Spec::of(catalog, name, number)),
        folders: Folders {
            project: target.folder.clone(),
            compose: target.compose_folder().to_owned(),
        },
    });
    shown.collect()
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// The differences.
    pub(super) report: DriftReport,
    /// What each host of the report runs, as far as it can be reached.
    pub(super) observed: Vec<Option<State>>,
}

impl Measured {
    /// What was observed, compared with what is expected.
    pub(super) fn of(observations: Vec<Observation>) -> Self {
        let observed = observations
            .iter()
            .map(|observation| observation.observed.as_ref().ok().cloned())
            .collect();
        let (select, today) = (Select::default(), today());
        let reports = Compared::all(observations)
            .into_iter()
            .map(|one| HostReport::of(one.examined(today, &select)));
        Self {
            report: DriftReport::of(reports.collect()),
            observed,
        }
    }

    /// What the hosts of the report run, for pictures of them, in its order.
    pub(super) fn live(&self) -> impl Iterator<Item = LiveHost<'_>> {
        let hosts = self.report.hosts.iter().zip(&self.observed);
        hosts.map(|(report, observed)| LiveHost {
            observed: match observed {
                Some(observed) => Ok(observed),
                None => Err(report.error.as_deref().unwrap_or_default()),
            },
            findings: &report.findings,
        })
    }
}

impl MeasureArgs {
    /// The hosts that are shown.
    pub(super) fn hosts<'a>(&'a self, root: &'a Root, catalog: &'a Catalog) -> Hosts<'a> {
        Hosts {
            root,
            catalog,
            pull_request: self.pr,
            docker: self.docker.as_deref(),
            env_files: &self.env_files,
        }
    }

    /// Whether hosts are to be measured.
    pub(super) fn is_given(&self) -> bool {
        self.live || !self.snapshot.is_empty()
    }

    /// Measures the targets of a plan. Previews are measured only with their number.
    pub(super) fn measure(
        &self,
        plan: &RenderPlan<'_>,
        mut targets: Vec<Target>,
        terminal: &Terminal,
    ) -> anyhow::Result<Option<Measured>> {
        if !self.is_given() {
            return Ok(None);
        }
        let snapshots = self.snapshots(plan)?;
        let written = written_hosts(plan);
        targets.retain(|target| {
            let host = target.id.host.as_deref();
            host.is_some_and(|host| written.contains(host))
        });
        let engine = EngineArgs::by_default(self.pr, self.timeout);
        let observations = if self.live {
            observations(targets, None, &engine, terminal)?
        } else {
            let observed: Vec<_> = targets
                .into_iter()
                .filter_map(|target| {
                    let file = snapshots.get(target.id.host.as_deref()?)?;
                    Some(observations(vec![target], Some(file), &engine, terminal))
                })
                .collect::<anyhow::Result<_>>()?;
            observed.into_iter().flatten().collect()
        };
        let measured = Measured::of(observations);
        let hosts = measured.report.hosts.iter();
        terminal.complain_of(hosts.map(|host| (host.id.title(), &host.error)));
        Ok(Some(measured))
    }

    /// The snapshots that are given, by their hosts.
    fn snapshots<'a>(
        &'a self,
        plan: &RenderPlan<'a>,
    ) -> anyhow::Result<BTreeMap<&'a str, &'a Path>> {
        let hosts = written_hosts(plan);
        let mut snapshots = BTreeMap::new();
        for given in &self.snapshot {
            let named = given
                .split_once('=')
                .and_then(|(name, file)| Some((*hosts.get(name)?, file)));
            let (host, file) = match (named, hosts.first()) {
                (Some(named), _) => named,
                (None, Some(only)) if hosts.len() == 1 => (*only, given.as_str()),
                _ => bail!("--snapshot {given} matches no host; write --snapshot HOST=FILE"),
            };
            if snapshots.insert(host, Path::new(file)).is_some() {
                bail!("--snapshot is given twice for `{host}`");
            }
        }
        Ok(snapshots)
    }
}

/// The names of the hosts of a plan whose files are written.
fn written_hosts<'a>(plan: &RenderPlan<'a>) -> BTreeSet<&'a str> {
    plan.hosts
        .iter()
        .filter(|one| one.is_written)
        .map(|one| one.host.name.as_str())
        .collect()
}

/// How a view ends that shows what was measured, and so many findings.
pub(super) fn outcome(measured: Option<&Measured>, findings: usize) -> Outcome {
    let hosts = || {
        measured
            .iter()
            .flat_map(|measured| &measured.report.hosts)
            .map(Condition::of)
    };
    if hosts().any(|one| one == Condition::Unreachable) {
        return Outcome::Incomplete;
    }
    Outcome::of(findings + hosts().filter(|one| *one != Condition::InSync).count())
}
