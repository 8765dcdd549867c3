//! `composegen state`

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use indoc::indoc;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, Files, TargetArgs, seconds};
use super::{Global, Outcome, Terminal, project};
use crate::compose::{self, Loaded};
use crate::docker::Contents;
use crate::patch::{self, LiveFile};
use crate::render;
use crate::report::patch::left_out;
use crate::spec::PullRequest;
use crate::target;
use crate::variables::Variables;

/// Print the state that Compose files describe, as JSON (version 1); or with --live, a Compose file of what a host runs.
///
/// Values that may be secret are hidden: of variables and labels, of commands, and others.
///
/// The files of --file, or those that `docker compose` would use, are read as `docker compose` reads them: variables come from the environment
/// and from `.env`; one that is not set is empty.
///
/// With a host, the Compose file of the host is rendered in memory; if it has files of its own, they are read. Variables come from the environment
/// and from --env-file; one that is not set is left as written and listed under `unset`.
///
/// With --live, the engine is asked, and only the project and the engine are taken from the spec or the file. The Compose file has what
/// neither the images nor the engine set by themselves. A value that may be secret is a variable that has to be set: `${WEB_DB_PASSWORD:?}`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["names", "host", "env", "all", "files"]))]
#[command(after_help = indoc! {"
    Examples:
      # What do these files mean, as Compose reads them?
      composegen state -f compose.yml -f compose.prod.yml --env-file .env.prod

      # What is expected of a host?
      composegen state vps-prod"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Pull request number, for a preview host
    #[arg(long, value_name = "N")]
    pr: Option<PullRequest>,
    /// Print a Compose file of what the host runs
    #[arg(long)]
    live: bool,
    /// With --live, engine to use instead of the one in the spec
    #[arg(long, value_name = "URL|context:NAME", requires = "live")]
    docker: Option<String>,
    /// With --live, time limit for the host, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    #[command(flatten)]
    files: FileOptions,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    options.targets.refuse_files(Files::Taken)?;
    if options.live {
        return live(options, global, terminal);
    }
    let takes_files = targets::takes_files(&options.targets, &options.files, global);
    if !takes_files && !options.targets.is_used() {
        bail!(targets::UNNAMED);
    }
    targets::check_options(takes_files, &options.files, options.pr, global)?;
    if takes_files {
        of_files(&options.files, terminal)?;
    } else {
        of_host(options, global, terminal)?;
    }
    Ok(Outcome::Clean)
}

/// Prints a Compose file of what a host runs.
fn live(options: &Options, global: &Global, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let engine = EngineArgs::at(options.docker.clone(), options.pr, options.timeout);
    let targets = targets::of(&options.targets, &options.files, &engine, global, terminal)?;
    let target = targets::only("a state", &targets)?;
    let why =
        "its services cannot be written as a Compose file; `composegen snapshot` has them as JSON";
    targets::refuse_swarms(&targets, why)?;
    let depth = engine.depth(Contents::None);
    let observed = targets::block_on(target.observe(engine.timeout, depth))?
        .map_err(|unobserved| anyhow!("{}: {unobserved}", target.id.title()))?;
    if !patch::has_services(&observed) {
        bail!(
            "{}: project `{}` has no containers{}",
            target.id.title(),
            observed.project,
            patch::other_projects(&observed)
        );
    }
    let file = LiveFile::of(target, &observed, targets::today())
        .context("what runs cannot be written as a Compose file")?;
    for (finding, why) in &file.left {
        terminal.warn(&left_out(finding, *why));
    }
    terminal.write(|out| out.text(&file.text))?;
    Ok(Outcome::Clean)
}

fn of_files(files: &FileOptions, terminal: &Terminal) -> anyhow::Result<()> {
    print(&compose::load(&files.request()?)?, terminal)
}

fn print(loaded: &Loaded, terminal: &Terminal) -> anyhow::Result<()> {
    for warning in &loaded.warnings {
        terminal.warn(warning);
    }
    for path in &loaded.read {
        terminal.detail(&format!("read {}", path.display()));
    }
    terminal.write(|out| out.value(&loaded.state))
}

fn of_host(options: &Options, global: &Global, terminal: &Terminal) -> anyhow::Result<()> {
    let pr = options.pr;
    let root = project::root(global)?;
    let variables = Variables::from_process();
    let variables = compose::with_files(variables, &options.files.env_files)?;
    let (catalog, templates) = render::load(&root, pr)?;
    let plan = options.targets.existing(catalog, pr)?;
    let planned = targets::only("a state", &plan.hosts)?;
    let host = &planned.host.name;
    if pr.is_some() && !planned.environment.per_pull_request {
        bail!("--pr is only for preview hosts, and `{host}` is not one");
    }
    if let Some(by_hand) = planned.host.by_hand() {
        let (here, request) =
            target::request(&root, planned.host, by_hand, &options.files.env_files);
        let loaded = compose::load_from(&here, &request)?;
        return print(&loaded, terminal);
    }
    let rendered = render::render(catalog, templates, &plan, pr)?;
    for one in &rendered {
        let (state, _) = target::expected(&root, one, &variables)?;
        terminal.write(|out| out.value(&state))?;
    }
    Ok(())
}
