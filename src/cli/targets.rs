//! The hosts or files that `drift` and `snapshot` are given on the command line.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::compose_file::FileOptions;
use super::{Global, Terminal, project};
use crate::docker::{Contents, Depth};
use crate::render::{self, Plan, Selection};
use crate::spec::{Catalog, PullRequest};
use crate::target::{self, Hosts, Target};

/// Which engine is observed, and how.
#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Engine to use instead of the one in the spec
    #[arg(long, value_name = "URL|context:NAME")]
    docker: Option<String>,
    /// Pull request number, for a preview host
    #[arg(long, value_name = "N")]
    pr: Option<PullRequest>,
    /// Time limit for each host, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Compare what bound files hold with the files of the project here; a snapshot gets their digests
    #[arg(long)]
    pub(super) content: bool,
    /// List what was changed inside containers, in files that are part of no volume
    #[arg(long)]
    changes: bool,
}

impl EngineArgs {
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

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() && seconds <= 3600.0 => Ok(duration),
        _ => Err("expected more than 0 and at most 3600 seconds".into()),
    }
}

/// Hosts and environments by their names; none means all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) either: &'a [String],
    pub(super) hosts: &'a [String],
    pub(super) environments: &'a [String],
}

impl Names<'_> {
    /// The hosts that are named.
    fn plan<'b>(&self, catalog: &'b Catalog, pr: Option<PullRequest>) -> anyhow::Result<Plan<'b>> {
        let all = [self.either, self.hosts, self.environments].concat();
        let mut plan = Plan::of(catalog, &Selection(all), pr)?;
        let is_host = |name: &str| plan.hosts.iter().any(|one| one.host.name.as_str() == name);
        let is_environment = |name: &str| {
            let mut hosts = plan.hosts.iter();
            hosts.any(|one| one.environment.name.as_str() == name)
        };
        if let Some(name) = self.hosts.iter().find(|name| !is_host(name)) {
            bail!("`{name}` is an environment; select all of its hosts with --env {name}");
        }
        if let Some(name) = self.environments.iter().find(|name| !is_environment(name)) {
            bail!("`{name}` is a host; select it with --host {name}");
        }
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

/// What a command line names: Compose files, or hosts of a spec (none means all).
pub(super) fn of(
    names: Names<'_>,
    files: &FileOptions,
    engine: &EngineArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Target>> {
    if files.files.is_empty() {
        if files.has_settings() {
            bail!("--profile, --project-name and --project-directory require --file");
        }
        return of_hosts(names, files, engine, global, terminal);
    }
    if engine.pr.is_some() {
        bail!("--pr cannot be used with --file");
    }
    if global.directory.is_some() {
        bail!("-C cannot be used with --file; use --project-directory");
    }
    let engine = engine.docker.as_deref().unwrap_or("default");
    let (target, warnings) = target::of_files(files.request()?, engine)?;
    for warning in &warnings {
        terminal.warn(warning);
    }
    if !target::uses_docker_host(engine) && std::env::var_os("DOCKER_HOST").is_some() {
        terminal.detail("DOCKER_HOST is ignored: --docker names the engine");
    }
    Ok(vec![target])
}

fn of_hosts(
    names: Names<'_>,
    files: &FileOptions,
    engine: &EngineArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Target>> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, engine.pr)?;
    let plan = names.plan(catalog, engine.pr)?;
    if engine.docker.is_some() && plan.hosts.len() != 1 {
        bail!(
            "--docker names one engine, but {} hosts are selected; select one with --host",
            plan.hosts.len()
        );
    }
    let hosts = Hosts {
        root: &root,
        catalog,
        pull_request: engine.pr,
        docker: engine.docker.as_deref(),
        env_files: &files.env_files,
    };
    for warning in hosts.warnings() {
        terminal.warn(&warning);
    }
    let rendered = render::render(catalog, templates, &plan, engine.pr)?;
    for ignored in hosts.ignored(&plan) {
        terminal.detail(&ignored);
    }
    let (targets, warnings) = hosts.targets(&plan, &rendered)?;
    for warning in &warnings {
        terminal.warn(warning);
    }
    Ok(targets)
}

/// Runs requests to engines. What is left when they end, such as the lookup of a name, is not waited
/// for: every host had its time.
pub(super) fn block_on<T>(asking: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let answer = runtime.block_on(asking);
    runtime.shutdown_background();
    Ok(answer)
}
