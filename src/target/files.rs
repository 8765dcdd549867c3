//! A target that is named by its Compose files, without any spec.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Target, Texts, absolute, commands, is_elsewhere, modified};
use crate::compose::{self, FileArgument, Request, Unset};
use crate::diagnostic::{self, Diagnostics};
use crate::docker::{Endpoint, Surroundings, Unresolved};
use crate::drift::Context;
use crate::host_id::HostId;
use crate::parallel;
use crate::variables::Variables;

/// The target of Compose files on an engine, and what Compose would warn of.
pub(crate) fn of_files(
    mut request: Request,
    engine: &str,
) -> Result<(Target, Vec<String>), Diagnostics> {
    // Whether a host runs what a variable without a value would give is not known.
    request.unset = Unset::Keep;
    let here = diagnostic::current_folder()?;
    let endpoint = Endpoint::resolve(engine, &Surroundings::of_process());
    let (mut target, mut warnings) = on_engine(&here, &request, engine, endpoint)?;
    warnings.extend(target.knows_variables());
    Ok((target, warnings))
}

/// The target of files that are named from the folder `here`.
pub(super) fn on_engine(
    here: &Path,
    request: &Request,
    engine: &str,
    endpoint: Result<Endpoint, Unresolved>,
) -> Result<(Target, Vec<String>), Diagnostics> {
    // Reading the files without any variable shows which fields name one.
    let bare = Request {
        environment: bare(&request.environment),
        ..request.clone()
    };
    let (from_variables, loaded) = parallel::both(
        || compose::load_from(here, &bare).map(|loaded| loaded.state.unset),
        || compose::load_from(here, request),
    );
    let loaded = loaded?;
    let is_elsewhere = is_elsewhere(&endpoint);
    let is_text = request
        .files
        .iter()
        .any(|file| matches!(file, FileArgument::Text(_)));
    let directory = loaded.directory.display().to_string();
    let target = Target {
        id: HostId {
            project: loaded.state.project.clone(),
            ..HostId::default()
        },
        folder: loaded.directory,
        file: named(&request.files, &loaded.read),
        orchestrator: request.orchestrator,
        endpoint,
        context: Context {
            // Standard input has no modification time.
            modified: modified(&loaded.read).filter(|_| !is_text),
            from_variables: from_variables.unwrap_or_default().into_keys().collect(),
            files: Some(paths(&request.files)).filter(|_| !is_text && !is_elsewhere),
            commands: commands::of_files(request, engine, &loaded.state, &directory, is_elsewhere),
            directory: Some(directory).filter(|_| is_elsewhere),
            ..Context::default()
        },
        texts: Texts::Written {
            here: here.to_owned(),
            brought: loaded
                .brought
                .into_iter()
                .filter(|path| {
                    let mut named = request.files.iter().filter_map(FileArgument::path);
                    !is_text && !named.any(|named| here.join(named) == *path)
                })
                .collect(),
            request: Request {
                // Where it was found counts, whatever the files then say.
                project_name: Some(loaded.state.project.clone()),
                ..request.clone()
            },
        },
        expected: loaded.state,
        ignore: loaded.ignore,
        stale: None,
    };
    Ok((target, loaded.warnings))
}

/// The paths of Compose files, as Compose writes them on the label of a container.
fn paths(files: &[FileArgument]) -> BTreeSet<String> {
    files
        .iter()
        .filter_map(|file| Some(absolute(file.path()?).display().to_string()))
        .collect()
}

/// The first Compose file: of the command line, or the one that was found.
fn named(files: &[FileArgument], read: &[PathBuf]) -> Option<String> {
    let path = match files.first() {
        Some(file) => file.path(),
        None => read.first().map(PathBuf::as_path),
    };
    path.map(|path| path.display().to_string())
}

/// The variables that say where a project is, without those that its files could name.
fn bare(variables: &Variables) -> Variables {
    variables.only(|name| name == "HOME" || name.starts_with("COMPOSE_"))
}
