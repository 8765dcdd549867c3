//! `composegen report`

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use indoc::indoc;

use super::custom_rules::RulesArgs;
use super::measure::{self, MeasureArgs, Measured};
use super::targets::{self, Files, TargetArgs};
use super::{Global, Outcome, Terminal, project};
use crate::files::{Root, limits, write_named};
use crate::graph::{self, Graph, LiveHost, ShownHost, Styles};
use crate::history;
use crate::journal::Journal;
use crate::render::{self, Planned, RenderPlan};
use crate::report::catalog::CatalogReport;
use crate::report::check::CheckReport;
use crate::report::history::HistoryReport;
use crate::report::html::GENERATOR;
use crate::report::site::SiteReport;
use crate::rules::{Project, RuleSelection};
use crate::target;

/// The page in its directory.
const PAGE: &str = "index.html";

/// The mode of a new page, less the umask.
const MODE: u32 = 0o644;

/// Write one page for a browser: environments, rules, promotion, drift and history.
///
/// The page is a single file that needs no server and makes no requests. Without --live and --snapshot no host is
/// measured, and the page says so. An existing index.html that composegen did not write is not replaced.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # A page of everything, with live hosts
      composegen report -o public --live

    Exit status:
      0 the page shows no findings, 1 it shows some, 2 a host cannot be reached or the page was not written"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Directory of the page (DIR/index.html); it is created if it does not exist
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    measure: MeasureArgs,
    /// File that `drift --record` wrote
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    options.targets.refuse_files(Files::Refused)?;
    let measure = &options.measure;
    let runs = options.history.as_deref().map(history::load).transpose()?;
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, measure.pr)?;
    let plan = options.targets.plan(catalog, measure.pr)?;
    let hosts = measure.hosts(&root, catalog);
    let targets = targets::of_plan(&plan, &hosts, templates, terminal)?;
    let shown = measure::shown(&targets, Some(catalog), measure.pr);
    let measured = measure.measure(&plan, targets, terminal)?;
    let pictures = pictures(&plan, &shown, measured.as_ref());
    let of_hosts = measured.as_ref().map(|measured| &measured.report.hosts);
    let custom = RulesArgs::default().with_catalog(&root, catalog)?;
    let project = Project {
        names: &options.targets.given(),
        ..Project::new(&root, catalog, templates, custom, RuleSelection::default())?
    };
    let check = CheckReport::of(project.check()?);
    let outcome = measure::outcome(measured.as_ref(), check.checked.findings.len());
    let site = SiteReport {
        specs: catalog,
        catalog: CatalogReport::of(catalog, &plan, of_hosts.map_or(&[], Vec::as_slice)),
        check,
        journal: &Journal::load(&root)?,
        drift: measured.map(|measured| measured.report),
        history: runs.map(|runs| HistoryReport::of(&runs, &[])),
        pictures,
        folder: target::absolute(root.path()).display().to_string(),
    };
    let file = write(&options.output, &site.html()?)?;
    terminal.say(&format!("wrote {}", file.display()));
    Ok(outcome)
}

/// A picture of each host: of what was found on it where it was measured, else of what is expected.
fn pictures(
    plan: &RenderPlan<'_>,
    shown: &[ShownHost<'_>],
    measured: Option<&Measured>,
) -> BTreeMap<String, String> {
    let live: BTreeMap<&str, LiveHost<'_>> = measured
        .map(|measured| {
            let hosts = measured.report.hosts.iter().zip(measured.live());
            hosts.filter_map(|(one, live)| Some((one.id.host.as_deref()?, live)))
        })
        .into_iter()
        .flatten()
        .collect();
    let graph = |(planned, shown): (&Planned<'_>, &ShownHost<'_>)| {
        let live = live.get(planned.host.name.as_str()).copied();
        Graph::of(shown.input(live))
    };
    let mut graphs: Vec<Graph> = plan.hosts.iter().zip(shown).map(graph).collect();
    graph::connect(&mut graphs);
    let pictures = plan.hosts.iter().zip(&graphs).map(|(planned, graph)| {
        let svg = graph::svg(std::slice::from_ref(graph), None, Styles::OfPage);
        (planned.host.name.to_string(), svg)
    });
    pictures.collect()
}

/// Writes the page whole, unless something else has its name.
fn write(folder: &Path, page: &str) -> anyhow::Result<PathBuf> {
    let file = folder.join(PAGE);
    let cannot = || format!("cannot write `{}`", file.display());
    let root = Root::create(folder).with_context(cannot)?;
    match root.own_bytes(Path::new(OsStr::new(PAGE)), limits::PAGE) {
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error).with_context(cannot),
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains(GENERATOR) => {}
        Ok(_) => bail!(
            "`{}` was not written by composegen; choose another directory",
            file.display()
        ),
    }
    write_named(&file, page.as_bytes(), MODE).with_context(cannot)?;
    Ok(file)
}
