//! What is to be read, and with what: the files, the folder, the variables and the name of a
//! project, found as Compose finds them (compose-go, `cli/options.go`).

use std::path::{Path, PathBuf};

use super::dotenv::{self, Entries};
use super::interpolate::{Unset, Variables, interpolate};
use super::loader::{File, Loader, Scene};
use super::notes::{Notes, Stop};
use super::tree::{Mark, Node};
use super::{expected, fill, paths};
use crate::diagnostic::{self, Diagnostic, Diagnostics};
use crate::source::{Place, Source};
use crate::state::State;

/// A project that is to be read.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its Compose files, each laid over those before it. Where there are none, `COMPOSE_FILE` names
    /// them, or the first `compose.yaml` upwards is taken.
    pub files: Vec<FileArgument>,
    /// The folder that relative paths start from (`--project-directory`); that of the first file
    /// where it is not set.
    pub project_directory: Option<PathBuf>,
    /// Its name (`-p`), which wins over any other.
    pub project_name: Option<String>,
    /// Files of variables (`--env-file`), in place of `.env`.
    pub env_files: Vec<PathBuf>,
    /// The profiles that are asked for (`--profile`).
    pub profiles: Vec<String>,
    /// The variables of the process. Those of Compose count: `COMPOSE_PROJECT_NAME`,
    /// `COMPOSE_PROFILES`, `COMPOSE_FILE`, `COMPOSE_PATH_SEPARATOR`, `COMPOSE_ENV_FILES`,
    /// `COMPOSE_DISABLE_ENV_FILE`.
    pub environment: Variables,
    /// What becomes of a variable without a value.
    pub unset: Unset,
}

/// A Compose file, as it is named on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileArgument {
    /// A file.
    Path(PathBuf),
    /// The text of standard input.
    Text(String),
}

/// A project that was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it asks of a host.
    pub state: State,
    /// Every file behind it: Compose files, included ones, files of variables and labels.
    pub read: Vec<PathBuf>,
    /// What Compose would warn of.
    pub warnings: Vec<String>,
}

/// Names of files that are taken where none is named, the best first.
const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// Names of files that are laid over those.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Reads a project.
///
/// # Errors
/// Everything that is wrong with its files, or that is not supported.
pub fn load(request: &Request) -> Result<Loaded, Diagnostics> {
    let here = std::env::current_dir();
    let here = here.map_err(|error| diagnostic::unreadable(".", "find", &error))?;
    load_from(&here, request)
}

/// Reads a project, where relative names on the command line start from the folder `here`.
///
/// # Errors
/// As [`load`].
pub fn load_from(here: &Path, request: &Request) -> Result<Loaded, Diagnostics> {
    let mut loader = Loader {
        notes: Notes::default(),
        unset: request.unset,
        reads_files: true,
        home: request.environment.get("HOME").map(str::to_owned),
        here: here.to_owned(),
    };
    let state = loader.load(request);
    let notes = loader.notes;
    match state {
        Ok(state) if notes.problems.is_empty() => Ok(Loaded {
            state,
            read: notes.read,
            warnings: notes.warnings.into_iter().collect(),
        }),
        _ => Err(notes.problems),
    }
}

/// Where a project is, and what its files can name.
struct Surroundings {
    files: Vec<FileArgument>,
    directory: PathBuf,
    variables: Variables,
}

impl Loader {
    fn load(&mut self, request: &Request) -> Result<State, Stop> {
        let surroundings = self.surroundings(request)?;
        let mut files = Vec::new();
        for file in &surroundings.files {
            files.push(match file {
                FileArgument::Path(path) => {
                    let path = self.absolute(path);
                    self.file(&path, None)?
                }
                FileArgument::Text(text) => {
                    let source = Source::new("standard input", text.clone());
                    self.text(&source, Path::new("-"))?
                }
            });
        }
        let mut variables = surroundings.variables;
        let name = self.name(request, &files, &surroundings.directory, &variables)?;
        variables.set("COMPOSE_PROJECT_NAME", &name);
        let profiles = profiles(request, &variables);
        let scene = Scene {
            directory: surroundings.directory,
            variables,
        };
        let first = files
            .first()
            .map(|file| file.path.clone())
            .unwrap_or_default();
        let model = self.model(files, &scene, &[])?;
        if model
            .as_map()
            .is_none_or(std::collections::BTreeMap::is_empty)
        {
            let source = Source::new(self.display(&first), "");
            self.notes.push(
                Diagnostic::new("the file is empty", Place::whole(&source))
                    .label("expected a mapping with `services`"),
            );
            return Err(Stop);
        }
        expected::project(self, model, &name, &scene, &profiles)
    }

    /// The files, the folder and the variables of a project.
    fn surroundings(&mut self, request: &Request) -> Result<Surroundings, Stop> {
        let mut variables = request.environment.clone();
        if variables.get("PWD").is_none() {
            variables.set("PWD", &self.here.display().to_string());
        }
        let mut files = request.files.clone();
        let mut directory = self.directory(request, &files);
        let explicit = env_files(request, &variables);
        self.environment(request, &explicit, &directory, &mut variables)?;
        if files.is_empty() {
            files = self.find_files(&variables, &directory)?;
            let found = self.directory(request, &files);
            if found != directory {
                directory = found;
                self.environment(request, &explicit, &directory, &mut variables)?;
            }
        }
        Ok(Surroundings {
            files,
            directory,
            variables,
        })
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        PathBuf::from(paths::clean(&self.here.join(path).display().to_string()))
    }

    /// The folder that is asked for, or that of the first file, or this one.
    fn directory(&self, request: &Request, files: &[FileArgument]) -> PathBuf {
        if let Some(directory) = &request.project_directory {
            return self.absolute(directory);
        }
        let first = files.iter().find_map(|file| match file {
            FileArgument::Path(path) => Some(self.absolute(path)),
            FileArgument::Text(_) => None,
        });
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
        let mut files: Vec<(PathBuf, Option<Mark>)> = Vec::new();
        for path in explicit {
            files.push((self.absolute(path), None));
        }
        if explicit.is_empty() && !is_disabled(&request.environment) {
            let path = directory.join(".env");
            if path.is_file() {
                files.push((path, None));
            }
        }
        self.add_env_files(variables, &files)
    }

    /// Adds the variables of files to those around; the ones around win.
    pub(super) fn add_env_files(
        &mut self,
        variables: &mut Variables,
        files: &[(PathBuf, Option<Mark>)],
    ) -> Result<(), Stop> {
        let mut entries = Entries::new();
        for (path, named) in files {
            let text = self.read(path, *named, "a file of variables")?;
            // Here, unlike in a Compose file, nothing is kept: there is nobody to tell.
            let read = dotenv::read(&text, variables, Unset::Strict, &mut entries);
            if let Err(mistake) = read {
                let source = Source::new(self.display(path), text);
                self.notes.push(mistake.diagnostic(&source));
                return Err(Stop);
            }
        }
        for (name, value) in entries {
            for unset in &value.unset {
                self.notes.warn(fill::unset_warning(unset));
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
            let names = list.split(separator.unwrap_or(":"));
            return Ok(names
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
        self.notes.push(
            Diagnostic::new("there is no Compose file", Place::whole(&source)).label(format!(
                "expected one of {} here or in a folder above",
                NAMES.join(", ")
            )),
        );
        Err(Stop)
    }

    /// The name: asked for, of the environment, of the last file that has one, of the folder.
    fn name(
        &mut self,
        request: &Request,
        files: &[File],
        directory: &Path,
        variables: &Variables,
    ) -> Result<String, Stop> {
        let from_environment = variables.get("COMPOSE_PROJECT_NAME").map(str::to_owned);
        for (name, what) in [
            (request.project_name.clone(), "the name that is asked for"),
            (from_environment, "COMPOSE_PROJECT_NAME"),
        ] {
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                continue;
            };
            if normal(&name) != name {
                self.refuse_name(&name, what);
                return Err(Stop);
            }
            return Ok(name);
        }
        let names = files.iter().flat_map(|file| &file.documents);
        let names = names.filter_map(|document| document.root.get("name"));
        let mut set = names.filter(|name| name.as_text().is_some_and(|text| !text.is_empty()));
        let last = set.next_back();
        let name = if let Some(node) = last {
            normal(&self.filled_name(node, variables)?)
        } else {
            let folder = directory.file_name().map(|name| name.to_string_lossy());
            normal(&folder.unwrap_or_default())
        };
        if name.is_empty() {
            let source = match last {
                Some(node) => self.notes.place(node.at),
                None => Place::whole(&Source::new(directory.display().to_string(), "")),
            };
            self.notes.push(
                Diagnostic::new("the project has no name", source)
                    .label("expected a name with letters or digits")
                    .help("name it in the file (`name: …`), or with -p"),
            );
            return Err(Stop);
        }
        Ok(name)
    }

    fn filled_name(&mut self, node: &Node, variables: &Variables) -> Result<String, Stop> {
        let text = node.as_text().unwrap_or_default();
        interpolate(text, variables, self.unset)
            .map(|filled| filled.text)
            .map_err(|failure| {
                let place = self.notes.place(node.at);
                let diagnostic = Diagnostic::new(failure.to_string(), place);
                self.notes.push(fill::refusal(&failure, diagnostic));
                Stop
            })
    }

    fn refuse_name(&mut self, name: &str, what: &str) {
        let source = Source::new(what, "");
        let mut diagnostic = Diagnostic::new(
            format!("`{name}` cannot be the name of a project"),
            Place::whole(&source),
        )
        .label("expected lower case letters, digits, `-` and `_`, a letter or digit first");
        let normal = normal(name);
        if !normal.is_empty() {
            diagnostic = diagnostic.help(format!("take `{normal}`"));
        }
        self.notes.push(diagnostic);
    }
}

/// A name as Compose makes one of any text: lower case letters, digits, `-` and `_`, of which the
/// last two cannot begin it.
pub(super) fn normal(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'));
    let kept: String = kept.collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The env files that are asked for.
fn env_files(request: &Request, variables: &Variables) -> Vec<PathBuf> {
    if !request.env_files.is_empty() {
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
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The profiles that are asked for.
fn profiles(request: &Request, variables: &Variables) -> Vec<String> {
    if !request.profiles.is_empty() {
        return request.profiles.clone();
    }
    let list = variables.get("COMPOSE_PROFILES").unwrap_or_default();
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn names_are_made_of_any_text() {
        for (name, expected) in [
            ("My.Proj!ect", "myproject"),
            ("_-a_b-", "a_b-"),
            ("…", ""),
            ("1a", "1a"),
        ] {
            assert_eq!(normal(name), expected);
        }
    }
}
