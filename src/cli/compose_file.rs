//! Naming Compose files on the command line, as with `docker compose`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use crate::compose::{self, FileArgument, Request, Unset};
use crate::files::{self, limits};
use crate::orchestrator::Orchestrator;
use crate::target;
use crate::variables::Variables;

/// Compose files, and the options that go with them.
#[derive(Debug, Args)]
pub(super) struct FileOptions {
    /// Compose file, `-` for standard input; several are merged, as with `docker compose` [default: outside of a
    /// project, the files that `docker compose` would use]
    #[arg(short, long = "file", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Env file; with --file, instead of `.env`
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
    /// What runs the project of the files
    #[arg(long = "engine", value_name = "ENGINE", value_enum, default_value_t)]
    pub(super) orchestrator: Orchestrator,
    /// Profile to enable
    #[arg(long = "profile", value_name = "NAME")]
    profiles: Vec<String>,
    /// Project name
    #[arg(short, long, value_name = "NAME")]
    project_name: Option<String>,
    /// Directory that relative paths start from [default: that of the first file]
    #[arg(long, value_name = "DIR")]
    project_directory: Option<PathBuf>,
}

impl FileOptions {
    /// Whether an option is given that requires --file.
    pub(super) fn has_settings(&self) -> bool {
        !self.profiles.is_empty() || self.project_name.is_some() || self.project_directory.is_some()
    }

    /// The files to read: those that are named, or those that `docker compose` would find. Variables come from this process, and one without a value is empty, as in
    /// Compose.
    pub(super) fn request(&self) -> anyhow::Result<Request> {
        let mut request = Request {
            files: arguments(&self.files)?,
            project_directory: self.project_directory.clone(),
            project_name: self.project_name.clone(),
            env_files: self.env_files.clone(),
            profiles: self.profiles.clone(),
            orchestrator: self.orchestrator,
            ..Request::new(Variables::from_process(), Unset::Strict)
        };
        if request.files.is_empty() {
            request = target::named_from_here(compose::found(request)?);
        }
        Ok(request)
    }
}

/// The given files; `-` is standard input.
pub(super) fn arguments(named: &[PathBuf]) -> anyhow::Result<Vec<FileArgument>> {
    let is_text = |file: &&PathBuf| file.as_os_str() == "-";
    if named.iter().filter(is_text).count() > 1 {
        bail!("standard input can be read only once");
    }
    let files = named.iter().map(|file| {
        Ok(if is_text(&file) {
            FileArgument::Text(standard_input()?)
        } else {
            FileArgument::Path(file.clone())
        })
    });
    files.collect()
}

fn standard_input() -> anyhow::Result<String> {
    files::standard_input(limits::COMPOSE_FILE).context("cannot read standard input")
}
