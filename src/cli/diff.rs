//! `composegen diff`

use anyhow::bail;
use clap::Args;
use indoc::indoc;

use super::{Format, Global, Outcome, Terminal, candidates, format, project};
use crate::journal::Journal;
use crate::render::{self, RenderPlan};
use crate::report::Report as _;
use crate::report::diff::DiffReport;
use crate::rules::{Subject, parity};

/// Show the differences between two environments, and which of them are allowed.
///
/// Compares services, networks, volumes, routes and service settings. If one environment mirrors the
/// other, a difference that the spec of the mirror does not allow is a finding (exit status 1). Domains
/// and namespaces belong to one environment each and are not compared.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # What differs between staging and prod?
      composegen diff staging prod

    Exit status:
      0 every difference is allowed, 1 some are not, 2 errors"})]
pub(super) struct Options {
    /// Environment
    #[arg(value_name = "ENV", add = candidates::environments())]
    first: String,
    /// Environment to compare it with
    #[arg(value_name = "ENV", add = candidates::environments())]
    second: String,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<DiffReport>())]
    format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, None)?;
    let first = project::environment(catalog, &options.first)?;
    let second = project::environment(catalog, &options.second)?;
    if first.name == second.name {
        bail!("cannot compare `{}` with itself", first.name);
    }
    let plan = RenderPlan::whole(catalog, None);
    let mut rendered = render::render_to_judge(catalog, templates, &plan, None)?;
    let subject = Subject::of_project(catalog, &mut rendered, [], Journal::default())?;
    let differences = parity::differences(&subject, first, second);
    let report = DiffReport::of(first, second, differences);
    terminal.write(|out| report.write(options.format, out))?;
    Ok(Outcome::of(report.not_allowed()))
}
