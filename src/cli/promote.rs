//! `composegen promote`

use std::collections::BTreeSet;

use anyhow::Context as _;
use clap::Args;
use indoc::indoc;

use super::custom_rules::RulesArgs;
use super::{Format, Global, Outcome, Terminal, candidates, format, project};
use crate::files::Root;
use crate::git::{Git, Revision};
use crate::journal::{self, Journal};
use crate::promote::{self, Candidate, Evidence};
use crate::render::{self, RenderPlan, RenderedFiles, Selection, Templates};
use crate::report::Report as _;
use crate::report::promote::PromoteReport;
use crate::rules::{Project, RuleSelection};
use crate::severity::Level;
use crate::spec::{Catalog, Environment};

/// Check whether a branch, tag or release can be promoted to an environment, and what changes there.
///
/// It can if it matches the environment's `promotion` and meets its requirements, no rule that the
/// catalogue selects for `check` reports an error for the environment, and the files are rendered and
/// committed. --record adds the promotion to the release journal (releases/journal.jsonl). Exit status 1
/// means that it cannot.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # Can this release go to prod?
      composegen promote v1.4.0 --to prod

      # Record the promotion
      composegen promote v1.4.0 --to prod --record --approved-by alex

    Exit status:
      0 it can be promoted, 1 it cannot, 2 errors"})]
pub(super) struct Options {
    /// Branch, tag or release
    #[arg(value_name = "REF|RELEASE")]
    reference: Revision,
    /// Environment to promote to
    #[arg(long, value_name = "ENV", add = candidates::environments())]
    to: String,
    /// Record the promotion in the release journal, if it is allowed
    #[arg(long)]
    record: bool,
    /// Name of the person who approves it
    #[arg(long, value_name = "NAME")]
    approved_by: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<PromoteReport>())]
    format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let git = Git::of(&root);
    // Two that record at once would both follow the same entry.
    let lock = project::lock_unless(!options.record, &root, terminal)?;
    let (catalog, templates) = render::load(&root, None)?;
    let environment = project::environment(catalog, &options.to)?;
    let journal = Journal::load(&root)?;
    let (commit, name) = promote::resolve(git, &options.reference)?;
    let approver = options.approved_by.as_deref();
    let candidate = Candidate {
        reference: options.reference.as_str(),
        commit: &commit,
        approver: approver.filter(|name| promote::is_name(name)),
        name: &name,
    };
    let plan = RenderPlan::of(catalog, &Selection(vec![options.to.clone()]), None)?;
    let rendered = render::render(catalog, templates, &plan, None)?;
    let (errors, env_files) = checked(&root, catalog, templates, environment)?;
    let evidence = Evidence {
        root: &root,
        catalog,
        environment,
        journal: &journal,
        is_rendered: RenderedFiles::of(&root, catalog, &rendered, false)?.is_empty(),
        env_files: &env_files,
        errors: &errors,
    };
    let mut report = PromoteReport {
        reference: options.reference.to_string(),
        environment: options.to.clone(),
        files: promote::released(&root, git, &rendered, &journal, environment, &env_files),
        refusals: promote::decide(&candidate, &evidence)?,
        is_per_pull_request: environment.per_pull_request,
        is_recorded: false,
        commit: commit.clone(),
    };
    if let (Some(lock), true, Ok(name)) = (&lock, report.is_allowed(), &name) {
        let entry = candidate.entry(name, environment, &report.files, &journal)?;
        journal::append(&root, lock, &entry)
            .with_context(|| format!("cannot write `{}`", journal::FILE))?;
        report.is_recorded = true;
    }
    terminal.write(|out| report.write(options.format, out))?;
    Ok(Outcome::of(report.refusals.len()))
}

/// The codes of the rules that report errors for an environment, and the env files that its hosts read.
fn checked(
    root: &Root,
    catalog: &Catalog,
    templates: &Templates,
    environment: &Environment,
) -> anyhow::Result<(Vec<&'static str>, BTreeSet<String>)> {
    let custom = RulesArgs::default().with_catalog(root, catalog)?;
    let names = [environment.name.to_string()];
    let mut project = Project::new(root, catalog, templates, custom, RuleSelection::default())?;
    project.names = &names;
    project.selection.level = Some(Level::Error);
    project.check_then(|subject, checked| {
        let codes = checked.findings.iter().map(|one| one.rule.code).collect();
        Ok((codes, subject.env_files_of(root, environment)))
    })
}
