//! The hosts or files that commands are given on the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::compose_file::FileOptions;
use super::{Global, Terminal, candidates, progress, project};
use crate::diagnostic::DidYouMean;
use crate::docker::{Contents, Depth, Surroundings};
use crate::render::{self, RenderPlan, Selection, Templates};
use crate::spec::{Catalog, PullRequest};
use crate::target::{self, Hosts, Observation, Target};
use crate::text::shell;

/// Which engine is observed, and how.
#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Engine to use instead of the one in the spec
    #[arg(long, value_name = "URL|context:NAME")]
    docker: Option<String>,
    /// Pull request number, for a preview host
    #[arg(long, value_name = "N")]
    pub(super) pr: Option<PullRequest>,
    /// Time limit for each host, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Compare the content of bind-mounted files with the files of the project here; a snapshot gets their digests
    #[arg(long)]
    pub(super) content: bool,
    /// List files that were changed inside containers, outside of volumes
    #[arg(long)]
    changes: bool,
}

impl EngineArgs {
    /// The engine that the command line names, of this command or of the `docker` before it.
    fn named<'a>(&'a self, global: &'a Global) -> Option<&'a str> {
        self.docker.as_deref().or(global.engine.as_deref())
    }

    /// Whether it is said how an engine is to be observed.
    pub(super) fn is_used(&self) -> bool {
        self.docker.is_some() || self.content || self.changes
    }

    /// Whether files in containers are read.
    pub(super) fn reads_files(&self) -> bool {
        self.content || self.changes
    }

    /// Refuses to read files in containers of a swarm.
    pub(super) fn check(&self, targets: &[Target]) -> anyhow::Result<()> {
        if self.reads_files() {
            let what = "--content and --changes read files in containers, which only its nodes have; leave them out";
            refuse_swarms(targets, what)?;
        }
        Ok(())
    }

    /// The engine of `--docker`.
    pub(super) fn docker(&self) -> Option<&str> {
        self.docker.as_deref()
    }

    /// The engines of the specs, as they are compared by default.
    pub(super) fn by_default(pr: Option<PullRequest>, timeout: Duration) -> Self {
        Self::at(None, pr, timeout)
    }

    /// One engine instead of those of the specs, compared as by default.
    pub(super) fn at(docker: Option<String>, pr: Option<PullRequest>, timeout: Duration) -> Self {
        Self {
            docker,
            pr,
            timeout,
            content: false,
            changes: false,
        }
    }

    /// What is read of containers besides their settings; `contents` of the bound files with --content.
    pub(super) fn depth(&self, contents: Contents) -> Depth {
        Depth {
            content: if self.content {
                contents
            } else {
                Contents::None
            },
            changes: self.changes,
        }
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() && seconds <= 3600.0 => Ok(duration),
        _ => Err("expected more than 0 and at most 3600 seconds".into()),
    }
}

/// The hosts and environments that a command is for; none means all.
#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// Hosts or environments
    #[arg(value_name = "HOST|ENV", add = candidates::targets())]
    names: Vec<String>,
    /// Host; can be repeated
    #[arg(long, value_name = "HOST", add = candidates::hosts())]
    host: Vec<String>,
    /// All hosts of an environment; can be repeated
    #[arg(long, value_name = "ENV", add = candidates::environments())]
    env: Vec<String>,
    /// All hosts of all environments
    #[arg(long, conflicts_with_all = ["names", "host", "env"])]
    all: bool,
}

/// Whether a command takes Compose files instead of hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    Taken,
    Refused,
}

impl TargetArgs {
    /// All names that are given.
    pub(super) fn given(&self) -> Vec<String> {
        [self.names.as_slice(), &self.host, &self.env].concat()
    }

    /// Whether a host or an environment is named, or all are.
    pub(super) fn is_used(&self) -> bool {
        self.all || !self.given().is_empty()
    }

    /// Refuses a file instead of a host. It is asked before a project is looked for, which there need
    /// not be.
    pub(super) fn refuse_files(&self, files: Files) -> anyhow::Result<()> {
        let is_file = |name: &&String| {
            let path = Path::new(name.as_str());
            let ending = path.extension().and_then(|ending| ending.to_str());
            matches!(ending, Some("yml" | "yaml")) || name.contains('/') && path.is_file()
        };
        match (self.names.iter().find(is_file), files) {
            (None, _) => Ok(()),
            (Some(name), Files::Taken) => {
                bail!("`{name}` is not a host or environment; did you mean `-f {name}`?")
            }
            (Some(name), Files::Refused) => bail!(
                "`{name}` is not a host or environment; this command takes no files, `check` and `drift` do: `-f {name}`"
            ),
        }
    }

    /// The hosts that are named.
    pub(super) fn plan<'b>(
        &self,
        catalog: &'b Catalog,
        pr: Option<PullRequest>,
    ) -> anyhow::Result<RenderPlan<'b>> {
        let plan = RenderPlan::of(catalog, &Selection(self.given()), pr)?;
        let is_host = |name: &str| plan.hosts.iter().any(|one| one.host.name.as_str() == name);
        if let Some(name) = self.host.iter().find(|name| !is_host(name)) {
            let hosts = plan.hosts.iter();
            let own: Vec<&str> = hosts
                .filter(|one| one.environment.name.as_str() == name)
                .map(|one| one.host.name.as_str())
                .collect();
            bail!(
                "`{name}` is an environment; select all of its hosts with --env {name}, or one of them: {}",
                own.join(", ")
            );
        }
        let is_environment = |name: &str| {
            plan.hosts
                .iter()
                .any(|one| one.environment.name.as_str() == name)
        };
        if let Some(name) = self.env.iter().find(|name| !is_environment(name)) {
            bail!("`{name}` is a host; select it with --host {name}");
        }
        Ok(plan)
    }

    /// The hosts that are named, of previews only those whose number is given.
    pub(super) fn existing<'b>(
        &self,
        catalog: &'b Catalog,
        pr: Option<PullRequest>,
    ) -> anyhow::Result<RenderPlan<'b>> {
        let mut plan = self.plan(catalog, pr)?;
        // Without its number, a preview is left out of all hosts.
        if plan.is_whole {
            plan.hosts.retain(|planned| planned.is_written);
        } else if let Some(planned) = plan.hosts.iter().find(|planned| !planned.is_written) {
            bail!(
                "`{}` exists once per pull request; give its number with --pr N",
                planned.host.name
            );
        }
        plan.is_whole = false;
        Ok(plan)
    }
}

/// What a command line names: Compose files, or hosts of a spec.
pub(super) fn of(
    names: &TargetArgs,
    files: &FileOptions,
    engine: &EngineArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Target>> {
    if !names.is_used() && !takes_files(names, files, global) {
        bail!(UNNAMED);
    }
    let previews = Previews::Existing;
    let (targets, _) = with_catalog(names, previews, files, engine, global, terminal)?;
    Ok(targets)
}

/// Which previews a command is for, where it is for all hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Previews {
    /// Those whose number is given.
    Existing,
    /// What all of them have in common too.
    Any,
}

/// Why a command of a project does nothing that has to be said what for.
pub(super) const UNNAMED: &str =
    "select hosts or environments by name, all of them with --all, or a Compose file with -f";

/// Whether a command is for Compose files: for those of --file or, outside of a project, for those that `docker
/// compose` would take.
pub(super) fn takes_files(names: &TargetArgs, files: &FileOptions, global: &Global) -> bool {
    !files.files.is_empty() || global.directory.is_none() && !names.is_used() && !project::is_here()
}

/// Refuses the options of hosts for files, and those of files for hosts.
pub(super) fn check_options(
    takes_files: bool,
    files: &FileOptions,
    pr: Option<PullRequest>,
    global: &Global,
) -> anyhow::Result<()> {
    if !takes_files && files.has_settings() {
        bail!("--profile, --project-name and --project-directory require --file");
    }
    if takes_files && pr.is_some() {
        bail!("--pr cannot be used with --file");
    }
    if takes_files && global.directory.is_some() {
        bail!("-C cannot be used with --file; use --project-directory");
    }
    Ok(())
}

/// The only one that is selected, for a command that takes one host.
pub(super) fn only<T>(
    what: &str,
    selected: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
) -> anyhow::Result<T> {
    let mut selected = selected.into_iter();
    match (selected.len(), selected.next()) {
        (1, Some(one)) => Ok(one),
        (count, _) => {
            bail!("{what} takes one host, but {count} are selected; select one with --host")
        }
    }
}

/// What a command line names, with the specs of its hosts. Where it names none, all hosts are meant.
pub(super) fn with_catalog(
    names: &TargetArgs,
    previews: Previews,
    files: &FileOptions,
    engine: &EngineArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<(Vec<Target>, Option<&'static Catalog>)> {
    names.refuse_files(Files::Taken)?;
    let takes_files = takes_files(names, files, global);
    check_options(takes_files, files, engine.pr, global)?;
    if !takes_files {
        let (targets, catalog) = of_hosts(names, previews, files, engine, global, terminal)?;
        return Ok((targets, Some(catalog)));
    }
    let engine = engine.named(global).unwrap_or("default");
    let (target, warnings) = target::of_files(files.request()?, engine)?;
    for warning in &warnings {
        terminal.warn(warning);
    }
    let surroundings = Surroundings::of_process();
    if target::ignores_docker_host(&surroundings, std::iter::once(engine)) {
        terminal.detail("DOCKER_HOST is ignored: the command line names the engine");
    }
    Ok((vec![target], None))
}

fn of_hosts(
    names: &TargetArgs,
    previews: Previews,
    files: &FileOptions,
    engine: &EngineArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<(Vec<Target>, &'static Catalog)> {
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, engine.pr)?;
    let plan = match previews {
        Previews::Existing => names.existing(catalog, engine.pr)?,
        Previews::Any => names.plan(catalog, engine.pr)?,
    };
    let hosts = Hosts {
        root: &root,
        catalog,
        pull_request: engine.pr,
        docker: engine.named(global),
        env_files: &files.env_files,
    };
    let targets = of_plan(&plan, &hosts, templates, terminal)?;
    Ok((targets, catalog))
}

/// Refuses one engine for several hosts.
pub(super) fn expect_one(plan: &RenderPlan<'_>, hosts: &Hosts<'_>) -> anyhow::Result<()> {
    if hosts.docker.is_some() && plan.hosts.len() != 1 {
        bail!(
            "--docker names one engine, but {} hosts are selected; select one with --host",
            plan.hosts.len()
        );
    }
    Ok(())
}

/// The targets of the hosts of a plan.
pub(super) fn of_plan(
    plan: &RenderPlan<'_>,
    hosts: &Hosts<'_>,
    templates: &Templates,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Target>> {
    expect_one(plan, hosts)?;
    for warning in hosts.warnings() {
        terminal.warn(&warning);
    }
    let rendered = render::render(hosts.catalog, templates, plan, hosts.pull_request)?;
    for ignored in hosts.ignored(plan) {
        terminal.detail(&ignored);
    }
    let (targets, warnings) = hosts.targets(plan, &rendered)?;
    for warning in &warnings {
        terminal.warn(warning);
    }
    Ok(targets)
}

/// Runs requests to engines. What is left when they end, such as the lookup of a name, is not waited
/// for: every host had its time.
pub(super) fn block_on<T>(requests: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let answer = runtime.block_on(requests);
    runtime.shutdown_background();
    Ok(answer)
}

/// The day, as ignore rules mean it.
pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The services that the files of targets have.
pub(super) fn services(targets: &[Target]) -> BTreeSet<&str> {
    let services = targets
        .iter()
        .flat_map(|target| target.expected.services.keys());
    services.map(String::as_str).collect()
}

/// The services of the files of targets that are in a profile which is not enabled, and how to enable it.
pub(super) fn disabled(targets: &[Target]) -> BTreeMap<String, String> {
    let services = targets.iter().flat_map(|target| {
        let rendered = target
            .file
            .as_deref()
            .filter(|_| target.texts.are_rendered());
        let how = match (&target.id.host, rendered) {
            (None, _) => "enable it with --profile".to_owned(),
            (Some(host), None) => format!("enable it in `profiles` of host `{host}`"),
            // The specs of a rendered host enable none.
            (Some(_), Some(file)) => {
                let file = shell::command(["-f", file]);
                format!("enable it with --profile, beside `{file}`")
            }
        };
        let services = target.expected.unused.services.iter();
        services.map(move |service| (service.clone(), how.clone()))
    });
    services.collect()
}

/// Refuses a service that none has: a mistyped name would select nothing, and look clean.
pub(super) fn check_services<'a>(
    selected: &mut impl Iterator<Item = &'a str>,
    known: &BTreeSet<&str>,
    disabled: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let Some(unknown) = selected.find(|name| !known.contains(name)) else {
        return Ok(());
    };
    if let Some(how) = disabled.get(unknown) {
        bail!("service `{unknown}` is in a profile that is not enabled: {how}");
    }
    let meant = DidYouMean::of(unknown, known.iter().copied());
    bail!("there is no service `{unknown}`{meant}")
}

/// Refuses what cannot be done for a swarm.
pub(super) fn refuse_swarms(targets: &[Target], what: &str) -> anyhow::Result<()> {
    let swarm = targets.iter().find(|target| target.orchestrator.is_swarm());
    match swarm {
        Some(swarm) => bail!("`{}` is a swarm: {what}", swarm.id.title()),
        None => Ok(()),
    }
}

/// What the targets run: as their engines say, or as a snapshot of the only one says.
pub(super) fn observations(
    targets: Vec<Target>,
    snapshot: Option<&Path>,
    engine: &EngineArgs,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Observation>> {
    match snapshot {
        Some(file) => Ok(vec![from_snapshot(targets, file)?]),
        None => observe(targets, engine, terminal),
    }
}

/// Observes all hosts at once. One that does not answer does not keep others from being reported.
fn observe(
    targets: Vec<Target>,
    engine: &EngineArgs,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Observation>> {
    let asked = targets.into_iter().map(|target| {
        (target.id.title().to_owned(), async move {
            let start = Instant::now();
            let observed = target
                .observe(engine.timeout, engine.depth(Contents::Comparable))
                .await;
            Observation {
                observed: observed.map_err(|unobserved| unobserved.to_string()),
                took: start.elapsed(),
                is_snapshot: false,
                target,
            }
        })
    });
    block_on(progress::all(asked.collect(), terminal))
}

fn from_snapshot(targets: Vec<Target>, file: &Path) -> anyhow::Result<Observation> {
    let mut target = only("--snapshot", targets)?;
    let observed = target.snapshot(file)?;
    Ok(Observation {
        target,
        observed: Ok(observed),
        took: Duration::ZERO,
        is_snapshot: true,
    })
}
