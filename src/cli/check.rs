//! `composegen check`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::compose_file::arguments;
use super::{Global, Outcome, Terminal, project, write_json, write_parts};
use crate::compose::{Request, Unset};
use crate::files::Root;
use crate::journal::Journal;
use crate::render::{self, Plan, Rendered, Selection, Templates};
use crate::report::check::{self as report, CheckReport};
use crate::rules::{self, Subject};
use crate::spec::Catalog;
use crate::variables::Variables;

/// Hold every rule against the specs, and against the Compose files that they give.
///
/// What one environment says of another is always looked at; with names, only findings about these
/// hosts and environments are shown. With `--file` no spec is needed: the rules that look at Compose
/// files are held against the files given, with all that they extend and include, and of several
/// what they would share on one machine. Variables are looked at as they are written. Files that are
/// laid over each other are one: `docker compose -f A -f B config | composegen check --file -`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Hosts or environments [default: all]
    #[arg(value_name = "HOST|ENV", conflicts_with = "file")]
    names: Vec<String>,
    /// Check any Compose file instead; may be given several times, and `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    let report = if options.file.is_empty() {
        of_project(&options.names, global)?
    } else if global.directory.is_some() {
        bail!("-C has no use with --file; name the file by its path");
    } else {
        of_files(&options.file)?
    };
    terminal.detail(&format!(
        "held {} rules against {} files in {:.1?}",
        report.rules,
        report.files,
        start.elapsed()
    ));
    let is_clean = report.findings.is_empty();
    match options.format {
        Form::Human if terminal.is_quiet && is_clean => {}
        Form::Human => write_parts(|out| report::human(&report, terminal.out, out))?,
        Form::Json => write_json(&report::json(&report))?,
        Form::Sarif => write_json(&report::sarif(&report))?,
        Form::Github => write_parts(|out| report::github(&report, out))?,
    }
    Ok(if is_clean {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn of_project(names: &[String], global: &Global) -> anyhow::Result<CheckReport> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, None)?;
    // A name that nothing bears is a mistake of the user's, and not "nothing found".
    Plan::of(catalog, &Selection(names.to_vec()), None)?;
    judge(&root, catalog, templates, names)
}

/// Holds every rule against a project.
pub(super) fn judge(
    root: &Root,
    catalog: &Catalog,
    templates: &Templates,
    names: &[String],
) -> anyhow::Result<CheckReport> {
    let rendered = rendered(catalog, templates)?;
    let texts = templates.sources().map(Arc::clone);
    let subject = Subject::of_project(catalog, &rendered, texts, Journal::load(root)?)?;
    let selected = catalog
        .hosts()
        .filter(|(_, host)| names.iter().any(|name| name == host.name.as_str()));
    let owners: Vec<String> = selected
        .map(|(environment, _)| environment.name.to_string())
        .collect();
    let judgement = rules::judge(&subject);
    Ok(CheckReport::of(judgement, names, &owners, rendered.len()))
}

/// Every Compose file of a project.
pub(super) fn rendered<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
) -> anyhow::Result<Vec<Rendered<'a>>> {
    let mut plan = Plan::of(catalog, &Selection::default(), None)?;
    // A value that no template uses is for `render` to refuse: often it is the other half of what a
    // rule finds here, and must not hide it.
    plan.is_whole = false;
    Ok(render::render(catalog, templates, &plan, None)?)
}

fn of_files(files: &[PathBuf]) -> anyhow::Result<CheckReport> {
    let here = std::env::current_dir().context("cannot find the current folder")?;
    let request = Request {
        // What runs only at times is looked at too.
        profiles: vec!["*".to_owned()],
        ..Request::new(Variables::from_process(), Unset::Keep)
    };
    let subject = Subject::of_files(arguments(files)?, &here, &request)?;
    let judgement = rules::judge(&subject);
    Ok(CheckReport::of(judgement, &[], &[], files.len()))
}
