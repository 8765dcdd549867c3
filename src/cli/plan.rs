//! `composegen plan`

use std::path::PathBuf;

use anyhow::bail;
use clap::{ArgGroup, Args, ValueEnum};
use indoc::indoc;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, Files, TargetArgs};
use super::{Format, Global, Outcome, Terminal, candidates, format, project};
use crate::git::Revision;
use crate::orchestrator::Orchestrator;
use crate::parallel;
use crate::plan::stack::{DeployOptions, ResolveImage};
use crate::plan::{Compose, Options as Up, Pull, Scale};
use crate::render;
use crate::report::Report as _;
use crate::report::plan::{Base, HostPlan, PlanReport, Summary};
use crate::target::{Before, Compared, Hosts, Installed, Past, Question, Revised, Target};

/// Show what `docker compose up -d`, or `docker stack deploy`, would do on a host, and what it would
/// leave as it is.
///
/// The operations are listed in order, each with its cause, what follows from it for other services,
/// and the data that is lost. Nothing is done: only GET and HEAD requests are sent to the engine.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["names", "host", "env", "all", "files"])))]
#[command(after_help = indoc! {"
    Examples:
      # What would `docker compose up -d` do?
      composegen plan prod
      composegen plan -f compose.yml

      # What would `docker stack deploy --prune` do on a swarm?
      composegen plan -f stack.yml --engine swarm -p shop --prune

      # Stop a deployment that would lose data
      composegen plan prod --fail-on data-loss

      # What would a pull request change?
      composegen plan --rev origin/main --format markdown

    Exit status:
      0 nothing to do, 1 something to do (or what --fail-on says), 2 a host cannot be reached"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Plan for a file that `composegen snapshot` wrote, instead of the live host
    #[arg(long, value_name = "FILE", conflicts_with = "docker")]
    snapshot: Option<PathBuf>,
    /// Plan what changed in specs and templates since this commit: how the files differ, and what `up`
    /// would do on hosts that run the old files. Without hosts, all of them
    #[arg(long, value_name = "COMMIT", conflicts_with = "files")]
    rev: Option<Revision>,
    /// With --rev, plan for the live hosts
    #[arg(long, requires = "rev", conflicts_with = "snapshot")]
    live: bool,
    /// Exit 1 only for this; can be repeated
    #[arg(long, value_name = "WHAT")]
    fail_on: Vec<PlanFailOn>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<PlanReport>())]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    files: FileOptions,
    // Their headings hold for all options after them.
    #[command(flatten)]
    up: UpArgs,
    #[command(flatten)]
    deploy: DeployArgs,
}

/// The options of `docker compose up`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of `docker compose up`")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct UpArgs {
    /// Plan for this service and those that it depends on, as `up SERVICE` does; can be repeated
    #[arg(long = "service", value_name = "SERVICE", add = candidates::services())]
    services: Vec<String>,
    /// Recreate containers although their definition has not changed
    #[arg(long)]
    force_recreate: bool,
    /// Leave out the services that those of --service depend on
    #[arg(long, requires = "services")]
    no_deps: bool,
    /// Remove containers of services that are not in the Compose file
    #[arg(long)]
    remove_orphans: bool,
    /// When images are pulled
    #[arg(long, value_name = "WHEN")]
    pull: Option<PullWhen>,
    /// Number of containers of a service; can be repeated
    #[arg(long, value_name = "SERVICE=N")]
    scale: Vec<Scale>,
    /// Answer yes to the question whether to recreate a volume, which loses its data
    #[arg(short = 'y', long)]
    yes: bool,
    /// Version of Docker Compose [default: that of `docker compose version`, else that which created
    /// the containers, else 2.40]
    #[arg(long = "compose", value_name = "VERSION")]
    compose: Option<Compose>,
}

/// The options of `docker stack deploy`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of `docker stack deploy`")]
struct DeployArgs {
    /// Remove services of the stack that are not in the Compose file
    #[arg(long)]
    prune: bool,
    /// When the swarm looks up the digest of an image [default: always]
    #[arg(long, value_name = "WHEN")]
    resolve_image: Option<ResolveImage>,
}

impl DeployArgs {
    fn options(&self) -> DeployOptions {
        DeployOptions {
            prune: self.prune,
            resolve_image: self.resolve_image.unwrap_or_default(),
        }
    }

    /// The options that are given.
    fn given(&self) -> Vec<&'static str> {
        let all = [
            ("--prune", self.prune),
            ("--resolve-image", self.resolve_image.is_some()),
        ];
        given(&all)
    }
}

fn given(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    let given = options.iter().filter(|(_, is_given)| *is_given);
    given.map(|(name, _)| *name).collect()
}

/// A value of `--pull`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum PullWhen {
    Always,
    Missing,
    Never,
}

/// What counts for the exit status.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlanFailOn {
    /// Data would be lost
    DataLoss,
    /// An operation would fail
    Failure,
    /// Differences from the Compose file would remain
    Stays,
}

impl PlanFailOn {
    fn count(self, summary: &Summary) -> usize {
        match self {
            Self::DataLoss => summary.data_lost,
            Self::Failure => summary.fail,
            Self::Stays => summary.leave,
        }
    }
}

impl Options {
    /// Refuses what means nothing for a host, and a service that no host has.
    fn check(&self, targets: &[Target]) -> anyhow::Result<()> {
        for target in targets {
            let title = target.id.title();
            let (what, command, given) = match target.orchestrator {
                Orchestrator::Swarm => ("a swarm", "docker compose up", self.up.given()),
                Orchestrator::Docker => ("not a swarm", "docker stack deploy", self.deploy.given()),
            };
            if let [option, ..] = given.as_slice() {
                bail!("`{title}` is {what}: `{option}` is an option of `{command}`");
            }
        }
        self.up.check_services(targets)
    }
}

impl UpArgs {
    /// Asks the Docker Compose that is installed here, unless another one is meant.
    fn ask(&self, question: &Question) -> Installed {
        match self.compose {
            Some(_) => Installed::default(),
            None => question.ask(),
        }
    }

    /// The options as a plan is given them.
    fn options(&self, installed: Option<Compose>) -> Up {
        Up {
            compose: self.compose.clone().or(installed).unwrap_or_default(),
            services: self.services.iter().cloned().collect(),
            force_recreate: self.force_recreate,
            no_deps: self.no_deps,
            remove_orphans: self.remove_orphans,
            assume_yes: self.yes,
            pull: self.pull.map(|when| match when {
                PullWhen::Always => Pull::Always,
                PullWhen::Missing => Pull::Missing,
                PullWhen::Never => Pull::Never,
            }),
            scale: self
                .scale
                .iter()
                .map(|scale| (scale.service.clone(), scale.replicas))
                .collect(),
        }
    }

    /// The options that are given.
    fn given(&self) -> Vec<&'static str> {
        given(&[
            ("--service", !self.services.is_empty()),
            ("--force-recreate", self.force_recreate),
            ("--no-deps", self.no_deps),
            ("--remove-orphans", self.remove_orphans),
            ("--pull", self.pull.is_some()),
            ("--scale", !self.scale.is_empty()),
            ("--yes", self.yes),
            ("--compose", self.compose.is_some()),
        ])
    }

    /// Refuses a service that no host has.
    fn check_services(&self, targets: &[Target]) -> anyhow::Result<()> {
        let scaled = self.scale.iter().map(|scale| &scale.service);
        let mut named = self.services.iter().chain(scaled).map(String::as_str);
        let (known, disabled) = (targets::services(targets), targets::disabled(targets));
        targets::check_services(&mut named, &known, &disabled)
    }
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let report = if let Some(revision) = &options.rev {
        of_revision(revision, options, global, terminal)?
    } else {
        let targets = targets::of(
            &options.targets, &options.files, &options.engine, global, terminal,
        )?;
        let hosts = observed(targets, options, terminal)?;
        PlanReport::of(hosts, None)
    };
    terminal.write(|out| report.write(options.format, out))?;
    if options.format != Format::Human {
        let hosts = report.hosts.iter();
        terminal.complain_of(hosts.map(|host| (host.id.title(), &host.error)));
    }
    let summary = &report.summary;
    let found = match options.fail_on.as_slice() {
        [] => summary.done(),
        some => some.iter().map(|what| what.count(summary)).sum(),
    };
    Ok(if summary.unreachable > 0 {
        Outcome::Incomplete
    } else {
        Outcome::of(found)
    })
}

/// The plans for hosts as they are.
fn observed(
    mut targets: Vec<Target>,
    options: &Options,
    terminal: &Terminal,
) -> anyhow::Result<Vec<HostPlan>> {
    options.check(&targets)?;
    options.engine.check(&targets)?;
    if options.engine.content {
        targets.iter_mut().for_each(Target::read_bound);
    }
    let question = Question::about(&targets);
    let snapshot = options.snapshot.as_deref();
    // The docker CLI takes longer than most engines, so it is asked beside them.
    let (installed, observations) = parallel::both(
        || options.up.ask(&question),
        || targets::observations(targets, snapshot, &options.engine, terminal),
    );
    let mut observations = observations?;
    let up = options.up.options(None);
    let contexts = observations.iter_mut().map(|one| {
        one.target.context.up = up.clone();
        one.target.context.deploy = options.deploy.options();
        &mut one.target.context
    });
    installed.give_to(contexts);
    let today = targets::today();
    let hosts = observations.into_iter().map(Compared::of).collect();
    let hosts = Compared::settled(hosts).into_iter();
    Ok(hosts
        .map(|one| HostPlan::of(one.foreseen(today), false))
        .collect())
}

/// The plans for what changed since a commit.
fn of_revision(
    revision: &Revision,
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<PlanReport> {
    let (base, revised) = revised(revision, options, global, terminal)?;
    let (targets, before): (Vec<Target>, Vec<Before>) = revised.hosts.into_iter().unzip();
    let is_live = options.live || options.engine.is_used() || options.snapshot.is_some();
    let (expected, files): (Vec<_>, Vec<_>) = before
        .into_iter()
        .map(|before| (before.expected, before.files))
        .unzip();
    let mut hosts = if is_live {
        observed(targets, options, terminal)?
    } else {
        options.check(&targets)?;
        let installed = options.up.ask(&Question::about([]));
        let up = options.up.options(installed.compose());
        let both = targets.into_iter().zip(expected);
        both.map(|(mut target, before)| {
            target.context.up = up.clone();
            target.context.deploy = options.deploy.options();
            HostPlan::of(
                Compared::of(target.after(before)).foreseen(targets::today()),
                true,
            )
        })
        .collect()
    };
    for (host, files) in hosts.iter_mut().zip(files) {
        host.files = files;
    }
    hosts.extend(revised.removed.into_iter().map(HostPlan::removed));
    Ok(PlanReport::of(hosts, Some(base)))
}

/// The hosts that are named, now and at a commit.
fn revised(
    revision: &Revision,
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<(Base, Revised)> {
    let (names, engine) = (&options.targets, &options.engine);
    names.refuse_files(Files::Refused)?;
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, engine.pr)?;
    let plan = names.existing(catalog, engine.pr)?;
    let hosts = Hosts {
        root: &root,
        catalog,
        pull_request: engine.pr,
        docker: engine.docker(),
        env_files: &options.files.env_files,
    };
    targets::expect_one(&plan, &hosts)?;
    let (now, warnings) = hosts.sides(&plan, templates)?;
    for warning in hosts.warnings().iter().chain(&warnings) {
        terminal.warn(warning);
    }
    let past = Past::of(&root, revision)?;
    let revised = past
        .revise(now, &plan, &hosts, &names.given())
        .inspect_err(|_| {
            let commit = past.commit.short();
            terminal.complain(&format!(
                "the project at `{revision}` ({commit}) cannot be rendered:"
            ));
        })?;
    Ok((Base::of(revision, &past.commit), revised))
}
