//! `composegen state`

use anyhow::bail;
use clap::Args;

use super::compose_file::FileOptions;
use super::{Global, Outcome, Terminal, project};
use crate::compose::{self, Loaded};
use crate::render::{self, Plan, Selection};
use crate::spec::PullRequest;
use crate::target;
use crate::variables::Variables;

/// Print the state that Compose files describe, as JSON (version 1).
///
/// Values that may be secret are hidden: of variables and labels, of commands, and others.
///
/// With --file, the files are read as `docker compose` reads them: variables come from the environment
/// and from `.env`; one that is not set is empty.
///
/// With --host, the Compose file of the host is rendered in memory; if it has files of its own, they are read. Variables come from the environment
/// and from --env-file; one that is not set is left as written and listed under `unset`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["host", "files"]))]
pub(super) struct Options {
    /// Host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
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
    match &options.host {
        Some(_) if options.files.has_settings() => {
            bail!("--profile, --project-name and --project-directory require --file")
        }
        Some(host) => of_host(host, options, global, terminal)?,
        None if options.pr.is_some() => bail!("--pr requires --host"),
        None if global.directory.is_some() => {
            bail!("-C cannot be used with --file; use --project-directory")
        }
        None => of_files(&options.files, terminal)?,
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

fn of_host(
    host: &str,
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let pr = options.pr;
    let root = project::root(global)?;
    let variables = Variables::from_process();
    let variables = compose::with_files(variables, &options.files.env_files)?;
    let (catalog, templates) = project::load(&root, pr)?;
    let mut plan = Plan::of(catalog, &Selection(vec![host.to_owned()]), pr)?;
    plan.hosts
        .retain(|planned| planned.host.name.as_str() == host);
    let Some(planned) = plan.hosts.first() else {
        let environments = catalog.environments.iter();
        let own = environments.filter(|environment| environment.name.as_str() == host);
        let hosts: Vec<&str> = own
            .flat_map(|environment| &environment.hosts)
            .map(|host| host.name.as_str())
            .collect();
        bail!(
            "`{}` is an environment; its hosts are {}",
            host,
            hosts.join(", ")
        );
    };
    if !planned.is_written {
        bail!(
            "`{host}` exists once per pull request; give its number: composegen state --host {host} --pr 123"
        );
    }
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
