//! The release journal: what went into which environment, when, and who said that it may.
//!
//! One entry per line, as JSON. Each holds the digest of the line before it, so that no entry can be
//! changed or taken out without the next one showing it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostics, unreadable};
use crate::files::{Root, limits};
use crate::source::{Place, Source};

/// The folder of the journal, below the project's root.
pub const FOLDER: &str = "releases";

/// The journal's file, below the project's root.
pub const FILE: &str = "releases/journal.jsonl";

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When it was made (UTC).
    pub time: String,
    /// The branch, tag or release that was promoted.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its commit.
    pub commit: String,
    /// The environment that it went into.
    pub environment: String,
    /// The environment's files, with their digests.
    pub files: BTreeMap<String, String>,
    /// Who said that it may.
    pub approver: Option<String>,
    /// The digest of the line before; nothing for the first.
    pub previous: Option<String>,
}

/// A line of the journal.
#[derive(Debug, Clone)]
pub struct Line {
    /// The entry, or why the line is none.
    pub entry: Result<Entry, String>,
    /// The digest of the line.
    pub digest: String,
    /// Where it is.
    pub place: Place,
}

/// The journal.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Its lines, the oldest first.
    pub lines: Vec<Line>,
    /// The digests of the files that entries name, as they lie in the project; nothing where one is
    /// not there.
    pub found: BTreeMap<String, Option<String>>,
}

impl Journal {
    /// Reads the journal of the project at `root`; one that was never written is empty.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn load(root: &Root) -> Result<Self, Diagnostics> {
        match root.text(Path::new(FILE), limits::JOURNAL) {
            Ok(text) => {
                let mut journal = Self::read(&Source::new(FILE, text));
                journal.look(root);
                Ok(journal)
            }
            Err(error) if error.is_not_found() => Ok(Self::default()),
            Err(error) => Err(unreadable(FILE, "read", &error).into()),
        }
    }

    /// Reads a journal. What is wrong with it is for the rules to say.
    #[must_use]
    pub fn read(source: &Arc<Source>) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for written in source.text.split_inclusive('\n') {
            let text = written.trim_end_matches(['\n', '\r']);
            if !text.is_empty() {
                lines.push(Line {
                    entry: serde_json::from_str(text).map_err(|error| error.to_string()),
                    digest: digest(text.as_bytes()),
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
        let entries = self
            .lines
            .iter()
            .filter_map(|line| line.entry.as_ref().ok());
        let names: BTreeSet<&String> = entries.flat_map(|entry| entry.files.keys()).collect();
        let inside = |name: &&String| {
            let mut parts = Path::new(name).components();
            parts.all(|part| matches!(part, Component::Normal(_)))
        };
        let found = names.into_iter().filter(inside).map(|name| {
            let content = root.bytes(Path::new(name), limits::GENERATED).ok();
            (name.clone(), content.map(|content| digest(&content)))
        });
        self.found = found.collect();
    }

    /// The entries that can be read, the oldest first.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&Entry, &Place)> {
        let lines = self.lines.iter();
        lines.filter_map(|line| Some((line.entry.as_ref().ok()?, &line.place)))
    }

    /// The last entry of an environment.
    #[must_use]
    pub fn last_of(&self, environment: &str) -> Option<(&Entry, &Place)> {
        let mut entries = self.entries().rev();
        entries.find(|(entry, _)| entry.environment == environment)
    }

    /// What the next entry says of the one before it.
    #[must_use]
    pub fn head(&self) -> Option<String> {
        self.lines.last().map(|line| line.digest.clone())
    }
}

/// Adds an entry to the journal of the project at `root`.
///
/// # Errors
/// A file that cannot be written.
pub fn append(root: &Path, entry: &Entry) -> io::Result<()> {
    let path = root.join(FILE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    // In one write, so that two that append at once leave two whole lines.
    let line = serde_json::to_string(entry)? + "\n";
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// The digest of a text, as the journal writes it.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
