//! `composegen catalog`

use clap::Args;
use indoc::indoc;

use super::measure::{self, MeasureArgs};
use super::targets::{self, Files, TargetArgs};
use super::{Format, Global, Outcome, Terminal, format, project};
use crate::render;
use crate::report::Report as _;
use crate::report::catalog::CatalogReport;

/// Show the environments at a glance: domains, isolation, upstreams, data, secrets, hosts.
///
/// Shows only what the specs declare. Health is as declared until it is measured: --live compares each host with its
/// engine.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # What the specs say, as a page of Markdown
      composegen catalog --format markdown

      # How prod is doing
      composegen catalog prod --live

    Exit status:
      With --live or --snapshot: 0 in sync, 1 a host drifted or is unhealthy, 2 a host cannot be reached"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<CatalogReport>())]
    format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    options.targets.refuse_files(Files::Refused)?;
    let measure = &options.measure;
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, measure.pr)?;
    let plan = options.targets.plan(catalog, measure.pr)?;
    let hosts = measure.hosts(&root, catalog);
    let measured = if measure.is_given() {
        let targets = targets::of_plan(&plan, &hosts, templates, terminal)?;
        measure.measure(&plan, targets, terminal)?
    } else {
        None
    };
    let of_hosts = measured.as_ref().map(|measured| &measured.report.hosts);
    let report = CatalogReport::of(catalog, &plan, of_hosts.map_or(&[], Vec::as_slice));
    terminal.write(|out| report.write(options.format, out))?;
    Ok(measure::outcome(measured.as_ref(), 0))
}
