//! `composegen render`

use std::time::Instant;

use anyhow::bail;
use clap::Args;
use indoc::indoc;

use super::targets::{Files, TargetArgs};
use super::{Format, Global, Outcome, Terminal, format, project, write_file};
use crate::render::{self, RenderPlan, RenderedFiles};
use crate::report::Report as _;
use crate::report::render::RenderReport;
use crate::spec::{Catalog, PullRequest};

/// Render the Compose files of all hosts, or of the given hosts and environments.
///
/// Files are written only if all of them render, are valid Compose files and match their specs; then
/// only changed files are replaced, atomically. A preview environment is written if --pr is given, and
/// otherwise only verified.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # Render all hosts
      composegen render

      # In CI: exit 1 and show a diff if a generated file is not up to date
      composegen render --check

      # The preview of a pull request, to standard output
      composegen render preview --pr 123 --stdout

    Exit status:
      0 rendered (with --check: up to date), 1 with --check: stale, missing or orphaned files, 2 errors"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// Write nothing; show a diff and exit 1 if a file is stale, missing or orphaned
    #[arg(long, conflicts_with_all = ["diff", "stdout"])]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long, conflicts_with = "stdout")]
    diff: bool,
    /// Write nothing; print the files, separated by `---` (on a terminal, control characters are escaped)
    #[arg(long, conflicts_with = "format")]
    stdout: bool,
    /// Pull request number, for a preview environment
    #[arg(long, value_name = "N")]
    pr: Option<PullRequest>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format::<RenderReport>())]
    pub(super) format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    options.targets.refuse_files(Files::Refused)?;
    let root = project::root(global)?;
    let is_dry = options.check || options.diff || options.stdout;
    // Before anything is read, so that of two runs the later one also read later.
    let lock = project::lock_unless(is_dry, &root, terminal)?;
    let (catalog, templates) = render::load(&root, options.pr)?;
    let plan = options.targets.plan(catalog, options.pr)?;
    check_pull_request(options, catalog, &plan)?;
    terminal.detail(&format!(
        "read {} environments, {} hosts and {} templates in {:.1?}",
        catalog.environments.len(),
        catalog.hosts().count(),
        templates.names().count(),
        start.elapsed()
    ));
    let rendered = render::render(catalog, templates, &plan, options.pr)?;
    terminal.detail(&format!(
        "rendered and verified {} files in {:.1?}",
        rendered.len(),
        start.elapsed()
    ));
    if terminal.is_verbose() {
        explain(&plan, &rendered, terminal);
    }
    if options.stdout {
        let texts: Vec<&str> = rendered
            .iter()
            .filter(|one| one.planned.is_written)
            .map(|one| one.source.text.as_str())
            .collect();
        write_file(&texts.join("---\n"))?;
        return Ok(Outcome::Clean);
    }
    let changes = RenderedFiles::of(&root, catalog, &rendered, plan.is_whole)?;
    if let Some(lock) = &lock {
        render::remove_leftovers(&root, catalog, lock)?;
        changes.write(lock)?;
    }
    let has_diffs = is_dry || options.format != Format::Human;
    let report = RenderReport::of(&changes, &rendered, !is_dry, has_diffs);
    terminal.write(|out| report.write(options.format, out))?;
    terminal.detail(&format!("done in {:.1?}", start.elapsed()));
    let outcome = if options.check && !changes.is_empty() {
        Outcome::Findings
    } else {
        Outcome::Clean
    };
    // The process ends now, which frees all at once.
    std::mem::forget((changes, rendered));
    Ok(outcome)
}

/// Says which hosts are not rendered, and what templates add.
fn explain(plan: &RenderPlan<'_>, rendered: &[render::Rendered<'_>], terminal: &Terminal) {
    for planned in &plan.hosts {
        if planned.host.by_hand().is_some() {
            terminal.detail(&format!(
                "host `{}` has files of its own and is not rendered",
                planned.host.name
            ));
        }
    }
    for one in rendered {
        for (fields, services) in one.added() {
            terminal.detail(&format!(
                "{}: its template adds {} to {}",
                one.planned.host.name,
                fields.join(", "),
                services.join(", ")
            ));
        }
    }
}

/// Refuses a number without a preview environment, and a named preview environment without a number.
fn check_pull_request(
    options: &Options,
    catalog: &Catalog,
    plan: &RenderPlan<'_>,
) -> anyhow::Result<()> {
    let is_preview = |planned: &render::Planned<'_>| planned.environment.per_pull_request;
    let preview = plan.hosts.iter().find(|planned| is_preview(planned));
    match (options.pr, preview) {
        (Some(_), None) => {
            let environments = catalog.environments.iter();
            let known: Vec<&str> = environments
                .filter(|environment| environment.per_pull_request)
                .map(|environment| environment.name.as_str())
                .collect();
            if known.is_empty() {
                bail!(
                    "--pr cannot be used here: no environment is a preview (`per: pull-request`)"
                );
            }
            bail!(
                "--pr is only for preview environments: {}",
                known.join(", ")
            );
        }
        (None, Some(planned)) if !plan.is_whole => bail!(
            "`{name}` exists once per pull request; give its number: composegen render {name} --pr 123",
            name = planned.environment.name
        ),
        _ => Ok(()),
    }
}
