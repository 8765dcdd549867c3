//! The release journal: what went into which environment, when, and who said that it may.
//!
//! One entry per line, as JSON. Each holds the digest of the line before it, so that no entry can be
//! changed or taken out without the next one showing it.

mod entry;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;

pub(crate) use entry::FileDigests;
pub use entry::{Digest, Entry};
pub(crate) use entry::{Released, Time};

use crate::diagnostic::{Diagnostics, unreadable};
use crate::files::folders::RELEASES;
use crate::files::{Access, Lock, ReadError, Root, limits, sweep, to_text};
use crate::source::{Place, Source};
use crate::spec::Name;

/// The journal's file, below the project's root.
pub(crate) const FILE: &str = "releases/journal.jsonl";

const NAME: &str = "journal.jsonl";

/// A file with more lines than this that are not entries is not a journal; the rest of it is one of them.
const MOST_BROKEN: usize = 100;

/// A line of the journal.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The entry, or why the line is not one.
    pub entry: Result<Entry, String>,
    /// The digest of the line.
    pub digest: Digest,
    /// Where it is.
    pub place: Place,
}

/// The journal.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Its lines, the oldest first.
    pub lines: Vec<JournalLine>,
    /// The digests of the files that entries name, as they are in the project; nothing where there is
    /// no such file.
    pub(crate) found: BTreeMap<Released, Option<FileDigests>>,
}

impl Journal {
    /// Reads the journal of the project at `root`; one that was never written is empty.
    pub fn load(root: &Root) -> Result<Self, Diagnostics> {
        let text = text(root).map_err(|error| unreadable(FILE, "read", &error))?;
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let mut journal = Self::read(&Source::new(FILE, text));
        journal.look(root);
        Ok(journal)
    }

    /// Reads a journal. What is wrong with it is for the rules to say.
    pub fn read(source: &Arc<Source>) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut broken = 0;
        for written in source.text.split_inclusive('\n') {
            let text = written.trim_end_matches(['\n', '\r']);
            if !text.is_empty() {
                let entry = serde_json::from_str(text)
                    .map_err(|error| explain(&error, written.ends_with('\n')));
                broken += usize::from(entry.is_err());
                if broken > MOST_BROKEN {
                    let rest = source.text.get(start..).unwrap_or_default();
                    lines.push(JournalLine {
                        entry: Err("the rest of the file is not read".to_owned()),
                        digest: Digest::of(rest.as_bytes()),
                        place: Place::bytes(source, start..start + text.len()),
                    });
                    break;
                }
                lines.push(JournalLine {
                    entry,
                    digest: Digest::of(text.as_bytes()),
                    place: Place::bytes(source, start..start + text.len()),
                });
            }
            start += written.len();
        }
        Self {
            lines,
            found: BTreeMap::new(),
        }
    }

    /// Looks at the files that it names.
    fn look(&mut self, root: &Root) {
        let names: BTreeSet<Released> = self
            .entries()
            .flat_map(|(entry, _)| entry.files.keys().cloned())
            .collect();
        let found = names.into_iter().map(|name| {
            let content = root.own_bytes(Path::new(name.as_str()), limits::GENERATED);
            let digests = content.ok().map(|content| FileDigests::of(&content));
            (name, digests)
        });
        self.found = found.collect();
    }

    /// The entries that can be read, the oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = (&Entry, &Place)> {
        self.lines
            .iter()
            .filter_map(|line| Some((line.entry.as_ref().ok()?, &line.place)))
    }

    /// The lines that are not entries, each with the reason.
    pub fn broken(&self) -> impl Iterator<Item = (&Place, &str)> {
        self.lines
            .iter()
            .filter_map(|line| Some((&line.place, line.entry.as_ref().err()?.as_str())))
    }

    /// The last entry of an environment.
    pub(crate) fn last_of(&self, environment: &Name) -> Option<(&Entry, &Place)> {
        self.entries()
            .rev()
            .find(|(entry, _)| entry.environment == *environment)
    }

    /// The digest of the last line, which the next entry records.
    pub fn head(&self) -> Option<Digest> {
        self.lines.last().map(|line| line.digest.clone())
    }
}

/// Adds an entry to the journal of the project at `root`: whole, or not at all. The new journal takes
/// the place of the old one in one step, with its owner and mode.
pub(crate) fn append(root: &Root, _lock: &Lock, entry: &Entry) -> io::Result<()> {
    let mut text = text(root).map_err(io::Error::other)?.unwrap_or_default();
    let head = Journal::read(&Source::new(FILE, text.as_str())).head();
    if head != entry.previous {
        return Err(io::Error::other(
            "it was changed while the promotion was being checked; run the command again",
        ));
    }
    // The last line may have lost its end in an editor.
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&serde_json::to_string(entry)?);
    text.push('\n');
    if text.len() > limits::JOURNAL.bytes {
        return Err(io::Error::other(ReadError::TooLarge(limits::JOURNAL)));
    }
    let is_new = match root.folder(Path::new(RELEASES)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        opened => {
            // A journal that was being written begins as every journal does.
            sweep(&opened?, |_, beginning| {
                beginning.first().is_none_or(|first| *first == b'{')
            })?;
            false
        }
    };
    let folder = root.top().make_folder(OsStr::new(RELEASES))?;
    let access = match folder.metadata(OsStr::new(NAME)) {
        Ok(metadata) => Access::Like(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Access::New(0o644),
        Err(error) => return Err(error),
    };
    let written = root.replace(
        Path::new(RELEASES),
        OsStr::new(NAME),
        text.as_bytes(),
        &access,
    );
    if written.is_err() && is_new {
        // A folder that holds something by now is somebody's, and stays.
        let _ = root.top().remove_folder(OsStr::new(RELEASES));
    }
    written
}

/// The text of the journal of the project at `root`; `None` where there is none yet.
pub(crate) fn text(root: &Root) -> Result<Option<String>, ReadError> {
    match root.own_bytes(Path::new(FILE), limits::JOURNAL) {
        Ok(bytes) => to_text(bytes).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why a line is not an entry. The place that serde gives is in a text of one line, and the text's own
/// place is shown beside it.
fn explain(error: &serde_json::Error, is_ended: bool) -> String {
    if error.is_eof() {
        let why = if is_ended {
            ""
        } else {
            ", and has no line break"
        };
        return format!("the line is cut off{why}");
    }
    let said = error
        .to_string()
        .rsplit_once(" at line 1 column ")
        .map(|(said, column)| format!("{said} (column {column})"));
    said.unwrap_or_else(|| error.to_string())
}
