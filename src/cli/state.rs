//! `composegen state`

use anyhow::bail;
use clap::Args;

use super::{Global, Outcome, project, write_out};
use crate::compose::{self, Unset, Variables};
use crate::render::{self, Plan, Selection};
use crate::spec::PullRequest;

/// Print the state that a host's Compose file asks for, as JSON (version 1).
///
/// The file is rendered in memory and read back. Variables are filled in from the environment of
/// this process; one that is not set stays as it is written.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The host
    #[arg(long, value_name = "HOST")]
    host: String,
    /// The number of the pull request, for a host that exists once per pull request
    #[arg(long, value_name = "N")]
    pr: Option<PullRequest>,
}

pub(super) fn run(options: &Options, global: &Global) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, options.pr)?;
    let mut plan = Plan::of(&catalog, &Selection(vec![options.host.clone()]), options.pr)?;
    plan.hosts
        .retain(|planned| planned.host.name.as_str() == options.host);
    let Some(planned) = plan.hosts.first() else {
        let environments = catalog.environments.iter();
        let own = environments.filter(|environment| environment.name.as_str() == options.host);
        let hosts: Vec<&str> = own
            .flat_map(|environment| &environment.hosts)
            .map(|host| host.name.as_str())
            .collect();
        bail!(
            "`{}` is an environment; its hosts are {}",
            options.host,
            hosts.join(", ")
        );
    };
    if !planned.is_written {
        bail!(
            "`{name}` exists once per pull request; say which: composegen state --host {name} --pr 123",
            name = options.host
        );
    }
    if options.pr.is_some() && !planned.environment.per_pull_request {
        bail!("--pr has no use here: `{}` exists once only", options.host);
    }
    let rendered = render::render(&catalog, &templates, &plan, options.pr)?;
    for one in &rendered {
        let directory = std::path::absolute(root.join(&one.source.name))?;
        let read = compose::Options {
            directory: directory.parent().unwrap_or(&directory).to_owned(),
            variables: Variables::from_process(),
            unset: Unset::Keep,
            reads_files: true,
        };
        let state = compose::read(&one.source, &read)?;
        write_out(&(serde_json::to_string_pretty(&state)? + "\n"))?;
    }
    Ok(Outcome::Clean)
}
