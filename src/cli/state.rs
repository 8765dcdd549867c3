//! `composegen state`

use anyhow::bail;
use clap::Args;
use indoc::indoc;

use super::compose_file::FileOptions;
use super::targets::{self, Files, TargetArgs};
use super::{Global, Outcome, Terminal, project};
use crate::compose::{self, Loaded};
use crate::render;
use crate::spec::PullRequest;
use crate::target;
use crate::variables::Variables;

/// Print the state that Compose files describe, as JSON (version 1).
///
/// Values that may be secret are hidden: of variables and labels, of commands, and others.
///
/// The files of --file, or those that `docker compose` would take, are read as `docker compose` reads them: variables come from the environment
/// and from `.env`; one that is not set is empty.
///
/// With a host, the Compose file of the host is rendered in memory; if it has files of its own, they are read. Variables come from the environment
/// and from --env-file; one that is not set is left as written and listed under `unset`.
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
    #[command(flatten)]
    files: FileOptions,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    options.targets.refuse_files(Files::Taken)?;
    let is_host = !targets::takes_files(&options.targets, &options.files, global);
    if is_host && !options.targets.is_used() {
        bail!(targets::UNNAMED);
    } else if is_host && options.files.has_settings() {
        bail!("--profile, --project-name and --project-directory require --file");
    } else if is_host {
        of_host(options, global, terminal)?;
    } else if options.pr.is_some() {
        bail!("--pr requires --host");
    } else if global.directory.is_some() {
        bail!("-C cannot be used with --file; use --project-directory");
    } else {
        of_files(&options.files, terminal)?;
    }
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
    let (catalog, templates) = project::load(&root, pr)?;
    let plan = options.targets.existing(catalog, pr)?;
    let [planned] = plan.hosts.as_slice() else {
        bail!(
            "a state is of one host, but {} are selected; select one with --host",
            plan.hosts.len()
        );
    };
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
