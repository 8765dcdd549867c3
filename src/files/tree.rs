//! Reading the trees of a project: `environments/`, `templates/`, `releases/`, `generated/`.
//!
//! Links to files of the project are followed. One that leads out of it, also by an absolute path back
//! in, is an error: on another machine it leads elsewhere, and no review sees what it brings in.

use std::io;
use std::path::{Path, PathBuf};

use super::limits::Limit;
use super::read::{self, ReadError};
use super::root::{EntryKind, Links, PathRefusal, Root};

impl Root {
    /// The bytes of a file below the root.
    pub(crate) fn bytes(&self, path: &Path, limit: Limit) -> Result<Vec<u8>, ReadError> {
        self.bytes_by(path, Links::Inside, limit)
    }

    /// The bytes of a file below the root that composegen itself writes; no part of its path may be a
    /// link, since what is written goes through none.
    pub(crate) fn own_bytes(&self, path: &Path, limit: Limit) -> Result<Vec<u8>, ReadError> {
        self.bytes_by(path, Links::Refused, limit)
    }

    fn bytes_by(&self, path: &Path, links: Links, limit: Limit) -> Result<Vec<u8>, ReadError> {
        // It is looked at before, since a device may act on being opened.
        let metadata = self
            .metadata(path, links)
            .map_err(|error| self.explain(error, path))?;
        if !metadata.is_file() {
            #[cfg(unix)]
            let mode = cap_std::fs::MetadataExt::mode(&metadata);
            #[cfg(not(unix))]
            let mode = if metadata.is_dir() { 0o040_000 } else { 0 };
            return Err(ReadError::NotRegular(read::kind_of(mode)));
        }
        let file = self.file(path, links);
        read::opened(file.map_err(|error| self.explain(error, path))?, limit)
    }

    /// The text of a file below the root.
    pub(crate) fn text(&self, path: &Path, limit: Limit) -> Result<String, ReadError> {
        read::to_text(self.bytes(path, limit)?)
    }

    /// The names in a folder below the root, sorted, with the kind of each: a link is what it
    /// leads to. Names that are not UTF-8 are left out, and Emacs' locks (`.#name`), which are links
    /// to nowhere.
    #[allow(clippy::type_complexity, reason = "each name has its own error")]
    pub(crate) fn names(
        &self,
        folder: &Path,
    ) -> Result<Vec<(String, Result<EntryKind, ReadError>)>, ReadError> {
        let entries = self
            .list(folder, Links::Inside)
            .map_err(|error| self.explain(error, folder))?
            .into_iter()
            .filter_map(|entry| {
                let name = entry.name.into_string().ok()?;
                (!name.starts_with(".#")).then_some((name, entry.kind))
            })
            .map(|(name, kind)| {
                let kind = match kind {
                    EntryKind::Link => self.behind(&folder.join(&name)),
                    kind => Ok(kind),
                };
                (name, kind)
            });
        Ok(entries.collect())
    }

    /// Sees to it that what is at these paths, if anything is, lies in the project.
    pub(crate) fn hold(&self, paths: &[&str]) -> Result<(), ReadError> {
        for path in paths.iter().map(Path::new) {
            match self.metadata(path, Links::Inside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(self.explain(error, path));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What a link leads to.
    fn behind(&self, link: &Path) -> Result<EntryKind, ReadError> {
        match self.metadata(link, Links::Inside) {
            Ok(metadata) if metadata.is_dir() => {
                let (link, target) = self.link(link);
                Err(ReadError::LinkToDirectory { link, target })
            }
            Ok(metadata) => Ok(metadata.file_type().into()),
            // Whoever reads it says that it leads nowhere.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(EntryKind::Link),
            Err(error) => Err(self.explain(error, link)),
        }
    }

    /// The link and what is written in it, for messages.
    fn link(&self, link: &Path) -> (String, String) {
        let target = self.target(link).unwrap_or_default();
        (link.display().to_string(), target.display().to_string())
    }

    /// An error with the link that is to blame.
    fn explain(&self, error: io::Error, path: &Path) -> ReadError {
        let is_outside = matches!(PathRefusal::of(&error), Some(PathRefusal::Outside(_)));
        if !is_outside && !is_loop(&error) {
            return error.into();
        }
        let mut at = PathBuf::new();
        for part in path.components() {
            at.push(part);
            if self.metadata(&at, Links::Inside).is_err() {
                break;
            }
        }
        let (link, target) = self.link(&at);
        if is_outside {
            ReadError::LeadsOut { link, target }
        } else {
            ReadError::Loop { link }
        }
    }
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_error: &io::Error) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::super::limits::SPEC;
    use super::super::tests::project;
    use super::EntryKind;

    #[test]
    fn a_file_is_read_if_it_is_of_the_project() {
        let (_folder, root) = project();
        let read = |path: &str| root.text(Path::new(path), SPEC);
        for path in ["tree/file", "tree/inner", "also/file", "also/inner"] {
            assert_eq!(read(path).unwrap(), "inside", "{path}");
        }
        for (path, why) in [
            (
                "tree/outer",
                "the symbolic link `tree/outer` to `../../beside/file` leads out of the project",
            ),
            (
                "also/zero",
                "the symbolic link `also/zero` to `/dev/zero` leads out of the project",
            ),
            ("tree/loop", "the symbolic link `tree/loop` leads to itself"),
            ("tree/deep", "it is a directory, not a regular file"),
            ("tree/bad", "it is not valid UTF-8 at line 1, column 2"),
        ] {
            assert_eq!(read(path).unwrap_err().to_string(), why);
        }
        assert!(read("tree/nowhere").unwrap_err().is_not_found());
    }

    #[test]
    fn names_show_what_links_lead_to() {
        let (_folder, root) = project();
        let names: Vec<String> = root
            .names(Path::new("tree"))
            .unwrap()
            .into_iter()
            .map(|(name, kind)| match kind {
                Ok(kind) => format!("{name}: {kind:?}"),
                Err(error) => format!("{name}: {error}"),
            })
            .collect();
        assert_eq!(
            names,
            [
                "bad: File",
                "deep: Folder",
                "file: File",
                "folder: the symbolic link `tree/folder` leads to the directory `deep`; only links to files are followed",
                "inner: File",
                "loop: the symbolic link `tree/loop` leads to itself",
                "nowhere: Link",
                "outer: the symbolic link `tree/outer` to `../../beside/file` leads out of the project",
                "zero: the symbolic link `tree/zero` to `/dev/zero` leads out of the project",
            ]
        );
        assert_eq!(root.names(Path::new("also")).unwrap().len(), names.len());
        assert!(matches!(
            root.names(Path::new("tree")).unwrap()[0].1,
            Ok(EntryKind::File)
        ));
    }

    #[test]
    fn a_folder_of_the_project_may_not_be_elsewhere() {
        let (folder, root) = project();
        root.hold(&["tree", "also", "missing"]).unwrap();
        fs::create_dir(folder.path().join("other")).unwrap();
        symlink("../other", root.path().join("templates")).unwrap();
        assert_eq!(
            root.hold(&["tree", "templates"]).unwrap_err().to_string(),
            "the symbolic link `templates` to `../other` leads out of the project"
        );
    }
}
