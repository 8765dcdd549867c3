//! What changed in the Compose files of a host.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::render::unified_diff;
use crate::source::Source;

/// A Compose file that is not as it was.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileChange {
    /// Its path, relative to the project's root.
    pub(crate) path: String,
    /// What became of it.
    pub(crate) change: FileChangeKind,
    /// How its text changed, without what a name or a shape shows to be secret.
    pub(crate) diff: String,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum FileChangeKind {
    Changed,
    New,
    Removed,
}

impl FileChange {
    /// How the files of a host changed.
    pub(crate) fn all(before: &[Arc<Source>], after: &[Arc<Source>]) -> Vec<Self> {
        let names: BTreeSet<&String> = before
            .iter()
            .chain(after)
            .map(|source| &source.name)
            .collect();
        let changes = names.into_iter().filter_map(|path| {
            let text = |side: &'_ [Arc<Source>]| {
                let found = side.iter().find(|source| source.name == *path);
                found.map(|source| source.text.clone())
            };
            let (old, new) = (text(before), text(after));
            let change = match (&old, &new) {
                (Some(old), Some(new)) if old == new => return None,
                (Some(_), Some(_)) => FileChangeKind::Changed,
                (None, _) => FileChangeKind::New,
                (_, None) => FileChangeKind::Removed,
            };
            let name = |side: &str, text: &Option<String>| match text {
                Some(_) => format!("{side}/{path}"),
                None => "/dev/null".to_owned(),
            };
            let names = (name("a", &old), name("b", &new));
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            Some(Self {
                path: path.clone(),
                change,
                diff: unified_diff(&old, &new, &names.0, &names.1),
            })
        });
        changes.collect()
    }

    /// What became of it, in a word.
    pub(crate) fn word(&self) -> &'static str {
        self.change.into()
    }
}
