//! What a promotion needs to know from git, the release journal and the rendered files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::full_names;
use crate::files::folders::{ENVIRONMENTS, GENERATED, TEMPLATES};
use crate::files::{self, ReadError, Root, limits};
use crate::git::{Commit, Git, GitError, RefName, Revision};
use crate::journal::{self, Digest, Entry, FileDigests, Journal, Time};
use crate::render::{self, Rendered};
use crate::source::Source;
use crate::spec::{ByHand, Environment, Host};
use crate::text::{shell, unix_lines};

/// Why it cannot be decided.
#[derive(Debug)]
pub(crate) enum PromoteError {
    /// git does not answer.
    Git(GitError),
    /// The journal cannot be read.
    Journal(ReadError),
    /// A branch or tag of something else than a commit.
    NotACommit(String),
    /// A name that git does not know.
    Unknown(String),
}

impl fmt::Display for PromoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(error) => error.fmt(f),
            Self::Journal(error) => write!(f, "cannot read `{}`: {error}", journal::FILE),
            Self::NotACommit(name) => write!(f, "`{name}` is not a commit"),
            Self::Unknown(name) => write!(f, "git knows no commit `{name}` here"),
        }
    }
}

impl std::error::Error for PromoteError {}

impl From<GitError> for PromoteError {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}

/// The commit of a branch or tag, by its full name: of `main` alone git would take a tag of that name
/// before the branch. What is a commit and neither of the two is a reason to refuse.
pub(crate) fn resolve(
    git: Git<'_>,
    reference: &Revision,
) -> Result<(Commit, Result<RefName, String>), PromoteError> {
    if let Ok(given) = reference.as_str().parse::<RefName>() {
        // An exact name: `main~1` is not a branch.
        for name in full_names(given.as_str()) {
            let Ok(name) = name.parse::<RefName>() else {
                continue;
            };
            if git.has(&name)? {
                let commit = git
                    .commit(&Revision::from(&name))?
                    .ok_or_else(|| PromoteError::NotACommit(name.to_string()))?;
                return Ok((commit, Ok(given)));
            }
        }
    }
    let found = match git.commit(reference) {
        Err(GitError::Refused(_)) => None,
        found => found?,
    };
    let found = found.ok_or_else(|| PromoteError::Unknown(reference.to_string()))?;
    let reason = format!(
        "`{reference}` is neither a branch nor a release candidate tag: name the one it is on"
    );
    Ok((found, Err(reason)))
}

/// Why nothing may be added to a journal: lines that are not entries, an entry that is later than now,
/// or a committed past that was changed.
pub(crate) fn unsound(
    root: &Root,
    git: Git<'_>,
    journal: &Journal,
) -> Result<Vec<String>, PromoteError> {
    let mut reasons: Vec<String> = journal
        .broken()
        .take(3)
        .map(|(place, why)| format!("{} is not a valid journal entry: {why}", place.display()))
        .collect();
    if let Some((last, place)) = journal.entries().next_back()
        && last.time.at > Time::now().at
    {
        reasons.push(format!(
            "{}: this entry's time, {}, is in the future: check the clock",
            place.display(),
            last.time
        ));
    }
    // Where nothing is committed yet, there is no past.
    if let Some(committed) = git.committed(journal::FILE)? {
        let committed = String::from_utf8_lossy(&committed);
        let here = journal::text(root).map_err(PromoteError::Journal)?;
        let here = here.unwrap_or_default();
        if !unix_lines(&here).starts_with(&*unix_lines(&committed)) {
            reasons.push(format!(
                "`{}` does not begin with its committed version: its history was changed",
                journal::FILE
            ));
        }
    }
    Ok(reasons)
}

/// What is recorded is the working tree, so it must be the commit's. The journal itself may be ahead of
/// it: that the commit was in one environment is recorded after it.
pub(crate) fn moved_on(
    root: &Root,
    git: Git<'_>,
    commit: &Commit,
    environment: &Environment,
    env_files: &BTreeSet<String>,
) -> Result<Option<String>, PromoteError> {
    let by_hand = texts(environment).map(|source| source.name.as_str());
    let mut released: Vec<&str> = [ENVIRONMENTS, TEMPLATES, GENERATED]
        .into_iter()
        .chain(by_hand)
        // Those that git ignores hold secrets of the host, and are in no commit.
        .chain(env_files.iter().map(String::as_str))
        .collect();
    let changed = git.changed(commit, &released)?;
    // A file that a killed render left behind is not released.
    let is_leftover = |name: &&String| {
        let path = Path::new(name);
        path.starts_with(GENERATED) && path.file_name().is_some_and(files::is_temporary)
    };
    let Some(first) = changed.iter().find(|name| !is_leftover(name)) else {
        return Ok(None);
    };
    let commit = commit.short();
    // A check-out would bring the journal of then, without what was promoted since. git refuses a path that neither has.
    let is_tracked = |path: &str| {
        let is_file = |found: Result<Option<Vec<u8>>, _>| matches!(found, Ok(Some(_)));
        root.has(path).unwrap_or(false)
            && (!env_files.contains(path) || is_file(git.committed(path)))
    };
    released.retain(|path| is_tracked(path));
    let source = format!("--source={commit}");
    let restore = ["git", "restore", &source, "--staged", "--worktree", "--"];
    let restore = shell::command(restore.into_iter().chain(released));
    Ok(Some(format!(
        "the working tree is not at commit {commit}: `{first}` differs; commit or stash what you changed there, and restore it, which keeps the journal: {restore}"
    )))
}

/// A file of the environment, compared with the last release.
#[derive(Debug, Serialize)]
pub(crate) struct ReleasedFile {
    pub(crate) path: String,
    pub(crate) digest: Digest,
    pub(crate) change: ReleaseChange,
    pub(crate) diff: String,
}

/// How a file changed since the last release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReleaseChange {
    Unchanged,
    Changed,
    New,
}

impl ReleaseChange {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::New => "new",
        }
    }
}

/// The files that a promotion releases; `env_files` are those that the hosts of the environment read.
pub(crate) fn released(
    root: &Root,
    git: Git<'_>,
    rendered: &[Rendered<'_>],
    journal: &Journal,
    environment: &Environment,
    env_files: &BTreeSet<String>,
) -> Vec<ReleasedFile> {
    let last = journal.last_of(&environment.name).map(|(entry, _)| entry);
    let rendered = rendered.iter().filter(|one| one.planned.is_written);
    let files = rendered.map(|one| &one.source).chain(texts(environment));
    let files = files.map(|source| release(git, last, &source.name, &source.text));
    let variables = env_files.iter().filter_map(|path| {
        git.committed(path).ok()??;
        let text = root.text(Path::new(path), limits::ENV_FILE).ok()?;
        Some(ReleasedFile {
            // It may show a secret.
            diff: String::new(),
            ..release(git, last, path, &text)
        })
    });
    files.chain(variables).collect()
}

/// The Compose files of an environment that are written by hand, with what they extend and include, each once.
fn texts(environment: &Environment) -> impl Iterator<Item = &Arc<Source>> {
    let by_hand = environment.hosts.iter().filter_map(Host::by_hand);
    let texts: BTreeMap<&str, &Arc<Source>> = by_hand
        .flat_map(ByHand::texts)
        .map(|source| (source.name.as_str(), source))
        .collect();
    texts.into_values()
}

fn release(git: Git<'_>, last: Option<&Entry>, path: &str, text: &str) -> ReleasedFile {
    let digests = FileDigests::of(text.as_bytes());
    let before = last.and_then(|entry| Some((entry, entry.files.get(path)?)));
    let (change, diff) = match before {
        None => (ReleaseChange::New, String::new()),
        Some((_, old)) if digests.has(old) => (ReleaseChange::Unchanged, String::new()),
        Some((entry, _)) => {
            // A commit that a shallow clone does not have is not a reason to refuse.
            let old = git
                .file(&entry.commit, path)
                .ok()
                .flatten()
                .unwrap_or_default();
            let old = String::from_utf8_lossy(&old);
            let names = (format!("a/{path}"), format!("b/{path}"));
            let diff = render::unified_diff(&old, text, &names.0, &names.1);
            (ReleaseChange::Changed, diff)
        }
    };
    ReleasedFile {
        path: path.to_owned(),
        digest: digests.recorded(),
        change,
        diff,
    }
}
