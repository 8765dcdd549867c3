//! Findings that are known: only new ones fail a check.
//!
//! Files are named relative to the folder of the baseline, so that it does not matter where a command runs.
//! What a run does not look at, because of its rules, levels, names or files, is neither gone nor forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::scope::Scope;
use super::violation::Violation;
use crate::files::{self, ReadError, limits};
use crate::redact;
use crate::text::path::{clean, relative};

/// The version of the file.
const VERSION: u8 = 1;

/// The mode of a new file; it belongs into version control.
const MODE: u32 = 0o644;

/// Findings that are known.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u8,
    findings: Vec<KnownFinding>,
    /// Its folder.
    #[serde(skip)]
    folder: PathBuf,
}

/// A finding that is known, how many there are of it, and whose it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KnownFinding {
    #[serde(flatten)]
    identity: Identity,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    environments: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    hosts: BTreeSet<String>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

/// Findings by what a baseline knows of them.
#[derive(Debug, Default)]
pub struct Split {
    /// Those that it does not know.
    pub new: Vec<Violation>,
    /// Those that it knows.
    pub known: Vec<Violation>,
    /// What it knows and was not found again.
    pub gone: Vec<KnownFinding>,
}

fn one() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

impl KnownFinding {
    /// How many findings it is.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.environments.extend(other.environments);
        self.hosts.extend(other.hosts);
    }
}

/// Why a baseline cannot be read or written.
#[derive(Debug)]
pub(crate) enum BaselineError {
    /// It does not exist.
    Missing(PathBuf),
    /// The file cannot be read.
    Unreadable(PathBuf, ReadError),
    /// The file is something else.
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line in it.
        line: usize,
        /// The column there.
        column: usize,
    },
    /// It is of another version of composegen.
    OtherVersion(PathBuf, u8),
    /// The findings cannot be written as JSON.
    Json(serde_json::Error),
    /// The file cannot be written.
    Unwritable(PathBuf, io::Error),
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "`{0}` does not exist; create it with --baseline {0} --update-baseline",
                path.display()
            ),
            Self::Unreadable(path, error) => {
                write!(f, "cannot read `{}`: {error}", path.display())
            }
            // Any file may be named, and the reason for the error would quote it.
            Self::Invalid { path, line, column } => write!(
                f,
                "`{}` is not a baseline file (line {line}, column {column})",
                path.display()
            ),
            Self::OtherVersion(path, version) => write!(
                f,
                "`{}` is a baseline of version {version}; this version of composegen reads version {VERSION}",
                path.display()
            ),
            Self::Json(error) => error.fmt(f),
            Self::Unwritable(path, _) => write!(f, "cannot write `{}`", path.display()),
        }
    }
}

impl std::error::Error for BaselineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unwritable(_, error) => Some(error),
            _ => None,
        }
    }
}

impl Baseline {
    /// One without findings, for a file.
    fn at(path: &Path) -> Self {
        Self {
            version: VERSION,
            findings: Vec::new(),
            folder: folder(path),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not a baseline.
    pub(crate) fn read(path: &Path) -> Result<Self, BaselineError> {
        Self::existing(path)?.ok_or_else(|| BaselineError::Missing(path.to_owned()))
    }

    /// Reads a file that may not exist yet.
    fn existing(path: &Path) -> Result<Option<Self>, BaselineError> {
        let path = path.to_owned();
        let text = match files::named(&path, limits::BASELINE) {
            Ok(text) => text,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(BaselineError::Unreadable(path, error)),
        };
        let read: Self = match serde_json::from_str(&text.text) {
            Ok(read) => read,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                return Err(BaselineError::Invalid { path, line, column });
            }
        };
        if read.version != VERSION {
            return Err(BaselineError::OtherVersion(path, read.version));
        }
        Ok(Some(Self {
            folder: folder(&path),
            ..read
        }))
    }

    /// Writes these findings to a file, atomically, and keeps what the file knows outside of a scope.
    ///
    /// # Errors
    /// A file that is something else, or that cannot be written.
    pub(crate) fn update(
        path: &Path,
        findings: &[Violation],
        scope: &Scope,
    ) -> Result<Self, BaselineError> {
        let mut updated = Self::existing(path)?.unwrap_or_else(|| Self::at(path));
        let covered = updated.covered(scope);
        let mut kept = std::mem::take(&mut updated.findings);
        kept.retain(|known| !covered(known));
        let found = findings.iter().map(|finding| KnownFinding {
            identity: updated.identity(finding, scope),
            environments: finding.found.environments.iter().cloned().collect(),
            hosts: finding.found.hosts.iter().cloned().collect(),
            count: 1,
        });
        updated.findings = merged(kept.into_iter().chain(found))
            .into_values()
            .collect();
        let text = redact::to_json(&updated).map_err(BaselineError::Json)?;
        files::write_named(path, text.as_bytes(), MODE)
            .map_err(|error| BaselineError::Unwritable(path.to_owned(), error))?;
        Ok(updated)
    }

    /// How many findings it knows.
    pub(crate) fn len(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
    }

    /// Which findings are new and which are known, and what of the scope is known and was not found again.
    #[must_use]
    pub fn split(mut self, findings: Vec<Violation>, scope: &Scope) -> Split {
        let covered = self.covered(scope);
        let known = std::mem::take(&mut self.findings);
        let mut left = merged(known.into_iter().filter(covered));
        let mut split = Split::default();
        for finding in findings {
            match left.get_mut(&self.identity(&finding, scope)) {
                Some(known) if known.count > 0 => {
                    known.count -= 1;
                    split.known.push(finding);
                }
                _ => split.new.push(finding),
            }
        }
        split.gone = left.into_values().filter(|known| known.count > 0).collect();
        split
    }

    /// Whether a run of a scope would find what is known.
    fn covered<'a>(&self, scope: &'a Scope) -> impl Fn(&KnownFinding) -> bool + use<'a> {
        let files = scope.files.as_ref().map(|files| {
            files
                .iter()
                .map(|file| self.file(file, scope))
                .collect::<BTreeSet<String>>()
        });
        let rules: BTreeMap<_, _> = scope
            .selection
            .all()
            .map(|rule| (rule.code, rule))
            .collect();
        move |known| {
            let Identity { code, file, .. } = &known.identity;
            let (environments, hosts) = (&known.environments, &known.hosts);
            // A rule that this run does not have, such as a custom one, found nothing.
            let is_of_rule = rules.get(&**code).is_some_and(|rule| {
                scope.selection.selects(code) && scope.reports(rule, environments, hosts)
            });
            is_of_rule
                && scope.is_about(environments, hosts)
                && files.as_ref().is_none_or(|files| files.contains(file))
        }
    }

    fn identity(&self, finding: &Violation, scope: &Scope) -> Identity {
        let mut identity = finding.identity();
        identity.file = self.file(&identity.file, scope);
        identity
    }

    /// The name of a file, relative to the baseline.
    fn file(&self, name: &str, scope: &Scope) -> String {
        let Some(folder) = scope.folder.as_ref().filter(|_| name != STANDARD_INPUT) else {
            return name.to_owned();
        };
        let file = clean(&folder.join(name).display().to_string());
        relative(&self.folder, Path::new(&file))
    }
}

/// Those of one identity as one.
fn merged(all: impl Iterator<Item = KnownFinding>) -> BTreeMap<Identity, KnownFinding> {
    let mut merged: BTreeMap<Identity, KnownFinding> = BTreeMap::new();
    for known in all {
        if let Some(same) = merged.get_mut(&known.identity) {
            same.merge(known);
        } else {
            merged.insert(known.identity.clone(), known);
        }
    }
    merged
}

/// The name of a text that is not a file.
const STANDARD_INPUT: &str = "standard input";

/// The folder of a file, which need not exist.
fn folder(file: &Path) -> PathBuf {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().unwrap_or(&file);
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}
