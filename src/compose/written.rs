//! A Compose file as it is written, with what it brings in: what every value says before a variable
//! is filled in, and where it stands, in whichever file that is.
//!
//! What a file *means* is its [`State`](crate::state::State). Who judges how it is written asks here:
//! `${TAG}` and `1.0` are the same to the state of a host that sets `TAG`, and not to a reviewer.

use std::path::Path;
use std::sync::Arc;

use super::interpolate::Unset;
use super::loader::{File, Loader, Passes, Reading, Scene};
use super::notes::{Notes, Stop};
use super::request::{FileArgument, Request, load_from};
use super::tree::{Entry, Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostics;
use crate::files::Boundary;
use crate::source::{Place, Source};

/// A Compose file as it is written, laid over what it extends and beside what it includes.
#[derive(Debug)]
pub struct Written {
    root: Node,
    notes: Notes,
    /// The project's name, where Compose reads the file.
    pub project: Option<String>,
    /// Why Compose would not read the file, where it would not.
    pub refusal: Diagnostics,
}

/// A value of a Compose file, with its place.
#[derive(Debug, Clone)]
pub struct At<'a> {
    node: &'a Node,
    key: Mark,
    notes: &'a Notes,
    name: Option<&'a str>,
}

impl Written {
    /// Reads a text for itself: it may bring in nothing.
    ///
    /// # Errors
    /// A text that is no YAML, or no mapping, or that does bring in something.
    pub fn read(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let mut loader = Loader::as_written(Path::new("/"), false);
        let root = loader
            .text(source, Path::new(&source.name))
            .and_then(|file| loader.written(vec![file], &Scene::default()));
        Self::of(loader, root)
    }

    /// Reads a file, with what it extends and includes, as Compose finds them.
    ///
    /// # Errors
    /// A text that is no YAML, or no mapping, or what it brings in cannot be found.
    pub fn load(file: FileArgument, here: &Path, request: &Request) -> Result<Self, Diagnostics> {
        let request = Request {
            files: vec![file],
            unset: Unset::Keep,
            ..request.clone()
        };
        let mut loader = Loader::as_written(here, true);
        let root = loader.load_written(&request);
        let mut this = Self::of(loader, root)?;
        match load_from(here, &request) {
            Ok(found) => this.project = Some(found.state.project),
            Err(problems) => this.refusal = problems,
        }
        Ok(this)
    }

    fn of(loader: Loader, root: Result<Node, Stop>) -> Result<Self, Diagnostics> {
        let mut notes = loader.notes;
        match root {
            // What is only noted is for the reading that goes by what values mean.
            Ok(root) => {
                notes.problems = Diagnostics::default();
                Ok(Self {
                    root,
                    notes,
                    project: None,
                    refusal: Diagnostics::default(),
                })
            }
            Err(Stop) => Err(notes.problems),
        }
    }

    /// The file as a whole.
    #[must_use]
    pub fn root(&self) -> At<'_> {
        At {
            node: &self.root,
            key: self.root.at,
            notes: &self.notes,
            name: None,
        }
    }

    /// The texts that it was read from: the file's own, then those that it brings in.
    #[must_use]
    pub fn sources(&self) -> &[Arc<Source>] {
        self.notes.sources()
    }
}

impl<'a> At<'a> {
    /// The key that names the value, where one does.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The place of the value.
    #[must_use]
    pub fn place(&self) -> Place {
        self.notes.place(self.node.at)
    }

    /// The place of the key that names the value; that of the value where none does.
    #[must_use]
    pub fn key_place(&self) -> Place {
        self.notes.place(self.key)
    }

    /// Whether nothing is written here (`key:` or `key: null`).
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.node.is_null()
    }

    /// Whether this is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.node.as_list().is_some()
    }

    /// Whether this is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.node.as_map().is_some()
    }

    /// A text, number or boolean as it is written, but for quotes and escapes.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        self.node.scalar()
    }

    /// What stands under a key, where this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The same, with the key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&'a str, Self)> {
        let (key, entry) = self.node.as_map()?.get_key_value(key)?;
        Some((key, self.under(key, entry)))
    }

    /// The entries of a mapping, by their keys; nothing where it is none.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let entries = self.node.entries();
        entries.map(|(key, entry)| (key, self.under(key, entry)))
    }

    /// The items of a list; nothing where it is none.
    pub fn items(&self) -> impl Iterator<Item = Self> {
        let items = self.node.items().iter();
        items.map(|item| self.below(item, item.at, None))
    }

    fn under(&self, key: &'a str, entry: &'a Entry) -> Self {
        self.below(&entry.value, entry.key_at, Some(key))
    }

    fn below(&self, node: &'a Node, key: Mark, name: Option<&'a str>) -> Self {
        Self {
            node,
            key,
            notes: self.notes,
            name,
        }
    }
}

impl Loader {
    fn as_written(here: &Path, reads_files: bool) -> Self {
        Self {
            notes: Notes::default(),
            unset: Unset::Keep,
            reading: Reading::Written,
            reads_files,
            home: None,
            here: here.to_owned(),
            boundary: Boundary::default(),
        }
    }

    fn load_written(&mut self, request: &Request) -> Result<Node, Stop> {
        let surroundings = self.surroundings(request)?;
        let files = self.files(&surroundings.files)?;
        let scene = Scene {
            directory: surroundings.directory,
            variables: Arc::new(surroundings.variables),
        };
        self.written(files, &scene)
    }

    fn written(&mut self, files: Vec<File>, scene: &Scene) -> Result<Node, Stop> {
        let mut root = Node::new(Kind::Map(Map::new()), Mark::default());
        for file in files {
            root = self.lay(root, file, scene, &[], Passes::All)?;
        }
        Ok(root)
    }
}
