//! The project's root and the folders below it, as opened handles.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, Metadata, OpenOptions};

use super::below;
use super::limits::ENTRIES;

/// What happens to symbolic links on the way to a file, and to the file being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// They are followed as long as they stay below the root.
    Inside,
    /// None is followed.
    Refused,
}

/// Why a path was refused; the inner error of an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathRefusal {
    /// This part of the path, relative to the folder it was opened from, is a symbolic link.
    Link(PathBuf),
    /// The path, or a link on the way, leads out of the project.
    Outside(PathBuf),
}

impl PathRefusal {
    /// The refusal inside an error; `None` for an error of the system.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(path) => write!(f, "`{}` is a symbolic link", path.display()),
            Self::Outside(path) => write!(f, "`{}` leads out of the project", path.display()),
        }
    }
}

impl std::error::Error for PathRefusal {}

impl From<PathRefusal> for io::Error {
    fn from(refusal: PathRefusal) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refusal)
    }
}

/// The kind of an entry of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, whatever it leads to.
    Link,
    /// A pipe, a socket or a device.
    Other,
}

impl From<FileType> for EntryKind {
    fn from(kind: FileType) -> Self {
        if kind.is_symlink() {
            Self::Link
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_file() {
            Self::File
        } else {
            Self::Other
        }
    }
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FolderEntry {
    /// The name.
    pub(crate) name: OsString,
    /// Its kind; a link is not followed.
    pub(crate) kind: EntryKind,
}

/// The root of a project: where it is, and the opened folder.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    folder: Folder,
}

impl Root {
    /// Opens a project's root. The user names it, so it may be a link, or be reached through one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Self {
            path: path.to_owned(),
            folder: Folder { dir },
        })
    }

    /// Creates a folder that the user names, and those above it, where they are missing, and opens it. No link below the current
    /// folder leads out of that.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let here = std::env::current_dir()?;
        let Some(inside) = below(path, &here) else {
            Dir::create_ambient_dir_all(path, ambient_authority())?;
            return Self::open(path);
        };
        let here = Self::open(&here)?;
        let made = here.folder.dir.create_dir_all(inside);
        // Where a link leads out, there is something of that name already.
        made.or_else(|error| here.real(inside).and(Err(outside(error, path))))?;
        Ok(Self {
            path: path.to_owned(),
            ..here.within(inside)?
        })
    }

    /// The same root once more.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            path: self.path.clone(),
            folder: self.folder.try_clone()?,
        })
    }

    /// Where it is, as the user named it: for messages, and for programs that take a path. Nothing
    /// of the project is opened by it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The root as a folder, for what lies directly in it.
    pub(crate) fn top(&self) -> &Folder {
        &self.folder
    }

    /// Opens a file below the root for reading. What is not a regular file opens too, and opening
    /// never waits for the other end of a pipe: look at the metadata before reading.
    pub(crate) fn file(&self, path: &Path, links: Links) -> io::Result<File> {
        match links {
            Links::Inside => self.folder.open_with(path, &reading(FollowSymlinks::Yes)),
            Links::Refused => {
                let (folder, name) = self.parent(path)?;
                let folder = folder.as_ref().unwrap_or(&self.folder);
                folder.file(name).map_err(|error| within(error, path))
            }
        }
    }

    /// Looks at a file or folder below the root without opening it.
    pub(crate) fn metadata(&self, path: &Path, links: Links) -> io::Result<Metadata> {
        match links {
            Links::Inside => (self.folder.dir.metadata(path)).map_err(|error| outside(error, path)),
            Links::Refused => {
                let (folder, name) = self.parent(path)?;
                let folder = folder.as_ref().unwrap_or(&self.folder);
                let metadata = folder.metadata(name)?;
                if metadata.is_symlink() {
                    return Err(PathRefusal::Link(path.to_owned()).into());
                }
                Ok(metadata)
            }
        }
    }

    /// The entries of a folder below the root, in the order of their names.
    pub(crate) fn list(&self, path: &Path, links: Links) -> io::Result<Vec<FolderEntry>> {
        match links {
            Links::Inside => {
                let dir = self
                    .folder
                    .dir
                    .open_dir(path)
                    .map_err(|error| outside(error, path))?;
                Folder { dir }.list()
            }
            Links::Refused => self.folder(path)?.list(),
        }
    }

    /// The path of what is at a path, relative to the root, without a link in it.
    pub(crate) fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.folder.dir.canonicalize(path);
        real.map_err(|error| outside(error, path))
    }

    /// A folder below the root as a root of its own; links on the way to it are followed inside this one.
    pub(super) fn within(&self, path: &Path) -> io::Result<Self> {
        let is_here = path.as_os_str().is_empty();
        let real = self.real(if is_here { Path::new(".") } else { path })?;
        Ok(Self {
            path: self.path.join(path),
            folder: self.folder(&real)?,
        })
    }

    /// What is written in the link at a path; links on the way to it are followed inside the root.
    pub(crate) fn target(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self.folder.dir.read_link_contents(path);
        target.map_err(|error| outside(error, path))
    }

    /// Opens a folder below the root; no part of the path may be a link.
    pub(crate) fn folder(&self, path: &Path) -> io::Result<Folder> {
        self.folder.descend(path)
    }

    /// The folder that a path's last name is in, where it is not the root, and that name.
    fn parent<'a>(&self, path: &'a Path) -> io::Result<(Option<Folder>, &'a OsStr)> {
        let invalid = || io::Error::from(PathRefusal::Outside(path.to_owned()));
        let name = path.file_name().ok_or_else(invalid)?;
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                Ok((Some(self.folder(parent)?), name))
            }
            _ => Ok((None, name)),
        }
    }
}

/// An opened folder of a project. What is done by it happens in this folder, wherever it was moved to.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: Dir,
}

impl Folder {
    /// Opens a folder below this one; no part of the path may be a link.
    pub(crate) fn descend(&self, path: &Path) -> io::Result<Self> {
        let mut at: Option<Self> = None;
        let mut walked = PathBuf::new();
        for part in path.components() {
            let name = match part {
                Component::Normal(name) => name,
                Component::CurDir => continue,
                _ => return Err(PathRefusal::Outside(path.to_owned()).into()),
            };
            walked.push(name);
            let next = at.as_ref().unwrap_or(self).folder(name);
            at = Some(next.map_err(|error| within(error, &walked))?);
        }
        match at {
            Some(folder) => Ok(folder),
            None => self.try_clone(),
        }
    }

    /// Opens the folder of this name, which may not be a link.
    pub(crate) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        match self.dir.open_dir_nofollow(single(name)?) {
            Ok(dir) => Ok(Self { dir }),
            Err(error) => Err(self.explain(error, name)),
        }
    }

    /// Opens the folder of this name, which may not be a link, and creates it where it is missing.
    pub(crate) fn make_folder(&self, name: &OsStr) -> io::Result<Self> {
        match self.dir.create_dir(single(name)?) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.folder(name),
        }
    }

    /// Opens the file of this name for reading; it may not be a link. See [`Root::file`].
    pub(crate) fn file(&self, name: &OsStr) -> io::Result<File> {
        let opened = self.open_with(single(name)?, &reading(FollowSymlinks::No));
        opened.map_err(|error| self.explain(error, name))
    }

    /// Creates a file for writing, of this mode less the user's umask; Windows has no modes. No file,
    /// link or folder of this name may be there.
    pub(crate) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.follow(FollowSymlinks::No);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        self.open_with(single(name)?, &options)
    }

    /// The kind of this entry; a link is not followed.
    pub(crate) fn metadata(&self, name: &OsStr) -> io::Result<Metadata> {
        self.dir.symlink_metadata(single(name)?)
    }

    /// The entries, in the order of their names.
    pub(crate) fn list(&self) -> io::Result<Vec<FolderEntry>> {
        let mut entries = Vec::new();
        for entry in self.dir.entries()? {
            if entries.len() == ENTRIES {
                return Err(io::Error::other(format!("more than {ENTRIES} entries")));
            }
            let entry = entry?;
            entries.push(FolderEntry {
                name: entry.file_name(),
                kind: entry.file_type()?.into(),
            });
        }
        entries.sort();
        Ok(entries)
    }

    /// Renames a file of this folder to a name in another one, or in the same, and replaces what has
    /// that name, a link itself and never what it leads to.
    pub(crate) fn rename(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        self.dir.rename(single(name)?, &to.dir, single(new)?)
    }

    /// Removes a file, or a link itself.
    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        self.dir.remove_file_or_symlink(single(name)?)
    }

    /// Removes a folder that is empty.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        self.dir.remove_dir(single(name)?)
    }

    /// A further handle of the same folder.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        let dir = self.dir.try_clone()?;
        Ok(Self { dir })
    }

    /// The folder as a file, to lock it or to write it to the disk; Unix only gives one.
    #[cfg(unix)]
    pub(crate) fn as_file(&self) -> io::Result<File> {
        self.open_with(Path::new("."), &reading(FollowSymlinks::No))
    }

    /// Waits until the names in the folder are on the disk. Where a folder cannot be waited for, the
    /// system decides when they are.
    pub(crate) fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        match self.as_file()?.sync_all() {
            // Some network file systems do not support it (fsync(2), EINVAL).
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
            synced => synced?,
        }
        Ok(())
    }

    fn open_with(&self, path: &Path, options: &OpenOptions) -> io::Result<File> {
        match self.dir.open_with(path, options) {
            Ok(file) => Ok(file.into_std()),
            Err(error) => Err(outside(error, path)),
        }
    }

    /// Systems have several errors for a link where none is followed.
    fn explain(&self, error: io::Error, name: &OsStr) -> io::Error {
        match self.dir.symlink_metadata(name) {
            Ok(metadata) if metadata.is_symlink() => PathRefusal::Link(name.into()).into(),
            _ => error,
        }
    }
}

/// For reading, without waiting for the other end of a pipe.
fn reading(follow: FollowSymlinks) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).nonblock(true).follow(follow);
    options
}

/// A name is one part of a path, and nothing else.
fn single(name: &OsStr) -> io::Result<&Path> {
    let path = Path::new(name);
    let mut parts = path.components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(path),
        _ => Err(PathRefusal::Outside(path.to_owned()).into()),
    }
}

/// The same error for the whole path.
fn within(error: io::Error, path: &Path) -> io::Error {
    match PathRefusal::of(&error) {
        Some(PathRefusal::Link(_)) => PathRefusal::Link(path.to_owned()).into(),
        _ => error,
    }
}

/// What leads out of the folder is refused by cap-std with an error that no system gave.
fn outside(error: io::Error, path: &Path) -> io::Error {
    let is_own = error.raw_os_error().is_none() && PathRefusal::of(&error).is_none();
    if is_own && error.kind() == io::ErrorKind::PermissionDenied {
        return PathRefusal::Outside(path.to_owned()).into();
    }
    error
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::project;
    use super::{Links, PathRefusal};

    #[test]
    fn links_are_followed_inside_the_root_only() {
        let (_folder, root) = project();
        for path in ["tree/file", "tree/inner", "also/file", "also/inner"] {
            let file = root.file(Path::new(path), Links::Inside).unwrap();
            assert_eq!(std::io::read_to_string(file).unwrap(), "inside", "{path}");
            root.metadata(Path::new(path), Links::Inside).unwrap();
        }
        for path in [
            "tree/outer", "outer/file", "tree/zero", "../beside/file", "/etc/passwd",
        ] {
            let path = Path::new(path);
            let refusal = PathRefusal::Outside(path.to_owned());
            let error = root.file(path, Links::Inside).unwrap_err();
            assert_eq!(PathRefusal::of(&error), Some(&refusal), "{error}");
            let error = root.metadata(path, Links::Inside).unwrap_err();
            assert_eq!(PathRefusal::of(&error), Some(&refusal), "{error}");
        }
        assert!(root.file(Path::new("tree/loop"), Links::Inside).is_err());
        assert_eq!(
            root.list(Path::new("also"), Links::Inside).unwrap().len(),
            10
        );
        assert!(root.list(Path::new("outer"), Links::Inside).is_err());
    }

    #[test]
    fn a_real_path_has_no_links() {
        let (_folder, root) = project();
        for (path, real) in [
            ("tree/file", "tree/file"),
            ("also/inner", "tree/file"),
            ("also", "tree"),
            ("tree/deep/..", "tree"),
            (".", "."),
        ] {
            assert_eq!(
                root.real(Path::new(path)).unwrap(),
                Path::new(real),
                "{path}"
            );
        }
        assert!(root.real(Path::new("tree/outer")).is_err());
    }

    #[test]
    fn no_part_of_a_path_is_a_link_where_links_are_refused() {
        let (_folder, root) = project();
        root.file(Path::new("tree/file"), Links::Refused).unwrap();
        for (path, link) in [
            ("tree/inner", "tree/inner"),
            ("also/file", "also"),
            ("outer/file", "outer"),
            ("tree/loop", "tree/loop"),
        ] {
            let refusal = PathRefusal::Link(link.into());
            let error = root.file(Path::new(path), Links::Refused).unwrap_err();
            assert_eq!(PathRefusal::of(&error), Some(&refusal), "{error}");
            let error = root.metadata(Path::new(path), Links::Refused).unwrap_err();
            assert_eq!(PathRefusal::of(&error), Some(&refusal), "{error}");
        }
        for path in [
            "tree/../tree/file", "../beside/file", "/etc/passwd", "", "..",
        ] {
            let error = root.file(Path::new(path), Links::Refused).unwrap_err();
            let refusal = PathRefusal::of(&error);
            assert!(
                matches!(refusal, Some(PathRefusal::Outside(_))),
                "{path}: {error}"
            );
        }
        assert!(root.folder(Path::new("tree/deep")).is_ok());
        assert!(root.folder(Path::new("also/deep")).is_err());
    }

    #[test]
    fn a_pipe_is_opened_without_waiting() {
        let (folder, root) = project();
        let pipe = folder.path().join("root/pipe");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
        for links in [Links::Inside, Links::Refused] {
            let file = root.file(Path::new("pipe"), links).unwrap();
            assert!(!file.metadata().unwrap().is_file());
        }
    }
}
