//! Measuring hosts for a view of them: as `drift` does, live or from snapshots.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use clap::Args;

use super::targets::{EngineArgs, observations, seconds};
use super::{Outcome, Terminal, drift};
use crate::drift::Select;
use crate::render::Plan;
use crate::report::catalog::Condition;
use crate::report::drift::DriftReport;
use crate::spec::PullRequest;
use crate::state::State;
use crate::target::Target;

/// Whether hosts are measured, and how.
#[derive(Debug, Args)]
pub(super) struct MeasureArgs {
    /// Compare the hosts with their engines, as `drift` does
    #[arg(long)]
    live: bool,
    /// Compare a host with a file that `composegen snapshot` wrote; can be repeated
    #[arg(long, value_name = "[HOST=]FILE", conflicts_with = "live")]
    snapshot: Vec<String>,
    /// Pull request number, for preview hosts
    #[arg(long, value_name = "N")]
    pub(super) pr: Option<PullRequest>,
    /// Time limit for each host, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// File of variables
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// The differences.
    pub(super) report: DriftReport,
    /// What each host of the report runs, as far as it can be reached.
    pub(super) observed: Vec<Option<State>>,
}

impl MeasureArgs {
    /// Whether hosts are to be measured.
    pub(super) fn is_given(&self) -> bool {
        self.live || !self.snapshot.is_empty()
    }

    /// Measures the targets of a plan. Previews are measured only with their number.
    pub(super) fn measure(
        &self,
        plan: &Plan<'_>,
        mut targets: Vec<Target>,
        terminal: &Terminal,
    ) -> anyhow::Result<Option<Measured>> {
        if !self.is_given() {
            return Ok(None);
        }
        let snapshots = self.snapshots(plan)?;
        let exists = |name: &str| {
            let mut hosts = plan.hosts.iter().filter(|one| one.is_written);
            hosts.any(|one| one.host.name.as_str() == name)
        };
        let snapshot = |target: &Target| {
            let mut snapshots = snapshots.iter();
            snapshots.find(|(host, _)| target.host.as_deref() == Some(*host))
        };
        targets.retain(|target| target.host.as_deref().is_some_and(exists));
        let engine = EngineArgs::by_default(self.pr, self.timeout);
        let observations = if self.live {
            observations(targets, None, &engine, terminal)?
        } else {
            let observed = targets.into_iter().filter_map(|target| {
                let (_, file) = snapshot(&target)?;
                Some(observations(vec![target], Some(file), &engine, terminal))
            });
            let observed: Vec<_> = observed.collect::<anyhow::Result<_>>()?;
            observed.into_iter().flatten().collect()
        };
        let observed = observations
            .iter()
            .map(|observation| observation.observed.as_ref().ok().cloned());
        let observed = observed.collect();
        let hosts = drift::reports(observations, &Select::default());
        let report = DriftReport::of(hosts);
        Ok(Some(Measured { report, observed }))
    }

    /// The snapshots that are given, each with its host.
    fn snapshots<'a>(&'a self, plan: &Plan<'a>) -> anyhow::Result<Vec<(&'a str, &'a Path)>> {
        let hosts = || plan.hosts.iter().filter(|one| one.is_written);
        let find = |name: &str| {
            let mut hosts = hosts().map(|one| one.host.name.as_str());
            hosts.find(|host| *host == name)
        };
        let given = self.snapshot.iter().map(|given| {
            if let Some((name, file)) = given.split_once('=')
                && let Some(host) = find(name)
            {
                return Ok((host, Path::new(file)));
            }
            let mut hosts = hosts();
            match (hosts.next(), hosts.next()) {
                (Some(one), None) => Ok((one.host.name.as_str(), Path::new(given))),
                _ => bail!("--snapshot {given} names no host; write --snapshot HOST=FILE"),
            }
        });
        let given: Vec<(&str, &Path)> = given.collect::<anyhow::Result<_>>()?;
        for (index, (host, _)) in given.iter().enumerate() {
            if given.iter().take(index).any(|(other, _)| other == host) {
                bail!("--snapshot is given twice for `{host}`");
            }
        }
        Ok(given)
    }
}

/// How a view ends that shows what was measured, and so many findings.
pub(super) fn outcome(measured: Option<&Measured>, findings: usize) -> Outcome {
    let hosts = || {
        let hosts = measured.iter().flat_map(|measured| &measured.report.hosts);
        hosts.map(Condition::of)
    };
    if hosts().any(|one| one == Condition::Unreachable) {
        return Outcome::Incomplete;
    }
    Outcome::of(findings + hosts().filter(|one| *one != Condition::InSync).count())
}
