//! `composegen snapshot`

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::{ArgGroup, Args};

use super::compose_file::FileOptions;
use super::targets::{self, EngineArgs, Names};
use super::{Global, Outcome, Terminal, write_out};
use crate::files;
use crate::redact::{self, Salt};

/// The mode of a new file. What is in it is the inside of a host, and digests of its secrets.
const MODE: u32 = 0o600;

/// Write down what a host runs of its project, for `composegen drift --snapshot` elsewhere.
///
/// Secrets are not in it: of the values of variables and labels, the words of commands, and what else
/// may be secret, it holds digests with a salt of its own, which tell whether they are as expected.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["host", "files"])))]
pub(super) struct Options {
    /// The host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Where to write it, whole or not at all; a new file is for its owner alone [default: standard output]
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
    let names = Names {
        hosts: options.host.as_slice(),
        environments: &[],
    };
    let targets = targets::of(names, &options.files, &options.engine, global, terminal)?;
    let [target] = targets.as_slice() else {
        bail!(
            "a snapshot is of one host, but {} are selected; select one with --host",
            targets.len()
        );
    };
    let observed = targets::block_on(target.observe(options.engine.timeout))?
        .map_err(|unobserved| anyhow!("{}: {unobserved}", target.title()))?;
    let salt = Salt::random().context("no random numbers for the salt of the snapshot")?;
    let observed = observed.snapshot(&salt);
    let text = redact::to_json(&observed)?;
    match &options.output {
        None => write_out(&text)?,
        Some(file) => {
            files::write_named(file, text.as_bytes(), MODE)
                .with_context(|| format!("cannot write `{}`", file.display()))?;
            let count = observed
                .live
                .as_ref()
                .map_or(0, |live| live.containers.len());
            terminal.say(&format!(
                "wrote {}: {count} containers of project {}",
                file.display(),
                observed.project
            ));
        }
    }
    Ok(Outcome::Clean)
}
