//! `composegen check`

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::bail;
use clap::Args;
use indoc::indoc;

use super::compose_file::arguments;
use super::custom_rules::RulesArgs;
use super::targets::{Files, TargetArgs};
use super::{Format, Global, Outcome, Terminal, candidates, fix, format, project};
use crate::compose::{self, FileArgument, Request, Unset};
use crate::diagnostic::DidYouMean;
use crate::orchestrator::Orchestrator;
use crate::render;
use crate::report::Report as _;
use crate::report::check::CheckReport;
use crate::rules::{self, Baseline, Checked, Project, RuleSelection, Scope, Subject};
use crate::severity::{FailOn, Level};
use crate::target;
use crate::text::plural::counted;
use crate::variables::Variables;

/// Check the specs and the Compose files rendered from them against every rule.
///
/// Environments are always checked against each other; with names, only findings about these hosts and
/// environments are shown. With --file, or outside of a project, no spec is needed: Compose files are checked with everything
/// that they extend and include, and several files also for what they would share on one machine.
/// Variables are checked as written. With --merge, the files are those of one project, each merged into
/// those before it, as with `docker compose -f A -f B`.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # Check the project, or a Compose file
      composegen check
      composegen check -f compose.yml

      # Only these rules, for GitHub's code scanning
      composegen check --select 'secret-*' --format sarif

      # Show what can be fixed, then fix it
      composegen check -f compose.yml --fix
      composegen check -f compose.yml --fix --write

    Exit status:
      0 no findings, 1 findings (see --fail-on), 2 errors"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Compose file to check instead, `-` for standard input; can be repeated
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["names", "host", "env", "all"])]
    file: Vec<PathBuf>,
    /// What the files are for
    #[arg(
        long = "engine",
        value_name = "ENGINE",
        requires = "file",
        default_value_t,
        value_enum
    )]
    orchestrator: Orchestrator,
    /// Check the files as one project, each merged into those before it
    #[arg(long, requires = "file")]
    merge: bool,
    #[command(flatten)]
    selected: SelectionArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    fixes: FixArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<CheckReport>())]
    pub(super) format: Format,
}

/// Whether findings are fixed.
#[derive(Debug, Args)]
struct FixArgs {
    /// Show a diff that fixes what is safe to fix in Compose files that are written by hand; exit 1 if there is one
    #[arg(long, conflicts_with_all = ["format", "update_baseline"])]
    fix: bool,
    /// Write the files instead: all of them, or none
    #[arg(long, requires = "fix")]
    write: bool,
}

/// Which findings are reported, and which of them fail.
#[derive(Debug, Args)]
struct SelectionArgs {
    /// Report only these rules, of any level; `*` matches any text
    #[arg(long, value_name = "CODE", value_delimiter = ',', add = candidates::rules())]
    select: Vec<String>,
    /// Do not report these rules
    #[arg(long, value_name = "CODE", value_delimiter = ',', add = candidates::rules())]
    ignore: Vec<String>,
    /// Report findings of this level and worse [default: warning, or what the specs set]
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Exit with 1 only for findings of this level and worse [default: for all that are reported]
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
}

impl SelectionArgs {
    /// The selection, without what the settings of a file add.
    fn given(&self) -> RuleSelection {
        RuleSelection {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            level: self.level,
            fail_on: self.fail_on,
            ..RuleSelection::default()
        }
    }
}

/// Findings that are known.
#[derive(Debug, Args)]
struct BaselineArgs {
    /// File of known findings, which are not reported again
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings to that file
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
}

impl BaselineArgs {
    /// The findings without what the baseline knows, or with a baseline that knows all of them.
    fn apply(&self, checked: Checked, terminal: &Terminal) -> anyhow::Result<Checked> {
        let Some(file) = &self.baseline else {
            return Ok(checked);
        };
        if !self.update_baseline {
            return Ok(checked.since(Baseline::read(file)?));
        }
        let baseline = Baseline::update(file, &checked.findings, &checked.scope)?;
        let number = counted(baseline.len(), "finding", "findings");
        terminal.say(&format!("wrote {}: {number}", file.display()));
        Ok(checked.since(baseline))
    }
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    options.targets.refuse_files(Files::Taken)?;
    check(options, global, terminal, |subject, checked, here| {
        let checked = options.baseline.apply(checked, terminal)?;
        if options.fixes.fix {
            return fix::run(
                subject, &checked.findings, here, options.fixes.write, terminal,
            );
        }
        let mut report = CheckReport::of(checked);
        if options.format == Format::Sarif {
            report.fixes = rules::changes(subject, &report.checked.findings);
        }
        terminal.detail(&format!(
            "checked {} files against {} rules in {:.1?}",
            report.checked.files,
            report.rules(),
            start.elapsed()
        ));
        terminal.write(|out| report.write(options.format, out))?;
        let failing = report
            .checked
            .findings
            .iter()
            .filter(|one| report.fails(one));
        Ok(Outcome::of(failing.count()))
    })
}

/// Checks what the options name. `then` is given what was found, with the folder that names of files start from.
fn check<T>(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
    then: impl FnOnce(&Subject<'_>, Checked, &Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let is_named = options.targets.is_used() || global.directory.is_some();
    let files = arguments(&options.file)?;
    let mut projects: Vec<_> = if options.merge {
        vec![files]
    } else {
        files.into_iter().map(|file| vec![file]).collect()
    };
    let mut env_files = Vec::new();
    if projects.is_empty() {
        if is_named || project::is_here() {
            return of_project(options, global, terminal, then);
        }
        let request = Request::new(Variables::from_process(), Unset::Keep);
        let found = target::named_from_here(compose::found(request)?);
        projects.push(found.files);
        env_files = found.env_files;
    }
    if global.directory.is_some() {
        bail!("-C cannot be used with --file; give the path of the file");
    }
    if options.fixes.fix && options.file.iter().any(|file| file.as_os_str() == "-") {
        bail!("standard input cannot be fixed; name the file");
    }
    of_files(options, projects, env_files, then)
}

fn of_project<T>(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
    then: impl FnOnce(&Subject<'_>, Checked, &Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let targets = &options.targets;
    let root = project::root(global)?;
    let (catalog, templates) = render::load(&root, None)?;
    // An unknown name is a mistake of the user's, and not "no findings".
    targets.plan(catalog, None)?;
    for (_, host) in catalog.hosts() {
        for file in host
            .by_hand()
            .into_iter()
            .flat_map(|by_hand| &by_hand.missing)
        {
            let meant = DidYouMean(file.similar.as_deref());
            terminal.warn(&format!(
                "`{}` of host `{}` does not exist here; what depends on its variables is not checked{meant}",
                file.path, host.name,
            ));
        }
    }
    let custom = options.rules.with_catalog(&root, catalog)?;
    let here = std::path::absolute(root.path())?;
    let project = Project {
        names: &targets.given(),
        ..Project::new(&root, catalog, templates, custom, options.selected.given())?
    };
    project.check_then(|subject, checked| then(subject, checked, &here))
}

fn of_files<T>(
    options: &Options,
    projects: Vec<Vec<FileArgument>>,
    env_files: Vec<PathBuf>,
    then: impl FnOnce(&Subject<'_>, Checked, &Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let here = project::here()?;
    let (settings, custom) = options.rules.with_settings(&here)?;
    let selection = options
        .selected
        .given()
        .with(&custom)
        .over(settings.check.as_ref())?;
    let request = Request {
        // Services that run only at times are checked too.
        profiles: vec!["*".to_owned()],
        orchestrator: options.orchestrator,
        env_files,
        ..Request::new(Variables::from_process(), Unset::Keep)
    };
    let subject = Subject::of_files(projects, &here, &request)?;
    let custom = custom.check(&subject)?;
    let files = subject
        .deployed
        .iter()
        .flat_map(|one| one.file.sources())
        .map(|source| source.name.clone())
        .collect();
    let scope = Scope::of_files(selection, files, here.clone());
    let checked = Checked::of(&subject, &custom, scope);
    then(&subject, checked, &here)
}
