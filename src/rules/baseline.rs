//! Findings that are known: only new ones fail a check.
//!
//! A finding is the same as one in the baseline where rule, file and message are the same. Lines are not
//! compared, because they move.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::violation::Violation;
use crate::files::{self, limits};
use crate::redact;

/// The version of the file.
const VERSION: u8 = 1;

/// The mode of a new file; it belongs into version control.
const MODE: u32 = 0o644;

/// Findings that are known.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u8,
    findings: Vec<Known>,
}

/// A finding that is known, and how many there are of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(flatten)]
    identity: Identity,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

/// What makes two findings the same, wherever in the file they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Identity {
    code: String,
    file: String,
    message: String,
}

fn one() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Violation {
    /// What makes it the same as another one. Nothing in it is secret, as in all messages.
    pub(crate) fn identity(&self) -> Identity {
        let diagnostic = &self.found.diagnostic;
        Identity {
            code: self.rule.code.to_owned(),
            // As they are written to a file.
            file: redact::text(&diagnostic.place().source.name).into_owned(),
            message: redact::text(diagnostic.message()).into_owned(),
        }
    }
}

impl Baseline {
    /// The baseline that these findings are.
    #[must_use]
    pub fn of(findings: &[Violation]) -> Self {
        let mut counts: BTreeMap<Identity, usize> = BTreeMap::new();
        for finding in findings {
            *counts.entry(finding.identity()).or_default() += 1;
        }
        Self {
            version: VERSION,
            findings: counts
                .into_iter()
                .map(|(identity, count)| Known { identity, count })
                .collect(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not a baseline.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text = match files::named(path, limits::BASELINE) {
            Err(error) if error.is_not_found() => {
                bail!("`{name}` does not exist; create it with --baseline {name} --update-baseline")
            }
            text => text.with_context(|| format!("cannot read `{name}`"))?,
        };
        let read: Self = serde_json::from_str(&text.text)
            .with_context(|| format!("`{name}` is not a baseline of findings"))?;
        if read.version != VERSION {
            bail!(
                "`{name}` is a baseline of version {}; this version of composegen reads version {VERSION}",
                read.version
            );
        }
        Ok(read)
    }

    /// Writes it to a file, atomically.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = redact::to_json(self)?;
        files::write_named(path, text.as_bytes(), MODE)
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Which findings are new and which are known, and how many known ones there are no more.
    #[must_use]
    pub fn split(self, findings: Vec<Violation>) -> (Vec<Violation>, Vec<Violation>, usize) {
        let mut left: BTreeMap<Identity, usize> = BTreeMap::new();
        for known in self.findings {
            *left.entry(known.identity).or_default() += known.count;
        }
        let (known, new) =
            findings
                .into_iter()
                .partition(|finding| match left.get_mut(&finding.identity()) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        true
                    }
                    _ => false,
                });
        (new, known, left.into_values().sum())
    }
}
