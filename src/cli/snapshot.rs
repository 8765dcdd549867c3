//! `composegen snapshot`

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{ArgGroup, Args};
use indoc::indoc;

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, TargetArgs};
use super::{Global, Outcome, Terminal, progress};
use crate::docker::Contents;
use crate::files;
use crate::redact::{self, Salt};
use crate::text::plural::counted;

/// The mode of a new file, as it holds the inside of a host and digests of its secrets.
const MODE: u32 = 0o600;

/// Save what a host runs of its project, for `composegen drift --snapshot` elsewhere.
///
/// A snapshot contains no secrets: values that may be secret, such as those of variables, labels and
/// commands, are stored as salted digests, which can still be compared.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").args(["names", "host", "env", "all", "files"])))]
#[command(after_help = indoc! {"
    Examples:
      # Save what a host runs, and compare it elsewhere
      composegen snapshot vps-prod -o vps-prod.json
      composegen drift vps-prod --snapshot vps-prod.json

    Exit status:
      0 written, 2 the host cannot be reached"})]
pub(super) struct Options {
    #[command(flatten)]
    targets: TargetArgs,
    /// File to write atomically; a new file is readable only by its owner [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    files: FileOptions,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let targets = targets::of(
        &options.targets, &options.files, &options.engine, global, terminal,
    )?;
    let target = targets::only("a snapshot", &targets)?;
    let observing = target.observe(options.engine.timeout, options.engine.depth(Contents::All));
    let asked = vec![(target.id.title().to_owned(), observing)];
    let observed = targets::block_on(progress::all(asked, terminal))?
        .into_iter()
        .next()
        .context("no engine was asked")?
        .map_err(|unobserved| anyhow!("{}: {unobserved}", target.id.title()))?;
    let salt = Salt::random().context("cannot generate a salt for the snapshot")?;
    let observed = observed.snapshot(&salt);
    let text = redact::to_json(&observed)?;
    let file = options.output.as_ref();
    match file.filter(|file| file.as_os_str() != "-") {
        None => terminal.write(|out| out.text(&text))?,
        Some(file) => {
            files::write_named(file, text.as_bytes(), MODE)
                .with_context(|| format!("cannot write `{}`", file.display()))?;
            let containers = observed.live.as_ref().map(|live| live.containers.len());
            let count = match &observed.stack {
                Some(stack) => counted(stack.services.len(), "service", "services"),
                None => counted(containers.unwrap_or_default(), "container", "containers"),
            };
            terminal.say(&format!(
                "wrote {}: {} of project {}",
                file.display(),
                count,
                observed.project
            ));
        }
    }
    Ok(Outcome::Clean)
}
