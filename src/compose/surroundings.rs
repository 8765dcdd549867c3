//! Where a project is, and what its files can name: found as Compose finds it (compose-go,
//! `cli/options.go`).

use std::path::{Path, PathBuf};

use super::dotenv::{self, Entries};
use super::growth::Growth;
use super::interpolate::Unset;
use super::loader::{Loader, NamedBy};
use super::notes::Stop;
use super::request::{FileArgument, Request};
use super::tree::Mark;
use super::wording::unset_warning;
use crate::diagnostic::Diagnostic;
use crate::fields::boolean;
use crate::files::{Boundary, limits};
use crate::redact::TextForm;
use crate::source::{Place, Source};
use crate::text::path::clean;
use crate::variables::Variables;

/// Names of files that are looked for where none is given, by precedence.
pub(crate) const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// Names of files that override those.
pub(crate) const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The env file that Compose reads by itself.
const DOT_ENV: &str = ".env";

/// The note on a `.env` beside the file of a stack (docker/cli, `cli/command/stack/loader.go`, `buildEnvironment`).
const NOT_READ: &str = "`.env` is ignored: `docker stack deploy` takes variables from the shell alone; \
                        if the shell has those of `.env`, use --env-file .env";

/// Where a project is, and what its files can name.
pub(super) struct Surroundings {
    pub(super) files: Vec<FileArgument>,
    pub(super) directory: PathBuf,
    pub(super) variables: Variables,
    /// The `.env` files to name if the files are named: the one beside them is read by itself, and that of the current folder
    /// is not.
    pub(super) more_env_files: Vec<PathBuf>,
}

impl Loader {
    /// The files, the folder and the variables of a project.
    pub(super) fn surroundings(&mut self, request: &Request) -> Result<Surroundings, Stop> {
        let mut variables = request.environment.clone();
        if variables.get("PWD").is_none() && !request.orchestrator.is_swarm() {
            variables.set("PWD", &self.here.display().to_string());
        }
        let mut files = request.files.clone();
        let mut directory = self.directory(request, &files);
        self.boundary = Boundary::around(&directory);
        let explicit = env_files(request, &variables);
        self.environment(request, &explicit, &directory, &mut variables)?;
        let mut more_env_files = Vec::new();
        if files.is_empty() {
            files = self.find_files(&variables, &directory)?;
            let found = self.directory(request, &files);
            if found != directory {
                let is_read = |folder: &Path| has_dot_env(request, &explicit, folder);
                if is_read(&directory) && !request.orchestrator.is_swarm() {
                    let both = [&found, &directory].into_iter();
                    let both = both.filter(|folder| is_read(folder));
                    more_env_files = both.map(|folder| folder.join(DOT_ENV)).collect();
                }
                directory = found;
                self.boundary = Boundary::around(&directory);
                self.environment(request, &explicit, &directory, &mut variables)?;
            }
        }
        Ok(Surroundings {
            files,
            directory,
            variables,
            more_env_files,
        })
    }

    pub(super) fn absolute(&self, path: &Path) -> PathBuf {
        PathBuf::from(clean(&self.here.join(path).display().to_string()))
    }

    /// `--project-directory`, or the directory of the first file, or the current one.
    fn directory(&self, request: &Request, files: &[FileArgument]) -> PathBuf {
        if let Some(directory) = &request.project_directory {
            return self.absolute(directory);
        }
        let first = files
            .iter()
            .find_map(FileArgument::path)
            .map(|path| self.absolute(path));
        let directory = first.and_then(|first| first.parent().map(Path::to_owned));
        directory.unwrap_or_else(|| self.here.clone())
    }

    /// Adds the variables of env files, or of `.env` in the folder.
    fn environment(
        &mut self,
        request: &Request,
        explicit: &[PathBuf],
        directory: &Path,
        variables: &mut Variables,
    ) -> Result<(), Stop> {
        let mut files: Vec<(PathBuf, NamedBy)> = Vec::new();
        for path in explicit {
            files.push((self.absolute(path), NamedBy::User));
        }
        if has_dot_env(request, explicit, directory) {
            if request.orchestrator.is_swarm() {
                self.notes.warn(NOT_READ.to_owned());
            } else {
                files.push((directory.join(DOT_ENV), NamedBy::Custom));
            }
        }
        self.add_env_files(variables, &files)
    }

    /// Adds the variables of files to those around; the ones around win.
    pub(super) fn add_env_files(
        &mut self,
        variables: &mut Variables,
        files: &[(PathBuf, NamedBy)],
    ) -> Result<(), Stop> {
        let mut entries = Entries::new();
        for (path, named) in files {
            let text = self.read(path, *named, limits::ENV_FILE)?;
            let at = match named {
                NamedBy::File(at) => *at,
                NamedBy::User | NamedBy::Custom => Mark::default(),
            };
            self.notes.count_variables_file(text.text.len(), at)?;
            let before = entries.len();
            // Here, unlike in a Compose file, an unset variable is always empty, without a warning.
            let read = dotenv::read(&text, variables, Unset::Strict, &mut entries);
            if let Err(mistake) = read {
                let source = Source::of(TextForm::Variables, self.display(path), text);
                return self.notes.stop(mistake.diagnostic(&source));
            }
            let more = entries.len() - before;
            self.notes.grow(Growth::Variables, more, at)?;
            let given = self.notes.given.get_or_insert_default();
            given.extend(entries.keys().cloned());
        }
        for (name, value) in entries {
            for unset in &value.unset {
                self.notes.warn(unset_warning(unset, &name, true));
            }
            if variables.get(&name).is_none() {
                variables.set(&name, &value.text);
            }
        }
        Ok(())
    }

    /// The files that `COMPOSE_FILE` names, or those of the nearest folder upwards.
    fn find_files(
        &mut self,
        variables: &Variables,
        directory: &Path,
    ) -> Result<Vec<FileArgument>, Stop> {
        if let Some(list) = variables.get("COMPOSE_FILE") {
            let separator = variables
                .get("COMPOSE_PATH_SEPARATOR")
                .filter(|s| !s.is_empty());
            let default = if cfg!(windows) { ";" } else { ":" };
            let separator = separator.unwrap_or(default);
            if list.split(separator).any(str::is_empty) {
                let source = Source::new("COMPOSE_FILE", list);
                return self.notes.stop(
                    Diagnostic::new("`COMPOSE_FILE` has an empty name", Place::whole(&source))
                        .label(format!(
                            "expected names of files, separated by `{separator}`"
                        )),
                );
            }
            return Ok(list
                .split(separator)
                .map(|name| FileArgument::Path(PathBuf::from(name)))
                .collect());
        }
        for folder in directory.ancestors() {
            let find = |names: &[&str]| {
                let paths = names.iter().map(|name| folder.join(name));
                paths.into_iter().find(|path| path.exists())
            };
            if let Some(path) = find(&NAMES) {
                let over = find(&OVERRIDES);
                return Ok([Some(path), over]
                    .into_iter()
                    .flatten()
                    .map(FileArgument::Path)
                    .collect());
            }
        }
        let source = Source::new(directory.display().to_string(), "");
        self.notes.stop(
            Diagnostic::new("no Compose file found", Place::whole(&source))
                .label(format!(
                    "expected one of {} in this directory or one above it",
                    NAMES.join(", ")
                ))
                .help("name one with -f, or a composegen project with -C DIR"),
        )
    }
}

/// Whether a folder has a `.env` that counts.
fn has_dot_env(request: &Request, explicit: &[PathBuf], folder: &Path) -> bool {
    explicit.is_empty() && !is_disabled(&request.environment) && folder.join(DOT_ENV).is_file()
}

/// The env files given by `--env-file` or `COMPOSE_ENV_FILES`, which is a setting of Docker Compose.
fn env_files(request: &Request, variables: &Variables) -> Vec<PathBuf> {
    if !request.env_files.is_empty() || request.orchestrator.is_swarm() {
        return request.env_files.clone();
    }
    let list = variables.get("COMPOSE_ENV_FILES").unwrap_or_default();
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(PathBuf::from).collect()
}

fn is_disabled(environment: &Variables) -> bool {
    let value = environment
        .get("COMPOSE_DISABLE_ENV_FILE")
        .unwrap_or_default();
    boolean(value) == Some(true)
}
