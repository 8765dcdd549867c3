//! How the docker CLI reaches a target, for the help lines of its findings.

use std::path::{Path, PathBuf};

use crate::compose::{FileArgument, Request};
use crate::drift::Commands;
use crate::files::Root;
use crate::render::Planned;
use crate::spec::PullRequest;
use crate::state::{MountKind, State};
use crate::text::shell;

/// The commands for a file that a spec renders, after `before` where one has to run first.
pub(super) fn of_host(
    file: &Path,
    env_files: &[PathBuf],
    engine: &str,
    before: Option<&String>,
    expected: &State,
    directory: &str,
    is_elsewhere: bool,
) -> Commands {
    let mut options = vec!["-f".to_owned(), from_here(file)];
    for file in env_files {
        options.extend(["--env-file".to_owned(), file.display().to_string()]);
    }
    Commands {
        docker: Some(docker(engine)),
        compose: Some(options).filter(|_| !(is_elsewhere && binds_below(expected, directory))),
        before: before.cloned(),
    }
}

/// The commands for files that a command line names.
pub(super) fn of_files(
    request: &Request,
    engine: &str,
    expected: &State,
    directory: &str,
    is_elsewhere: bool,
) -> Commands {
    Commands {
        docker: Some(docker(engine)),
        compose: options(request).filter(|_| !(is_elsewhere && binds_below(expected, directory))),
        before: None,
    }
}

/// The command that renders a host's file.
pub(super) fn render(
    root: &Root,
    planned: &Planned<'_>,
    pull_request: Option<PullRequest>,
) -> String {
    let command = planned.command(pull_request);
    let here = std::env::current_dir().unwrap_or_default();
    let root = super::absolute(root.path());
    if here.starts_with(&root) {
        return command;
    }
    let root = root.display().to_string();
    format!("{command} {}", shell::command(["-C", &root]))
}

/// A request with its files as they are named from the current folder.
pub(crate) fn named_from_here(mut request: Request) -> Request {
    for file in &mut request.files {
        if let FileArgument::Path(path) = file {
            *path = PathBuf::from(from_here(path));
        }
    }
    for path in &mut request.env_files {
        *path = PathBuf::from(from_here(path));
    }
    request
}

fn docker(engine: &str) -> Vec<String> {
    let words = match (engine, engine.strip_prefix("context:")) {
        ("default", _) => vec!["docker"],
        (_, Some(name)) => vec!["docker", "--context", name.trim()],
        (url, None) => vec!["docker", "-H", url],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// The options of the same request to `docker compose`; nothing where it is of standard input.
fn options(request: &Request) -> Option<Vec<String>> {
    let mut options = Vec::new();
    let mut add = |name: &str, value: String| options.extend([name.to_owned(), value]);
    for file in &request.files {
        add("-f", file.path()?.display().to_string());
    }
    if let Some(folder) = &request.project_directory {
        add("--project-directory", folder.display().to_string());
    }
    if let Some(name) = &request.project_name {
        add("-p", name.clone());
    }
    for file in &request.env_files {
        add("--env-file", file.display().to_string());
    }
    for profile in &request.profiles {
        add("--profile", profile.clone());
    }
    Some(options)
}

/// Whether a service mounts something of the project's own folder. To an engine elsewhere, Compose
/// would name the folder of this machine.
fn binds_below(expected: &State, directory: &str) -> bool {
    expected
        .services
        .values()
        .flat_map(|service| &service.mounts)
        .filter(|mount| mount.kind == MountKind::Bind)
        .filter_map(|mount| mount.source.as_deref())
        .any(|source| Path::new(source).starts_with(directory))
}

/// A path relative to the current folder if it is below it, else unchanged.
fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}
