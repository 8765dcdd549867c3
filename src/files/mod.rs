//! Files in and out, by handles and within limits.
//!
//! [`Root`] is the project's root as an opened folder. Everything is opened from there, so that no
//! path is looked up twice: a folder that is swapped for a link between two steps leads nowhere else.
//!
//! What is read is bounded while it is read, and only regular files are: a FIFO waits for ever, and a
//! device has no end. Nothing outside this module opens files for reading (`clippy.toml` sees to it):
//!
//! - [`named`] and [`standard_input`] read what the user names;
//! - [`bytes`], [`text`] and [`entries`] read the configuration of docker and what composegen made;
//! - [`Root::bytes`], [`Root::text`], [`Root::names`] read what lies in the trees of a project;
//! - [`Boundary::text`] reads what the text of a Compose file names, which may be anything;
//! - [`limits`] says how much is read of each.

// Tests set up what must be refused.
#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests make the files")
)]

mod boundary;
mod create;
pub(crate) mod folders;
pub(crate) mod limits;
mod lock;
mod read;
mod root;
mod scratch;
mod together;
mod tree;
mod write;

pub(crate) use boundary::{Boundary, Text, absolute, named};
pub(crate) use create::{NewFile, NewFolders, nearest, split};
pub(crate) use limits::Limit;
pub(crate) use lock::{Lock, PATIENCE};
pub(crate) use read::{ReadError, Total, bytes, entries, standard_input, text, to_text};
pub use root::Root;
pub(crate) use root::{EntryKind, Folder, Links, PathRefusal};
pub(crate) use scratch::Scratch;
pub(crate) use together::{NotPlaced, Replacement, place_all, replace_all};
pub(crate) use write::{Access, Staged, is_temporary, sweep, update_named, write_named};

/// A path that the user names, relative to the current folder, where it is below it. What is there may be a link that somebody
/// else has put into the project; other paths are the user's own.
fn below<'p>(path: &'p std::path::Path, here: &std::path::Path) -> Option<&'p std::path::Path> {
    use std::path::Component;

    // Of the whole file system, nothing is a project.
    here.parent()?;
    let path = path.strip_prefix(here).unwrap_or(path);
    let mut depth = 0_usize;
    for part in path.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth = depth.checked_sub(1)?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{Root, below};

    #[test]
    fn a_path_is_below_a_folder_that_it_never_leaves() {
        let here = Path::new("/a/here");
        for (path, is_below) in [
            ("x", true),
            ("./x/y", true),
            ("x/../y", true),
            ("/a/here/x/../y", true),
            ("", true),
            ("../here/x", false),
            ("x/../../y", false),
            ("/a/other", false),
        ] {
            assert_eq!(below(Path::new(path), here).is_some(), is_below, "{path}");
        }
        assert!(below(Path::new("x"), Path::new("/")).is_none());
    }

    /// A project with links of every kind, in a folder beside what they must not reach.
    pub(super) fn project() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("tree/deep")).unwrap();
        fs::create_dir(folder.path().join("beside")).unwrap();
        fs::write(folder.path().join("beside/file"), "outside").unwrap();
        fs::write(root.join("tree/file"), "inside").unwrap();
        fs::write(root.join("tree/bad"), b"a\xff").unwrap();
        for (to, link) in [
            ("tree", "also"),
            ("../beside", "outer"),
            ("file", "tree/inner"),
            ("../../beside/file", "tree/outer"),
            ("/dev/zero", "tree/zero"),
            ("loop", "tree/loop"),
            ("deep", "tree/folder"),
            ("missing", "tree/nowhere"),
            ("somebody@host.1:2", "tree/.#file"),
        ] {
            symlink(to, root.join(link)).unwrap();
        }
        let root = Root::open(&root).unwrap();
        (folder, root)
    }
}
