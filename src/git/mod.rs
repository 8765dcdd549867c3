//! What is asked of git: commits of names, what differs from a commit, and files of a commit.
//!
//! The only module that runs git. What it is given are types that cannot be an option ([`Commit`],
//! [`RefName`], [`Revision`]), what it answers is read to a limit, and it is run so that
//!
//! - no program of a configuration is started: no pager, no external diff, no text conversion, no
//!   file system monitor, no hook, no ssh (objects that a partial clone lacks are not fetched);
//! - nothing is written, but that `git diff` may note in the index which files it looked into;
//! - no object is replaced by another (`refs/replace`), and no submodule is entered;
//! - its messages are those of the C locale.
//!
//! What is left are the clean filters of the user's own configuration (`filter.NAME.clean`), which
//! `git diff` has to run as `git status` does: without them a file of such a filter, or of an end of
//! line that is converted, would always differ. A commit can name a filter and not define one.

mod run;
mod tree;
mod words;

pub(crate) use run::GitError;
pub(crate) use tree::CommittedFile;
pub(crate) use words::{Commit, RefName, Revision};

use std::collections::BTreeSet;

use crate::files::Root;
use crate::text::Invalid;

/// The most that is read of a file of a commit, in bytes.
pub(crate) const LARGEST_FILE: usize = 16 << 20;

/// The limit for an answer that is not a file, in bytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// The limit for a list of all files, in bytes: some hundred thousand of them.
const LARGEST_LIST: usize = 32 << 20;

/// What lists the files that git neither tracks nor ignores.
const NEW: [&str; 4] = ["ls-files", "--others", "--exclude-standard", "-z"];

/// The names in a list that ends each of them with a NUL.
fn names_in(answer: &[u8]) -> impl Iterator<Item = String> {
    let names = answer.split(|byte| *byte == 0);
    names
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
}

/// The repository that a project is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Git<'a> {
    root: &'a Root,
}

impl<'a> Git<'a> {
    /// The repository of the project at `root`.
    #[must_use]
    pub(crate) fn of(root: &'a Root) -> Self {
        Self { root }
    }

    /// Whether there is a ref of exactly this name (`refs/heads/main`).
    ///
    /// # Errors
    /// git cannot be run, or knows no repository here.
    pub(crate) fn has(self, name: &RefName) -> Result<bool, GitError> {
        let arguments = ["show-ref", "--verify", "--quiet", "--", name.as_str()];
        Ok(self.run(&arguments, LARGEST_ANSWER)?.is_some())
    }

    /// The commit of a name; `None` where git knows none.
    ///
    /// # Errors
    /// git cannot be run, or knows no repository here.
    pub(crate) fn commit(self, name: &Revision) -> Result<Option<Commit>, GitError> {
        self.parse(&format!("{name}^{{commit}}"))
    }

    /// A file as it is in a commit, `path` relative to the project's root; `None` where the commit
    /// or the file is not there, as in a shallow clone.
    ///
    /// # Errors
    /// git cannot be run, or the file is larger than [`LARGEST_FILE`].
    pub(crate) fn file(self, commit: &Commit, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.blob(&format!("{commit}:./{path}"))
    }

    /// A file as it was committed last, `path` relative to the project's root; `None` where it was not.
    ///
    /// # Errors
    /// git cannot be run, or the file is larger than [`LARGEST_FILE`].
    pub(crate) fn committed(self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.blob(&format!("HEAD:./{path}"))
    }

    /// A file as it is staged, which is what a pre-commit hook checks; one that is not in the index, as it was committed last.
    /// `path` is relative to the project's root; `None` where neither has it.
    ///
    /// # Errors
    /// git cannot be run, or the file is larger than [`LARGEST_FILE`].
    pub(crate) fn staged_or_committed(self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        match self.blob(&format!(":./{path}"))? {
            Some(staged) => Ok(Some(staged)),
            None => self.committed(path),
        }
    }

    /// The files below these folders that are not as in a commit, or that it does not have.
    ///
    /// # Errors
    /// git cannot be run, or does not know the commit.
    pub(crate) fn changed(
        self,
        commit: &Commit,
        folders: &[&str],
    ) -> Result<Vec<String>, GitError> {
        let diff = [
            "diff",
            "--name-only",
            "-z",
            "--relative",
            "--no-color",
            "--no-ext-diff",
            "--no-renames",
            "--no-textconv",
            "--ignore-submodules=dirty",
            commit.as_str(),
            "--",
        ];
        let others = [&NEW[..], &["--"]].concat();
        let mut names = Vec::new();
        for arguments in [&diff[..], &others[..]] {
            let answer = self
                .run(&[arguments, folders].concat(), LARGEST_ANSWER)?
                .ok_or(GitError::Refused(String::new()))?;
            names.extend(names_in(&answer));
        }
        Ok(names)
    }

    /// The files that git does not track; below `folders`, those alone that it is told to ignore.
    ///
    /// # Errors
    /// git cannot be run, knows no repository here, or there are too many.
    pub(crate) fn untracked(self, folders: &[&str]) -> Result<Vec<String>, GitError> {
        let list = |arguments: &[&str]| {
            let answer = self.run(arguments, LARGEST_LIST)?.unwrap_or_default();
            Ok(names_in(&answer).collect::<Vec<_>>())
        };
        let mut all = list(&["ls-files", "--others", "-z"])?;
        let new: BTreeSet<String> = list(&[&NEW[..], &["--"], folders].concat())?
            .into_iter()
            .collect();
        // Another repository is a folder.
        all.retain(|name| !name.ends_with('/') && !new.contains(name));
        Ok(all)
    }

    /// Those of these paths, relative to the project's root, that git is told to ignore (`.gitignore`).
    ///
    /// # Errors
    /// git cannot be run, or knows no repository here.
    pub(crate) fn ignored(self, paths: &[&str]) -> Result<BTreeSet<String>, GitError> {
        // It knows no literal paths; one that begins so has no magic.
        let arguments = ["--no-literal-pathspecs", "check-ignore", "-z", "--stdin"];
        let asked = format!("./{}\0", paths.join("\0./"));
        let answer = run::run(
            self.root.path(),
            &arguments,
            asked.as_bytes(),
            LARGEST_ANSWER,
        )?
        .unwrap_or_default();
        let names = answer
            .split(|byte| *byte == 0)
            .filter_map(|name| name.strip_prefix(b"./"));
        Ok(names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect())
    }

    fn blob(self, name: &str) -> Result<Option<Vec<u8>>, GitError> {
        let Some(object) = self.parse(name)? else {
            return Ok(None);
        };
        // The name may be that of a folder or a submodule, which is not a file.
        self.run(&["cat-file", "blob", object.as_str()], LARGEST_FILE)
    }

    /// The number of an object; `None` where there is none of this name.
    fn parse(self, name: &str) -> Result<Option<Commit>, GitError> {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let Some(answer) = self.run(&arguments, LARGEST_ANSWER)? else {
            return Ok(None);
        };
        let number = String::from_utf8_lossy(&answer).trim().parse();
        number
            .map(Some)
            .map_err(|invalid: Invalid| GitError::Refused(invalid.to_string()))
    }

    fn run(self, arguments: &[&str], limit: usize) -> Result<Option<Vec<u8>>, GitError> {
        run::run(self.root.path(), arguments, &[], limit)
    }
}
