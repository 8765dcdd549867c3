//! What rules check.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::deployed::Deployed;
use super::mounted::MountedFiles;
use crate::compose::{FileArgument, Request, Written};
use crate::diagnostic::Diagnostics;
use crate::files::{Root, limits};
use crate::git::Git;
use crate::journal::Journal;
use crate::redact::TextForm;
use crate::render::{Places, Rendered, Usage};
use crate::source::{Place, Source};
use crate::spec::{Catalog, Environment};
use crate::text::path::clean;

/// Specs with what they render, or hand-written Compose files.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The specs, where there are any.
    pub catalog: Option<&'a Catalog>,
    /// The Compose files.
    pub deployed: Vec<Deployed<'a>>,
    /// The release journal.
    pub journal: Journal,
    /// Further texts that may hold what no text may: specs and templates.
    pub texts: Vec<Arc<Source>>,
    /// The env files that the Compose files name, or that Compose reads beside them.
    pub variables: Vec<EnvFile>,
    /// The files of secrets that are in version control.
    pub(crate) secret_files: Vec<SecretFile>,
    /// The files of the project that environments mount.
    pub(crate) mounted: MountedFiles,
    /// What the templates of all hosts use, where all are rendered.
    pub usage: Option<Usage>,
    /// Where somebody wrote what rendered files say.
    pub places: Option<Places<'a>>,
}

/// A file with the value of a secret.
#[derive(Debug)]
pub(crate) struct SecretFile {
    /// Its path, relative to the project's root.
    pub(crate) path: String,
    /// The name of the secret.
    pub(crate) name: String,
    /// Where a Compose file names it.
    pub(crate) place: Place,
    /// The Compose file, by its number among those of the subject.
    pub(crate) deployed: usize,
}

/// An env file.
#[derive(Debug)]
pub struct EnvFile {
    /// Its text.
    pub source: Arc<Source>,
    /// Whether it is in version control.
    pub is_tracked: bool,
    /// Whether services get all of it; otherwise what Compose files ask for.
    pub is_whole: bool,
    /// The hosts that read it.
    pub hosts: BTreeSet<String>,
}

/// The names and values that an env file sets, the values without quotes, and where these are.
pub(super) fn assigned(source: &Source) -> impl Iterator<Item = (&str, &str, Range<usize>)> {
    let mut start = 0;
    let lines = source.text.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line)
    });
    lines.filter_map(|(start, line)| {
        let (name, value) = assignment(line)?;
        let at = start + line.rfind(value)?;
        Some((name, value, at..at + value.len()))
    })
}

/// The name and the value that a line of an env file sets, without quotes.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (name, value) = line
        .strip_prefix("export ")
        .unwrap_or(line)
        .split_once('=')?;
    let value = value.trim_start();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value.get(1..)?.split(quote).next()?,
        _ => value.split(" #").next()?.trim_end(),
    };
    Some((name.trim(), value)).filter(|(name, _)| !name.starts_with('#'))
}

impl<'a> Subject<'a> {
    /// A project's specs, with the files that they give or name.
    ///
    /// # Errors
    /// A rendered file that cannot be read back.
    pub fn of_project<'r: 'a>(
        catalog: &'a Catalog,
        rendered: &mut [Rendered<'r>],
        templates: impl IntoIterator<Item = Arc<Source>>,
        journal: Journal,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut deployed = Vec::new();
        for one in rendered {
            match one.take_written() {
                Ok(file) => deployed.push(Deployed {
                    of: Some((one.planned.environment, one.planned.host)),
                    file: Arc::new(file),
                    orchestrator: one.planned.host.orchestrator.value,
                    fixtures: one.fixtures.clone(),
                    secrets: OnceLock::new(),
                }),
                Err(mistakes) => problems.extend(mistakes),
            }
        }
        deployed.extend(catalog.hosts().filter_map(|(environment, host)| {
            Some(Deployed {
                of: Some((environment, host)),
                file: Arc::clone(&host.by_hand()?.written),
                orchestrator: host.orchestrator.value,
                fixtures: BTreeSet::new(),
                secrets: OnceLock::new(),
            })
        }));
        let mut texts = catalog.sources.clone();
        texts.extend(templates);
        problems.or(Self {
            catalog: Some(catalog),
            deployed,
            journal,
            texts,
            variables: Vec::new(),
            secret_files: Vec::new(),
            mounted: MountedFiles::default(),
            usage: None,
            places: None,
        })
    }

    /// The subject with what the templates of the project used.
    #[must_use]
    pub fn with_usage(self, usage: Usage) -> Self {
        Self {
            usage: Some(usage),
            ..self
        }
    }

    /// The subject with the files of the project that its Compose files name: env files, those that are mounted, and those of
    /// secrets that git has. Where git cannot be run, it has none.
    #[must_use]
    pub fn with_files_of(mut self, root: &Root) -> Self {
        let here = std::path::absolute(root.path()).unwrap_or_default();
        for one in &mut self.deployed {
            let output = one.of.and_then(|(_, host)| host.output());
            let folder = output.map(|output| here.join(output.file()));
            // Until here, nobody else has the file.
            if let (Some(path), Some(file)) = (folder, Arc::get_mut(&mut one.file)) {
                file.directory = path.parent().map(Path::to_owned);
            }
        }
        let mounted = MountedFiles::read(root, &self.deployed);
        Self { mounted, ..self }
            .with_env_files(root)
            .with_secret_files(root)
    }

    fn with_secret_files(mut self, root: &Root) -> Self {
        let git = Git::of(root);
        let here = std::path::absolute(root.path()).unwrap_or_default();
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        let mut files = Vec::new();
        for (deployed, one) in self.deployed.iter().enumerate() {
            let Some(folder) = &one.file.directory else {
                continue;
            };
            for (name, at) in one.file.entries("secrets") {
                let Some((text, at)) = at.get("file").and_then(|at| Some((at.text()?, at))) else {
                    continue;
                };
                let path = clean(&folder.join(text).to_string_lossy());
                let Ok(path) = Path::new(&path).strip_prefix(&here) else {
                    continue;
                };
                let path = path.to_string_lossy().into_owned();
                let is_tracked = *known.entry(path.clone()).or_insert_with(|| {
                    // Most files are only where they are used, and git takes its time.
                    root.has(&path).unwrap_or(false)
                        && matches!(git.staged_or_committed(&path), Ok(Some(text)) if !text.is_empty())
                });
                if is_tracked {
                    files.push(SecretFile {
                        path,
                        name: name.to_owned(),
                        place: at.place(),
                        deployed,
                    });
                }
            }
        }
        self.secret_files = files;
        self
    }

    /// Compose files without a spec, by project; each file is merged into those before it of its project. They are found
    /// and read as `request` says, and relative names start from the folder `here`.
    ///
    /// # Errors
    /// A file that cannot be read, or that brings in one that cannot.
    pub fn of_files(
        projects: Vec<Vec<FileArgument>>,
        here: &Path,
        request: &Request,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut deployed = Vec::new();
        for files in projects {
            let request = Request {
                files,
                ..request.clone()
            };
            match Written::load(here, &request) {
                Ok(file) => deployed.push(Deployed {
                    of: None,
                    file: Arc::new(file),
                    orchestrator: request.orchestrator,
                    fixtures: BTreeSet::new(),
                    secrets: OnceLock::new(),
                }),
                Err(mistakes) => problems.extend(mistakes),
            }
        }
        let subject = problems.or(Self {
            catalog: None,
            deployed,
            journal: Journal::default(),
            texts: Vec::new(),
            variables: Vec::new(),
            secret_files: Vec::new(),
            mounted: MountedFiles::default(),
            usage: None,
            places: None,
        })?;
        Ok(match Root::open(here) {
            Ok(root) => subject.with_env_files(&root).with_secret_files(&root),
            Err(_) => subject,
        })
    }

    /// The subject with its env files.
    fn with_env_files(mut self, root: &Root) -> Self {
        let here = std::path::absolute(root.path()).unwrap_or_default();
        let mut readers: BTreeMap<(String, bool), BTreeSet<String>> = BTreeMap::new();
        for one in &self.deployed {
            let host = one.of.map(|(_, host)| host.name.as_str());
            for file in one.env_files(&here) {
                let hosts = readers.entry(file).or_default();
                hosts.extend(host.map(str::to_owned));
            }
        }
        self.variables = env_files(root, readers);
        self
    }

    /// The env files that the hosts of an environment read, relative to the project's root, whether they exist or not.
    pub(crate) fn env_files_of(&self, root: &Root, environment: &Environment) -> BTreeSet<String> {
        let here = std::path::absolute(root.path()).unwrap_or_default();
        let is_of = |one: &&Deployed<'_>| {
            one.of
                .is_some_and(|(owner, _)| owner.name == environment.name)
        };
        let files = self.deployed.iter().filter(is_of);
        let files = files.flat_map(|one| one.env_files(&here));
        files.map(|(path, _)| path).collect()
    }
}

/// Env files, each with whether services get all of it, and the hosts that read it. Where git does not say so, none
/// is in version control.
fn env_files(
    root: &Root,
    files: impl IntoIterator<Item = ((String, bool), BTreeSet<String>)>,
) -> Vec<EnvFile> {
    let git = Git::of(root);
    let files = files.into_iter().filter_map(|((name, is_whole), hosts)| {
        let text = root.text(Path::new(&name), limits::ENV_FILE).ok()?;
        Some(EnvFile {
            is_tracked: matches!(git.staged_or_committed(&name), Ok(Some(_))),
            source: Source::of(TextForm::Variables, name, text),
            is_whole,
            hosts,
        })
    });
    files.collect()
}
