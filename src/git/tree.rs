//! All files of a commit.

use super::run::run;
use super::{Commit, Git, GitError, LARGEST_LIST};

/// The most that is read of the files together, in bytes.
const LARGEST_TREE: usize = 256 << 20;
/// Files that are larger than this are left out: nothing that is read of a project is.
const LARGEST_FILE: usize = super::LARGEST_FILE;

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedFile {
    /// Its path, relative to the project's root.
    pub(crate) path: String,
    /// What is in it; of a link, what it leads to.
    pub(crate) bytes: Vec<u8>,
    /// Whether it is a symbolic link.
    pub(crate) is_link: bool,
}

/// A line of `git ls-tree`.
struct Listed<'a> {
    path: &'a str,
    object: &'a str,
    size: usize,
    is_link: bool,
}

impl Git<'_> {
    /// The files of a commit below the project's root. Those that are too large for anything to read
    /// are left out, and so are submodules and names that are not UTF-8.
    ///
    /// # Errors
    /// git cannot be run, does not know the commit, or all together are too large.
    pub(crate) fn files(self, commit: &Commit) -> Result<Vec<CommittedFile>, GitError> {
        let root = self.root.path();
        // In a folder, git lists what is below it, with names relative to it.
        let list = ["ls-tree", "-r", "-l", "-z", commit.as_str()];
        let list = run(root, &list, &[], LARGEST_LIST)?.unwrap_or_default();
        let listed: Vec<Listed<'_>> = list
            .split(|byte| *byte == 0)
            .filter_map(read_line)
            .collect();
        let total: usize = listed.iter().map(|one| one.size).sum();
        if total > LARGEST_TREE {
            return Err(GitError::TooLong(LARGEST_TREE));
        }
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        let objects: Vec<&str> = listed.iter().map(|one| one.object).collect();
        let objects = objects.join("\n") + "\n";
        // Each file comes after a line of less than a hundred bytes.
        let limit = total + listed.len() * 100;
        let batch = ["cat-file", "--batch"];
        let answer = run(root, &batch, objects.as_bytes(), limit)?.unwrap_or_default();
        let mut rest = answer.as_slice();
        let files = listed.iter().map(|one| {
            let bytes = next(&mut rest, one).ok_or_else(|| {
                GitError::Refused(format!("cannot read `{}` of {}", one.path, commit.short()))
            })?;
            Ok(CommittedFile {
                path: one.path.to_owned(),
                bytes: bytes.to_vec(),
                is_link: one.is_link,
            })
        });
        files.collect()
    }
}

/// `MODE blob OBJECT SIZE<tab>PATH`
fn read_line(line: &[u8]) -> Option<Listed<'_>> {
    let line = std::str::from_utf8(line).ok()?;
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, kind, object) = (facts.next()?, facts.next()?, facts.next()?);
    let size = facts.next()?.parse().ok()?;
    (kind == "blob" && size <= LARGEST_FILE).then_some(Listed {
        path,
        object,
        size,
        is_link: mode == "120000",
    })
}

/// The next file of `git cat-file --batch`: `OBJECT blob SIZE`, a new line, the file, a new line.
fn next<'a>(rest: &mut &'a [u8], one: &Listed<'_>) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (header, after) = rest.split_at_checked(end)?;
    let expected = format!("{} blob {}", one.object, one.size);
    let (bytes, after) = after.get(1..)?.split_at_checked(one.size)?;
    *rest = after.strip_prefix(b"\n")?;
    (header == expected.as_bytes()).then_some(bytes)
}
