//! What comes up while a project is read: its texts, mistakes, warnings, and the files behind it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::growth::{Grown, Growth};
use super::tree::{Mark, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Words};
use crate::source::{Place, Source};

/// A pass cannot go on; the reason is among the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop;

/// All texts that were read.
#[derive(Debug, Default, Clone)]
pub(super) struct Sources(Vec<Arc<Source>>);

/// What there is to say about the texts that were read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) sources: Sources,
    pub(super) problems: Diagnostics,
    pub(super) warnings: BTreeSet<String>,
    pub(super) read: Vec<PathBuf>,
    /// The Compose files of the project's folder that others include or extend.
    pub(super) brought: BTreeSet<PathBuf>,
    /// The variables that env files set, where such files were read.
    pub(super) given: Option<BTreeSet<String>>,
    /// The required variables without a value, where such are kept, each with what is wrong.
    pub(super) required: BTreeMap<String, String>,
    /// The files as a set, to look for them.
    known: HashSet<PathBuf>,
    /// Where values were written that come from variables that may be secret.
    pub(super) from_secrets: HashSet<Mark>,
    /// The keys and values of `version`, which no model keeps.
    pub(super) versions: Vec<(Mark, Mark)>,
    /// The keys of `extends` and `include`, which no model keeps.
    pub(super) brought_in: Vec<(&'static str, Mark)>,
    /// What lists list twice, before the later entries replace the earlier ones.
    pub(super) repeated: Vec<Repeated>,
    /// The documents that are part of the project as wholes, and not only for services that others extend.
    pub(super) wholes: Vec<WholeDocument>,
    /// The documents that a stack does not have.
    pub(super) left_out: Vec<Mark>,
    grown: Grown,
}

/// What a list of a document lists twice.
#[derive(Debug, Clone)]
pub(super) struct Repeated {
    /// The keys that lead to the list.
    pub(super) keys: Vec<String>,
    /// The later entry.
    pub(super) at: Mark,
    pub(super) what: Twice,
    /// What the earlier entry mounts: the source of a mount, or the name of a config or secret.
    pub(super) dropped: Option<String>,
}

/// What two entries of a list have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    /// All, where nothing may be listed twice.
    Item,
    /// The place of a config or secret in the container, as it is written.
    File,
    /// The place of a mount in the container, as it is written.
    Mount,
    /// The name of a variable or a label, which has a value.
    Name,
}

/// A document that is part of a project as a whole.
#[derive(Debug, Clone)]
pub(super) struct WholeDocument {
    /// The number of its text.
    pub(super) source: u32,
    /// Whether it is one of the project's own files, and not included by one.
    pub(super) is_own: bool,
    /// Its `x-composegen`.
    pub(super) extension: Option<Node>,
}

impl Sources {
    pub(super) fn all(&self) -> &[Arc<Source>] {
        &self.0
    }

    /// Where something was written.
    pub(super) fn place(&self, at: Mark) -> Place {
        match self.0.get(at.source as usize) {
            Some(source) if at.end > 0 || !source.text.is_empty() => {
                Place::bytes(source, at.range())
            }
            Some(source) => Place::whole(source),
            None => Place::whole(&Source::new("compose", "")),
        }
    }

    /// What was written there.
    pub(super) fn written(&self, at: Mark) -> &str {
        let source = self.0.get(at.source as usize);
        let text = source.and_then(|source| source.text.get(at.range()));
        text.unwrap_or_default()
    }
}

impl Notes {
    /// Adds a text, and gives its number.
    pub(super) fn add(&mut self, source: &Arc<Source>) -> u32 {
        self.sources.0.push(Arc::clone(source));
        u32::try_from(self.sources.0.len() - 1).unwrap_or(u32::MAX)
    }

    /// Whether something was written in a text outside the project.
    pub(super) fn is_outside(&self, at: Mark) -> bool {
        let source = self.sources.0.get(at.source as usize);
        source.is_some_and(|source| source.is_outside)
    }

    /// Remembers that a file was read.
    pub(super) fn add_read(&mut self, path: &Path) {
        if self.known.insert(path.to_owned()) {
            self.read.push(path.to_owned());
        }
    }

    /// Where something was written.
    pub(super) fn place(&self, at: Mark) -> Place {
        self.sources.place(at)
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// Whether no more mistakes are reported, so that none need be formatted.
    pub(super) fn is_full(&self) -> bool {
        self.problems.is_full()
    }

    /// Takes note of a mistake: what is wrong, and what was expected there.
    pub(super) fn problem(&mut self, at: Mark, message: impl Into<Words>, label: impl Into<Words>) {
        let diagnostic = Diagnostic::new(message, self.place(at)).label(label);
        self.push(diagnostic);
    }

    /// Like `problem`, where reading cannot go on.
    pub(super) fn refuse<T>(
        &mut self,
        at: Mark,
        message: impl Into<Words>,
        label: impl Into<Words>,
    ) -> Result<T, Stop> {
        self.problem(at, message, label);
        Err(Stop)
    }

    /// Stops with a mistake.
    pub(super) fn stop<T>(&mut self, diagnostic: Diagnostic) -> Result<T, Stop> {
        self.push(diagnostic);
        Err(Stop)
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.insert(warning.into());
    }

    /// Stops where anything is wrong.
    pub(super) fn go_on(&self) -> Result<(), Stop> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Stop)
        }
    }

    /// Counts what grows; beyond the limit, that is a mistake at a place.
    pub(super) fn grow(&mut self, what: Growth, by: usize, at: Mark) -> Result<(), Stop> {
        self.grown.add(what, by).map_err(|message| {
            if let Some(message) = message {
                self.problem(at, message, "the limit is reached here");
            }
            Stop
        })
    }

    /// Counts a Compose file that is named by another.
    pub(super) fn count_file(&mut self, bytes: usize, at: Mark) -> Result<(), Stop> {
        self.grow(Growth::Files, 1, at)?;
        self.grow(Growth::Bytes, bytes, at)
    }

    /// Counts an env file, of which there may be several for each service.
    pub(super) fn count_variables_file(&mut self, bytes: usize, at: Mark) -> Result<(), Stop> {
        // To open one costs about as much as to read so many bytes.
        const LEAST: usize = 512;
        self.grow(Growth::Bytes, bytes.max(LEAST), at)
    }

    /// Whether no more files are read, as they are too many or too large.
    pub(super) fn has_outgrown_files(&self) -> bool {
        [
            Growth::Files,
            Growth::Bytes,
            Growth::Variables,
            Growth::Filled,
        ]
        .into_iter()
        .any(|kind| self.has_outgrown(kind))
    }

    /// Whether something grew beyond its limit.
    pub(super) fn has_outgrown(&self, what: Growth) -> bool {
        self.grown.is_over(what)
    }
}
