//! What the files here hold that a project binds into its containers.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Target;
use crate::files::{EntryKind, Limit, Links, ReadError, Root};
use crate::redact::Sensitive;
use crate::state::{Content, FileKind, MAX_BOUND_BYTES, MAX_BOUND_FILES, MountKind};

/// The files of one bind mount together.
const BOUND: Limit = Limit {
    what: "the files of a bind mount",
    bytes: MAX_BOUND_BYTES,
};

impl Target {
    /// Reads the files of the project that its services bind, to be compared with those in containers.
    /// What is not in the project's folder is not: on another machine it is another file.
    pub(crate) fn read_bound(&mut self) {
        let root = Root::open(&self.folder);
        let mut known: BTreeMap<String, Content> = BTreeMap::new();
        for service in self.expected.services.values_mut() {
            let binds = service.mounts.iter();
            for mount in binds.filter(|mount| mount.kind == MountKind::Bind) {
                let source = mount.source.clone().unwrap_or_default();
                let content = known.entry(source).or_insert_with_key(|source| {
                    let below = Path::new(source).strip_prefix(&self.folder);
                    match (&root, below) {
                        (Ok(root), Ok(below)) if is_plain(below) => read(root, below),
                        _ => Content::unread("it is not in the project's folder"),
                    }
                });
                service.bound.insert(mount.target.clone(), content.clone());
            }
        }
    }
}

/// Whether a path is relative and has no `..`.
fn is_plain(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

fn read(root: &Root, path: &Path) -> Content {
    let mut reading = Reading {
        root,
        files: BTreeMap::new(),
        bytes: 0,
        is_cut: false,
    };
    let is_folder = path.as_os_str().is_empty()
        || root
            .metadata(path, Links::Inside)
            .is_ok_and(|metadata| metadata.is_dir());
    let done = if is_folder {
        reading.folder(path)
    } else {
        reading.file(path, String::new())
    };
    let unread = match done {
        Err(error) if error.is_not_found() => Some("it does not exist here".to_owned()),
        Err(error) => Some(format!("it cannot be read here: {error}")),
        Ok(()) => reading.is_cut.then(Content::beyond),
    };
    Content {
        kind: if is_folder {
            FileKind::Directory
        } else {
            FileKind::File
        },
        files: reading.files,
        unread,
        ..Content::default()
    }
}

/// What was read of a bind mount.
struct Reading<'a> {
    root: &'a Root,
    files: BTreeMap<String, Sensitive>,
    bytes: usize,
    is_cut: bool,
}

impl Reading<'_> {
    /// Reads all that is below a folder, in the order of the names, up to the limits.
    fn folder(&mut self, top: &Path) -> Result<(), ReadError> {
        let mut ahead: Vec<(PathBuf, String)> = vec![(top.to_owned(), String::new())];
        while let Some((folder, name)) = ahead.pop() {
            for entry in self.root.list(&folder, Links::Refused)? {
                if self.files.len() >= MAX_BOUND_FILES || ahead.len() >= MAX_BOUND_FILES {
                    self.is_cut = true;
                    return Ok(());
                }
                let path = folder.join(&entry.name);
                let own = entry.name.to_string_lossy();
                let name = format!("{name}{own}");
                match entry.kind {
                    EntryKind::Folder => ahead.push((path, format!("{name}/"))),
                    EntryKind::File => self.file(&path, name)?,
                    EntryKind::Link => {
                        let target = self.root.target(&path)?;
                        let target = target.to_string_lossy();
                        self.files.insert(name, Content::link(target.as_bytes()));
                    }
                    EntryKind::Other => {}
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String) -> Result<(), ReadError> {
        let limit = Limit {
            bytes: BOUND.bytes.saturating_sub(self.bytes),
            ..BOUND
        };
        match self.root.bytes(path, limit) {
            Ok(bytes) => {
                self.bytes += bytes.len();
                self.files.insert(name, Sensitive::digest(bytes));
                Ok(())
            }
            Err(ReadError::TooLarge(_)) => {
                self.is_cut = true;
                Ok(())
            }
            // It was removed meanwhile, or composegen may not read it.
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.is_cut = true;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests set up what is read")]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{MAX_BOUND_BYTES, MAX_BOUND_FILES, is_plain, read};
    use crate::files::Root;
    use crate::redact::Sensitive;
    use crate::state::{Content, FileKind};

    #[test]
    fn files_and_folders_up_to_the_limits() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("conf/sub")).unwrap();
        fs::write(at("conf/a"), "one").unwrap();
        fs::write(at("conf/sub/b"), "two").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("conf/link")).unwrap();
        let root = Root::open(folder.path()).unwrap();
        let file = read(&root, Path::new("conf/a"));
        assert_eq!((file.kind, &file.unread), (FileKind::File, &None));
        assert_eq!(file.digest(), Some(&Sensitive::digest("one")));
        let all = read(&root, Path::new("conf"));
        let files = [
            ("a", Sensitive::digest("one")),
            ("link", Content::link(b"/etc/passwd")),
            ("sub/b", Sensitive::digest("two")),
        ];
        assert_eq!(
            all.files,
            files.map(|(path, digest)| (path.to_owned(), digest)).into()
        );
        assert_eq!((all.kind, &all.unread), (FileKind::Directory, &None));

        // A link out of the project is not followed.
        assert!(read(&root, Path::new("conf/link")).unread.is_some());
        assert!(
            read(&root, Path::new("missing"))
                .unread
                .unwrap()
                .contains("does not exist")
        );
        fs::write(at("conf/large"), vec![0; MAX_BOUND_BYTES + 1]).unwrap();
        assert_eq!(
            read(&root, Path::new("conf")).unread,
            Some(Content::beyond())
        );
        fs::create_dir(at("many")).unwrap();
        for number in 0..=MAX_BOUND_FILES {
            fs::write(at(&format!("many/{number}")), "").unwrap();
        }
        let many = read(&root, Path::new("many"));
        assert_eq!(
            (many.files.len(), many.unread),
            (MAX_BOUND_FILES, Some(Content::beyond()))
        );
    }

    #[test]
    fn paths_that_lead_elsewhere() {
        assert!(is_plain(Path::new("a/b")) && is_plain(Path::new("")));
        assert!(!is_plain(Path::new("../a")) && !is_plain(Path::new("a/../../b")));
    }
}
