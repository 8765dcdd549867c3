//! A request to read a project: its files, directory, variables and name, found as Compose finds them (compose-go, `cli/options.go`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::expected;
use super::extension;
use super::interpolate::Unset;
use super::loader::{File, LoadContext, Loader, NamedBy, Reading};
use super::notes::Stop;
use super::tree::Map;
use crate::diagnostic::{self, Diagnostic, Diagnostics};
use crate::drift::IgnoreRule;
use crate::orchestrator::Orchestrator;
use crate::source::{Place, Source};
use crate::state::State;
use crate::variables::Variables;

/// A project that is to be read.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its Compose files, each merged into those before it. Where there are none, `COMPOSE_FILE` names
    /// them, or the first `compose.yaml` upwards is used.
    pub files: Vec<FileArgument>,
    /// The files that others include or extend and that have this text instead of their own, by their paths.
    pub edited: BTreeMap<PathBuf, String>,
    /// The folder that relative paths start from (`--project-directory`); that of the first file
    /// where it is not set.
    pub project_directory: Option<PathBuf>,
    /// Its name (`-p`), which wins over any other.
    pub project_name: Option<String>,
    /// Env files (`--env-file`), instead of `.env`.
    pub env_files: Vec<PathBuf>,
    /// The enabled profiles (`--profile`).
    pub profiles: Vec<String>,
    /// The variables of the process. Those of Compose count: `COMPOSE_PROJECT_NAME`,
    /// `COMPOSE_PROFILES`, `COMPOSE_FILE`, `COMPOSE_PATH_SEPARATOR`, `COMPOSE_ENV_FILES`,
    /// `COMPOSE_DISABLE_ENV_FILE`.
    pub environment: Variables,
    /// What becomes of a variable without a value.
    pub unset: Unset,
    /// What the project is to run on.
    pub orchestrator: Orchestrator,
}

impl Request {
    /// A project of which only the variables are given.
    pub fn new(environment: Variables, unset: Unset) -> Self {
        Self {
            files: Vec::new(),
            edited: BTreeMap::new(),
            project_directory: None,
            project_name: None,
            env_files: Vec::new(),
            profiles: Vec::new(),
            environment,
            unset,
            orchestrator: Orchestrator::default(),
        }
    }
}

/// A Compose file, as it is named on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileArgument {
    /// A file.
    Path(PathBuf),
    /// A file, with this text instead of its own.
    Edited(PathBuf, String),
    /// The text of standard input.
    Text(String),
}

impl FileArgument {
    /// The path of a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Edited(path, _) => Some(path),
            Self::Text(_) => None,
        }
    }
}

/// A project that was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it asks of a host.
    pub state: State,
    /// The findings of `drift` that it ignores.
    pub(crate) ignore: Vec<IgnoreRule>,
    /// The folder that relative paths start from.
    pub(crate) directory: PathBuf,
    /// Every file behind it: Compose files, included ones, env files and files of labels.
    pub(crate) read: Vec<PathBuf>,
    /// Those of the project's folder that its Compose files include or extend.
    pub(crate) brought: BTreeSet<PathBuf>,
    /// What Compose would warn of.
    pub warnings: Vec<String>,
}

/// Reads a project, without what `docker stack deploy` refuses of it.
pub(super) fn load_meant(here: &Path, request: &Request) -> Result<Loaded, Diagnostics> {
    let mut loader = Loader {
        reads_files: true,
        home: request.environment.get("HOME").map(str::to_owned),
        edited: request.edited.clone(),
        orchestrator: request.orchestrator,
        ..Loader::new(Reading::Meant, request.unset, here)
    };
    let state = loader.load(request);
    let notes = loader.notes;
    match state {
        Ok((state, ignore, directory)) if notes.problems.is_empty() => Ok(Loaded {
            state,
            ignore,
            directory,
            read: notes.read,
            brought: notes.brought,
            warnings: notes.warnings.into_iter().collect(),
        }),
        _ => Err(notes.problems),
    }
}

/// A request that names no files, with those of `COMPOSE_FILE` or of the nearest folder upwards. If that is another folder, Compose
/// reads the `.env` of both; that of the current one wins.
pub(crate) fn found(mut request: Request) -> Result<Request, Diagnostics> {
    let here = diagnostic::current_folder()?;
    let mut loader = Loader {
        reads_files: true,
        home: request.environment.get("HOME").map(str::to_owned),
        ..Loader::new(Reading::Meant, request.unset, &here)
    };
    match loader.surroundings(&request) {
        Ok(surroundings) => {
            request.files = surroundings.files;
            request.env_files.extend(surroundings.more_env_files);
            Ok(request)
        }
        Err(_) => Err(loader.notes.problems),
    }
}

impl Loader {
    /// The state of a project, its ignore rules, and the folder that relative paths start from.
    fn load(&mut self, request: &Request) -> Result<(State, Vec<IgnoreRule>, PathBuf), Stop> {
        let surroundings = self.surroundings(request)?;
        let files = self.files(&surroundings.files)?;
        let mut variables = surroundings.variables;
        let name = self.name(request, &files, &surroundings.directory, &variables)?;
        if !request.orchestrator.is_swarm() {
            variables.set("COMPOSE_PROJECT_NAME", &name);
        }
        let profiles = profiles(request, &variables);
        let context = LoadContext {
            directory: surroundings.directory,
            variables: Arc::new(variables),
        };
        let first = files
            .first()
            .map(|file| file.path.clone())
            .unwrap_or_default();
        let model = self.model(files, &context, &[])?;
        if model.as_map().is_none_or(Map::is_empty) {
            let source = Source::new(self.display(&first), "");
            return self.notes.stop(
                Diagnostic::new("the file is empty", Place::whole(&source))
                    .label("expected a mapping with `services`"),
            );
        }
        let ignore = extension::rules(&model, &mut self.notes);
        let state = expected::project(self, model, &name, &context, &profiles)?;
        Ok((state, ignore, context.directory))
    }

    /// Reads the files of a command line.
    pub(super) fn files(&mut self, arguments: &[FileArgument]) -> Result<Vec<File>, Stop> {
        let read = arguments.iter().map(|file| match file {
            FileArgument::Path(path) => {
                let path = self.absolute(path);
                self.file(&path, NamedBy::User)
            }
            FileArgument::Edited(path, text) => {
                let path = self.absolute(path);
                let source = Source::new(self.display(&path), text.clone());
                self.text(&source, &path)
            }
            FileArgument::Text(text) => {
                let source = Source::new("standard input", text.clone());
                self.text(&source, Path::new(&source.name))
            }
        });
        read.collect()
    }
}

/// The enabled profiles.
fn profiles(request: &Request, variables: &Variables) -> Vec<String> {
    if !request.profiles.is_empty() {
        return request.profiles.clone();
    }
    let list = variables.get("COMPOSE_PROFILES").unwrap_or_default();
    list.split(',').map(|name| name.trim().to_owned()).collect()
}
