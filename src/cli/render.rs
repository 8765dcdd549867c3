//! `composegen render`

use std::time::Instant;

use anstyle::{AnsiColor, Style as Ansi};
use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::{Format, Global, Outcome, Terminal, project, write_file, write_json};
use crate::render::{self, Change, Changes, Plan, Rendered, Selection};
use crate::spec::{Catalog, PullRequest};

/// Render the Compose files of all hosts, or of those named.
///
/// Nothing is written unless every file of the run was rendered, reads back as valid and keeps to
/// its spec; then only files that changed are replaced, each at once. An environment that exists
/// once per pull request is rendered where its number is given, and otherwise only proved.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Hosts or environments [default: all]
    #[arg(value_name = "HOST|ENV")]
    names: Vec<String>,
    /// Write nothing; exit 1 and show a diff where a file is stale, missing or orphaned
    #[arg(long, conflicts_with_all = ["diff", "stdout"])]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long, conflicts_with = "stdout")]
    diff: bool,
    /// Write nothing; print the files, `---` between two (on a terminal, control characters are escaped)
    #[arg(long, conflicts_with = "format")]
    stdout: bool,
    /// The number of the pull request that a preview is for
    #[arg(long, value_name = "N")]
    pr: Option<PullRequest>,
    /// The form of the summary
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    let root = project::root(global)?;
    let is_dry = options.check || options.diff || options.stdout;
    // Before anything is read, so that of two runs the later one also read later.
    let lock = project::lock_unless(is_dry, &root, terminal)?;
    let (catalog, templates) = project::load(&root, options.pr)?;
    let selection = Selection(options.names.clone());
    let plan = Plan::of(catalog, &selection, options.pr)?;
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
        "rendered and proved {} files in {:.1?}",
        rendered.len(),
        start.elapsed()
    ));
    if options.stdout {
        let texts: Vec<&str> = written(&rendered)
            .map(|one| one.source.text.as_str())
            .collect();
        write_file(&texts.join("---\n"))?;
        return Ok(Outcome::Clean);
    }
    let changes = Changes::of(&root, catalog, &rendered, plan.is_whole)?;
    if let Some(lock) = &lock {
        render::remove_leftovers(&root, catalog, lock)?;
        changes.write(lock)?;
    }
    if is_dry && options.format == Format::Human {
        for file in &changes.files {
            terminal.diff(&file.diff())?;
        }
    }
    match options.format {
        Format::Human => summarise(&rendered, &changes, is_dry, terminal),
        Format::Json => write_json(&to_json(&changes, is_dry))?,
    }
    terminal.detail(&format!("done in {:.1?}", start.elapsed()));
    Ok(if options.check && !changes.is_empty() {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// A number where no environment asks for one, or none where the user named such an environment.
fn check_pull_request(options: &Options, catalog: &Catalog, plan: &Plan<'_>) -> anyhow::Result<()> {
    let asks = |planned: &render::Planned<'_>| planned.environment.per_pull_request;
    let asking = plan.hosts.iter().find(|planned| asks(planned));
    match (options.pr, asking) {
        (Some(_), None) => {
            let environments = catalog.environments.iter();
            let known: Vec<&str> = environments
                .filter(|environment| environment.per_pull_request)
                .map(|environment| environment.name.as_str())
                .collect();
            if known.is_empty() {
                bail!("--pr has no use here: no environment exists once per pull request");
            }
            bail!(
                "--pr has no use here: of the environments only {} exists once per pull request",
                known.join(", ")
            );
        }
        (None, Some(planned)) if !plan.is_whole => bail!(
            "`{name}` exists once per pull request; say which: composegen render {name} --pr 123",
            name = planned.environment.name
        ),
        _ => Ok(()),
    }
}

fn written<'a, 'b>(
    rendered: &'a [Rendered<'b>],
) -> impl Iterator<Item = &'a Rendered<'b>> + use<'a, 'b> {
    rendered.iter().filter(|one| one.planned.is_written)
}

fn summarise(rendered: &[Rendered<'_>], changes: &Changes<'_>, is_dry: bool, terminal: &Terminal) {
    let width = changes.files.iter().map(|file| file.path.len()).max();
    let width = width.unwrap_or(0);
    for file in &changes.files {
        let (word, colour) = match (file.change, is_dry) {
            (Change::Unchanged, _) => ("unchanged", None),
            (Change::Stale, true) => ("stale", Some(AnsiColor::Yellow)),
            (Change::Missing, true) => ("missing", Some(AnsiColor::Yellow)),
            (Change::Stale, false) => ("updated", Some(AnsiColor::Green)),
            (Change::Missing, false) => ("created", Some(AnsiColor::Green)),
            (Change::Orphaned, _) => ("orphaned", Some(AnsiColor::Yellow)),
        };
        let style = colour.map_or(Ansi::new(), AnsiColor::on_default);
        let fact = if file.change == Change::Orphaned {
            "no host renders it any more; delete it".to_owned()
        } else {
            format!("{} lines", file.lines())
        };
        let text = format!("  {:width$}  {fact}", file.path);
        terminal.say_with(&format!("{word:9}"), style, &text);
    }
    for one in rendered.iter().filter(|one| !one.planned.is_written) {
        terminal.say(&format!(
            "proved     {}: one per pull request; composegen render {} --pr N writes it",
            one.planned.host.name, one.planned.environment.name
        ));
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    written: bool,
    files: Vec<FileReport<'a>>,
}

#[derive(Serialize)]
struct FileReport<'a> {
    path: &'a str,
    change: &'static str,
    diff: String,
}

fn to_json<'a>(changes: &'a Changes<'_>, is_dry: bool) -> Report<'a> {
    let files = changes.files.iter().map(|file| FileReport {
        path: &file.path,
        change: match file.change {
            Change::Unchanged => "unchanged",
            Change::Stale => "stale",
            Change::Missing => "missing",
            Change::Orphaned => "orphaned",
        },
        diff: file.diff(),
    });
    Report {
        version: 1,
        written: !is_dry,
        files: files.collect(),
    }
}
