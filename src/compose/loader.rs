//! The passes over the files of a project, in the order in which Compose makes them (compose-go,
//! `loader/loader.go`): each document is filled in, extended, freed of what it resets, joined by
//! what it includes, merged into those before it, checked, and brought into canonical form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::canonical::canonical;
use super::extension::{self, EXTENSION};
use super::growth::Growth;
use super::interpolate::{Unset, interpolate};
use super::notes::{Notes, Stop, WholeDocument};
use super::paths::{self, Base};
use super::tree::{Document, Kind, Map, Mark, Node, documents};
use super::{check, fill, merge, normalize, shape, stack, unique};
use crate::diagnostic::{self, Diagnostic};
use crate::files::{self, Boundary, Limit, Text, limits};
use crate::orchestrator::Orchestrator;
use crate::redact::TextForm;
use crate::source::Source;
use crate::text::path::clean;
use crate::variables::Variables;

/// Reads the files of a project.
#[derive(Debug)]
pub(super) struct Loader {
    pub(super) notes: Notes,
    pub(super) unset: Unset,
    pub(super) reading: Reading,
    /// What the project is to run on.
    pub(super) orchestrator: Orchestrator,
    /// Whether a file may bring in others.
    pub(super) reads_files: bool,
    /// The files that other files name and that have this text instead of their own, by their paths.
    pub(super) edited: BTreeMap<PathBuf, String>,
    /// The user's home, which `~` stands for.
    pub(super) home: Option<String>,
    /// The folder that names in messages start from.
    pub(super) here: PathBuf,
    /// The folder of the project: what lies outside it is never quoted, unless the user names it.
    pub(super) boundary: Boundary,
}

/// Who names a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum NamedBy {
    /// The user, on the command line or in the environment.
    User,
    /// Compose itself, as `.env`.
    Custom,
    /// A Compose file, here.
    File(Mark),
}

/// What is read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// What it means: values as they come out, in canonical form.
    Meant,
    /// What it says: values as they are written. Mistakes are left to `Meant`.
    Written,
}

/// What a file is read with.
#[derive(Debug, Clone, Default)]
pub(super) struct LoadContext {
    /// The folder that its relative paths start from; absolute.
    pub(super) directory: PathBuf,
    /// The variables that it can name.
    pub(super) variables: Arc<Variables>,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Its path; the name of a text that is not a file.
    pub(super) path: PathBuf,
    pub(super) documents: Vec<Document>,
}

/// Which passes a file goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passes {
    /// All.
    All,
    /// Those for a file of which one service is extended.
    Base,
}

impl Loader {
    /// One that brings in no other files.
    pub(super) fn new(reading: Reading, unset: Unset, here: &Path) -> Self {
        Self {
            notes: Notes::default(),
            unset,
            reading,
            orchestrator: Orchestrator::default(),
            reads_files: false,
            edited: BTreeMap::new(),
            home: None,
            here: here.to_owned(),
            boundary: Boundary::default(),
        }
    }

    /// Reads the documents of a text.
    pub(super) fn text(&mut self, source: &Arc<Source>, path: &Path) -> Result<File, Stop> {
        let number = self.notes.add(source);
        let (documents, copied) = documents(source, number).map_err(|problems| {
            self.notes.problems.extend(problems);
            Stop
        })?;
        let at = documents.first().map(|document| document.root.at);
        self.notes
            .grow(Growth::Copied, copied, at.unwrap_or_default())?;
        Ok(File {
            path: path.to_owned(),
            documents,
        })
    }

    /// Reads the documents of a file that is named somewhere, or on the command line.
    pub(super) fn file(&mut self, path: &Path, named: NamedBy) -> Result<File, Stop> {
        let mut text = self.read(path, named, limits::COMPOSE_FILE)?;
        if let NamedBy::File(at) = named {
            if let Some(edited) = self.edited.get(path).filter(|_| !text.is_outside) {
                text.text.clone_from(edited);
            }
            self.notes.count_file(text.text.len(), at)?;
            if !text.is_outside {
                self.notes.brought.insert(path.to_owned());
            }
        }
        let source = Source::of(TextForm::Compose, self.display(path), text);
        self.text(&source, path)
    }

    /// The text of a file.
    pub(super) fn read(&mut self, path: &Path, named: NamedBy, limit: Limit) -> Result<Text, Stop> {
        let text = match named {
            NamedBy::User => files::named(path, limit),
            NamedBy::Custom | NamedBy::File(_) => self.boundary.text(path, limit),
        };
        match text {
            Ok(text) => {
                self.notes.add_read(path);
                Ok(text)
            }
            Err(error) => {
                let name = self.display(path);
                let diagnostic = match named {
                    NamedBy::File(at) => Diagnostic::new(
                        format!("cannot read `{name}`: {error}"),
                        self.notes.place(at),
                    )
                    .label(format!("expected {}", limit.what)),
                    NamedBy::User | NamedBy::Custom => {
                        diagnostic::unreadable(&name, "read", &error)
                    }
                };
                self.notes.stop(diagnostic)
            }
        }
    }

    /// Refuses a path that Compose would fetch; `doing` is what the message begins with.
    pub(super) fn expect_local(&mut self, path: &str, at: Mark, doing: &str) -> Result<(), Stop> {
        let Some(what) = remote(path) else {
            return Ok(());
        };
        let message = format!("{doing} {what} is not supported");
        let diagnostic = Diagnostic::new(message, self.notes.place(at))
            .label("expected a local file")
            .help("use the output of `docker compose config` instead");
        self.notes.stop(diagnostic)
    }

    /// The name of a file in messages.
    pub(super) fn display(&self, path: &Path) -> String {
        let path = PathBuf::from(clean(&path.display().to_string()));
        let short = path.strip_prefix(&self.here).unwrap_or(&path);
        short.display().to_string()
    }

    /// The model that files give together, with every path absolute.
    pub(super) fn model(
        &mut self,
        files: Vec<File>,
        context: &LoadContext,
        chain: &[PathBuf],
    ) -> Result<Node, Stop> {
        let mut model = Node::new(Kind::Map(Map::new()), Mark::default());
        for file in files {
            model = self.lay(model, file, context, chain, Passes::All)?;
        }
        if self.reading == Reading::Written {
            return Ok(model);
        }
        // The mistakes of the passes so far are independent; from here on one would cause others.
        self.notes.go_on()?;
        normalize::defaults(&mut model);
        check::model(&model, &mut self.notes);
        self.notes.go_on()?;
        self.resolve_paths(&mut model, &context.directory);
        self.notes.go_on()?;
        resolve_environment(&mut model, &context.variables);
        Ok(model)
    }

    /// Stops where anything is wrong that keeps the files from being read on.
    pub(super) fn go_on(&self) -> Result<(), Stop> {
        match self.reading {
            Reading::Meant => self.notes.go_on(),
            Reading::Written => Ok(()),
        }
    }

    /// The path that a text names. Its variables are filled in even where values are kept as written.
    pub(super) fn path_of(&self, text: &str, context: &LoadContext) -> String {
        let filled = match self.reading {
            // It was filled in with all others.
            Reading::Meant => None,
            Reading::Written => interpolate(text, &*context.variables, self.unset).ok(),
        };
        filled.map_or_else(|| text.to_owned(), |filled| filled.text)
    }

    pub(super) fn resolve_paths(&mut self, model: &mut Node, directory: &Path) {
        let base = Base {
            directory,
            home: self.home.as_deref(),
        };
        paths::resolve(model, base, &mut self.notes);
    }

    /// The documents of a file that count. The client of a stack reads the first one (docker/cli, `loader.ParseYAML`).
    fn documents_of(&mut self, path: &Path, mut documents: Vec<Document>) -> Vec<Document> {
        if self.orchestrator.is_swarm() {
            let first = documents.len().min(1);
            for document in documents.split_off(first) {
                let root = document.root;
                if root.is_null() {
                    continue;
                }
                self.notes.left_out.push(root.at);
                let name = self.display(path);
                self.notes.warn(format!(
                    "`{name}` has several YAML documents: `docker stack deploy` reads the first one and ignores the others"
                ));
            }
        }
        documents
    }

    /// Merges the documents of a file into a model.
    pub(super) fn lay(
        &mut self,
        mut model: Node,
        file: File,
        context: &LoadContext,
        chain: &[PathBuf],
        passes: Passes,
    ) -> Result<Node, Stop> {
        let is_own = chain.is_empty();
        let mut chain = chain.to_vec();
        for document in self.documents_of(&file.path, file.documents) {
            let (mut root, resets) = (document.root, document.resets);
            if root.as_map().is_none() {
                return self.notes.refuse(
                    root.at,
                    format!("the file is {}", root.kind.words()),
                    "expected a mapping with `services`",
                );
            }
            self.fill(&mut root, context);
            if passes == Passes::All && self.reading == Reading::Meant && !is_own {
                // Nothing but its sections becomes part of the model.
                extension::of_file(&root, &mut self.notes);
            }
            if passes == Passes::All && self.reading == Reading::Written {
                self.notes.wholes.push(WholeDocument {
                    source: root.at.source,
                    is_own,
                    extension: root.field(EXTENSION).cloned(),
                });
            }
            if passes == Passes::All {
                let version = root.entry("version");
                let places = version.map(|version| (version.key_at, version.value.at));
                self.notes.versions.extend(places);
                self.extend(&mut root, &file.path, context, &resets)?;
            }
            resets.apply(&[], &mut model);
            // Each document has the passes look at all that is below it once more.
            self.notes.grow(Growth::Again, model.size(), root.at)?;
            if passes == Passes::All {
                chain.push(file.path.clone());
                self.include(&mut root, context, &chain)?;
            }
            if model.at == Mark::default() {
                model.at = root.at;
            }
            model = merge::files(model, root, &mut self.notes)?;
            unique::enforce(&mut model, &mut self.notes);
            if self.reading == Reading::Meant {
                self.settle(&mut model, passes);
            }
        }
        Ok(model)
    }

    /// Fills in the variables of a document, where it is read for what it means.
    fn fill(&mut self, root: &mut Node, context: &LoadContext) {
        match self.reading {
            Reading::Meant => {
                let (variables, unset) = (&*context.variables, self.unset);
                fill::fill(root, variables, unset, self.orchestrator, &mut self.notes);
                fill::cast(root, &mut self.notes);
            }
            Reading::Written => {
                fill::leave(root);
                unique::note(root, &mut self.notes);
            }
        }
    }

    /// Checks the merged model, and brings it into its canonical form.
    fn settle(&mut self, model: &mut Node, passes: Passes) {
        if passes == Passes::All {
            if self.orchestrator.is_swarm() {
                stack::drop_ignored(model);
            }
            shape::check(model, &mut self.notes);
            if let Some(map) = model.as_map_mut() {
                map.remove("version");
            }
        }
        canonical(model, &mut self.notes);
        // A range of ports has become single ones, which others may repeat.
        unique::enforce(model, &mut self.notes);
    }
}

/// A variable that a service lists without a value gets that of the load context: an included file may have
/// variables of its own.
fn resolve_environment(model: &mut Node, variables: &Variables) {
    for (_, service) in model.section_mut("services") {
        for item in service.items_mut("environment") {
            if let Kind::Text(name) = &mut item.kind
                && let Some(value) = variables.get(name)
            {
                *name = format!("{name}={value}");
            }
        }
    }
}

/// What Compose would fetch for a path, if it would.
fn remote(path: &str) -> Option<&'static str> {
    let begins_with = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    let is_git = begins_with(&["git@", "github.com/", "git://", "ssh://"])
        || begins_with(&["https://", "http://"]) && path.contains(".git");
    if path.starts_with("oci://") {
        Some("an OCI artifact")
    } else {
        is_git.then_some("a git repository")
    }
}
