//! Files that are not there yet, and their folders: all of them are created, or none.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{Access, Folder, Links, Root, Staged};

/// A file that is to be created.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    /// Its path, relative to the root.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

/// A file that could not be created; none of the others was either.
#[derive(Debug)]
pub(crate) struct NotCreated {
    path: String,
    error: io::Error,
}

impl fmt::Display for NotCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot create `{}`: {}", self.path, self.error)
    }
}

impl std::error::Error for NotCreated {}

/// The folder that a file is in, and its name there.
pub(crate) fn split(path: &str) -> (&Path, &OsStr) {
    let path = Path::new(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    (folder, path.file_name().unwrap_or_default())
}

impl NewFile {
    fn failed(&self, error: io::Error) -> NotCreated {
        NotCreated {
            path: self.path.clone(),
            error,
        }
    }
}

impl Root {
    /// Creates files. One that is there already is an error, and never replaced. After an error, what was
    /// created by then is removed again.
    pub(crate) fn create_all(&self, files: &[NewFile]) -> Result<(), NotCreated> {
        let mut folders = NewFolders::new(self);
        let staged: Result<Vec<_>, NotCreated> = files
            .iter()
            .map(|file| self.stage_new(file).map_err(|error| file.failed(error)))
            .collect();
        let mut placed: Vec<&NewFile> = Vec::new();
        for (file, staged) in files.iter().zip(staged?) {
            let (folder, name) = split(&file.path);
            let done = folders
                .create(folder)
                .and_then(|()| self.expect_free(file))
                .and_then(|()| staged.place(folder, name));
            if let Err(error) = done {
                for earlier in placed {
                    let (folder, name) = split(&earlier.path);
                    // The error that is reported is the first one.
                    let _ = self.folder(folder).and_then(|it| it.remove_file(name));
                }
                folders.remove();
                return Err(file.failed(error));
            }
            placed.push(file);
        }
        Ok(())
    }

    /// Puts the text of a file on the disk, in the nearest folder that exists.
    fn stage_new(&self, file: &NewFile) -> io::Result<Staged<'_>> {
        self.expect_free(file)?;
        let (nearest, _) = nearest(self, split(&file.path).0)?;
        self.stage(nearest, file.text.as_bytes(), &Access::New(0o644))
    }

    fn expect_free(&self, file: &NewFile) -> io::Result<()> {
        if self.has(&file.path)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(())
    }

    /// Whether there is anything at a path.
    pub(crate) fn has(&self, path: &str) -> io::Result<bool> {
        match self.metadata(Path::new(path), Links::Refused) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The nearest folder that exists, of a folder and those above it.
pub(crate) fn nearest<'p>(root: &Root, folder: &'p Path) -> io::Result<(&'p Path, Folder)> {
    let mut at = folder;
    loop {
        match (root.folder(at), at.parent()) {
            (Err(error), Some(above)) if error.kind() == io::ErrorKind::NotFound => at = above,
            (opened, _) => return Ok((at, opened?)),
        }
    }
}

/// The folders that a run creates.
#[derive(Debug)]
pub(crate) struct NewFolders<'a> {
    root: &'a Root,
    folders: Vec<PathBuf>,
}

impl<'a> NewFolders<'a> {
    pub(crate) fn new(root: &'a Root) -> Self {
        Self {
            root,
            folders: Vec::new(),
        }
    }

    /// Creates a folder, and those above it, where they are missing.
    pub(crate) fn create(&mut self, folder: &Path) -> io::Result<()> {
        let (existing, mut opened) = nearest(self.root, folder)?;
        let mut path = existing.to_owned();
        for name in folder.strip_prefix(existing).unwrap_or(folder) {
            opened = opened.make_folder(name)?;
            path.push(name);
            self.folders.push(path.clone());
        }
        Ok(())
    }

    /// Removes them again, where nothing is in them.
    pub(crate) fn remove(self) {
        for path in self.folders.iter().rev() {
            let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
                continue;
            };
            // A folder that holds something by now is somebody's, and stays.
            if let Ok(above) = self.root.folder(above) {
                let _ = above.remove_folder(name);
            }
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::Root;
    use super::NewFile;

    #[test]
    fn files_are_created_all_or_none_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let file = |path: &str| NewFile {
            path: path.to_owned(),
            text: format!("text of {path}"),
        };
        let at = |path: &str| folder.path().join(path);
        fs::write(at("taken"), "mine").unwrap();
        let error = root
            .create_all(&[file("new/deep/a"), file("taken")])
            .unwrap_err();
        assert!(error.to_string().starts_with("cannot create `taken`"));
        assert!(root.create_all(&[file("b"), file("taken/c")]).is_err());
        let names = |path: &Path| fs::read_dir(path).unwrap().count();
        assert_eq!(names(folder.path()), 1);
        assert_eq!(fs::read_to_string(at("taken")).unwrap(), "mine");
        root.create_all(&[file("new/deep/a"), file("b")]).unwrap();
        assert_eq!(
            fs::read_to_string(at("new/deep/a")).unwrap(),
            "text of new/deep/a"
        );
        assert_eq!(names(folder.path()), 3);
    }
}
