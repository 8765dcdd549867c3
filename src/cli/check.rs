//! `composegen check`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;

use super::compose_file::arguments;
use super::targets::{Files, TargetArgs};
use super::{Format, Global, Outcome, Terminal, format, project};
use crate::compose::{Request, Unset};
use crate::files::{Root, limits};
use crate::git::Git;
use crate::journal::Journal;
use crate::redact::Form;
use crate::render::{self, Plan, Selection, Templates};
use crate::report::Report as _;
use crate::report::check::CheckReport;
use crate::rules::{self, Subject};
use crate::source::Source;
use crate::spec::{ByHand, Catalog, FilePath};
use crate::variables::Variables;

/// Check the specs and the Compose files rendered from them against every rule.
///
/// Environments are always checked against each other; with names, only findings about these hosts and
/// environments are shown. With --file, no spec is needed: Compose files are checked with everything
/// that they extend and include, and several files also for what they would share on one machine.
/// Variables are checked as written. To check files that override each other as one, merge them first:
/// `docker compose -f A -f B config | composegen check --file -`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Compose file to check instead, `-` for standard input; can be repeated
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["names", "host", "env", "all"])]
    file: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<CheckReport>())]
    pub(super) format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    options.targets.refuse_files(Files::Taken)?;
    let report = if options.file.is_empty() {
        of_project(&options.targets, global, terminal)?
    } else if global.directory.is_some() {
        bail!("-C cannot be used with --file; give the path of the file");
    } else {
        of_files(&options.file)?
    };
    terminal.detail(&format!(
        "checked {} files against {} rules in {:.1?}",
        report.files,
        report.rules,
        start.elapsed()
    ));
    terminal.write(|out| report.write(options.format, out))?;
    Ok(Outcome::of(report.findings.len()))
}

fn of_project(
    targets: &TargetArgs,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<CheckReport> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, None)?;
    // An unknown name is a mistake of the user's, and not "no findings".
    targets.plan(catalog, None)?;
    for (_, host) in catalog.hosts() {
        for file in host
            .by_hand()
            .into_iter()
            .flat_map(|by_hand| &by_hand.missing)
        {
            terminal.warn(&format!(
                "`{}` of host `{}` does not exist here; what depends on its variables is not checked",
                file.value, host.name
            ));
        }
    }
    judge(&root, catalog, templates, &targets.given())
}

/// Checks a project against every rule.
pub(super) fn judge(
    root: &Root,
    catalog: &Catalog,
    templates: &Templates,
    names: &[String],
) -> anyhow::Result<CheckReport> {
    let plan = Plan::of(catalog, &Selection::default(), None)?;
    let (rendered, unread) = render::render_noting_unread(catalog, templates, &plan, None)?;
    let texts = templates.sources().map(Arc::clone);
    let subject = Subject {
        variables: committed(root, catalog),
        ..Subject::of_project(catalog, &rendered, unread, texts, Journal::load(root)?)?
    };
    let selected = catalog
        .hosts()
        .filter(|(_, host)| names.iter().any(|name| name == host.name.as_str()));
    let owners: Vec<String> = selected
        .map(|(environment, _)| environment.name.to_string())
        .collect();
    let judgement = rules::judge(&subject);
    Ok(CheckReport::of(
        judgement,
        names,
        &owners,
        subject.deployed.len(),
    ))
}

/// The files of variables that are in version control. Where git does not say so, none is.
fn committed(root: &Root, catalog: &Catalog) -> Vec<Arc<Source>> {
    let by_hand = catalog.hosts().filter_map(|(_, host)| host.by_hand());
    let names: BTreeSet<&str> = by_hand
        .flat_map(ByHand::env_files)
        .map(FilePath::as_str)
        .collect();
    let git = Git::of(root);
    names
        .into_iter()
        .filter(|name| matches!(git.committed(name), Ok(Some(_))))
        .filter_map(|name| {
            let text = root.text(Path::new(name), limits::ENV_FILE).ok()?;
            Some(Source::of(Form::Variables, name, text))
        })
        .collect()
}

fn of_files(files: &[PathBuf]) -> anyhow::Result<CheckReport> {
    let here = std::env::current_dir().context("cannot determine the current directory")?;
    let request = Request {
        // Services that run only at times are checked too.
        profiles: vec!["*".to_owned()],
        ..Request::new(Variables::from_process(), Unset::Keep)
    };
    let subject = Subject::of_files(arguments(files)?, &here, &request)?;
    let judgement = rules::judge(&subject);
    Ok(CheckReport::of(judgement, &[], &[], files.len()))
}
