//! `composegen state`

use anyhow::bail;
use clap::Args;

use super::compose_file::FileOptions;
use super::{Global, Outcome, Terminal, project, write_json};
use crate::compose;
use crate::render::{self, Plan, Selection};
use crate::spec::PullRequest;
use crate::target;
use crate::variables::Variables;

/// Print the state that Compose files ask of a host, as JSON (version 1).
///
/// The values of variables and labels, the words of commands, and what else may be secret are hidden.
///
/// With --file, the files mean what they mean to `docker compose`: variables come from this process
/// and from `.env`, and one that is not set is empty.
///
/// With --host, the host's file is rendered in memory and read back. Variables come from this
/// process and from --env-file; one that is not set stays as it is written, and is listed under `unset`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["host", "files"]))]
pub(super) struct Options {
    /// The host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// The number of the pull request, for a host that exists once per pull request
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
            bail!("--profile, --project-name and --project-directory go with --file")
        }
        Some(host) => of_host(host, options, global)?,
        None if options.pr.is_some() => bail!("--pr goes with --host"),
        None if global.directory.is_some() => {
            bail!("-C has no use with --file; --project-directory says where paths start from")
        }
        None => of_files(&options.files, terminal)?,
    }
    Ok(Outcome::Clean)
}

fn of_files(files: &FileOptions, terminal: &Terminal) -> anyhow::Result<()> {
    let loaded = compose::load(&files.request()?)?;
    for warning in &loaded.warnings {
        terminal.warn(warning);
    }
    for path in &loaded.read {
        terminal.detail(&format!("read {}", path.display()));
    }
    write_json(&loaded.state)
}

fn of_host(host: &str, options: &Options, global: &Global) -> anyhow::Result<()> {
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
            "`{host}` exists once per pull request; say which: composegen state --host {host} --pr 123"
        );
    }
    if pr.is_some() && !planned.environment.per_pull_request {
        bail!("--pr has no use here: `{host}` exists once only");
    }
    let rendered = render::render(catalog, templates, &plan, pr)?;
    for one in &rendered {
        let (state, _) = target::expected(&root, one, &variables)?;
        write_json(&state)?;
    }
    Ok(())
}
