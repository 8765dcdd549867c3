//! Files of another time, beside those of the project.

use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use tempfile::TempDir;

use super::Root;

/// A copy of a project as it was, in a folder that only this user can read and that is removed at the
/// end. The project lies in it under its whole path, so that a path leads to the same place below the
/// folder that it leads to on this machine.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    root: Root,
}

impl Scratch {
    /// An empty copy of the project at `path`, which is absolute.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let folder = TempDir::with_prefix("composegen-")?;
        let below = path.components();
        let below: PathBuf = below
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        let root = Root::create(&folder.path().join(below))?;
        Ok(Self { folder, root })
    }

    /// The root of the copy.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// The place on this machine that a path of the copy stands for.
    pub(crate) fn original_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.folder.path().to_str()?)?;
        rest.starts_with('/').then_some(rest)
    }

    /// Writes files and links, each with its path relative to the root. A link that leads out of the
    /// project is left out: what is behind it is not of that time.
    pub(crate) fn write<'a>(
        &self,
        files: impl Iterator<Item = (&'a str, &'a [u8], bool)>,
    ) -> io::Result<()> {
        let dir = Dir::open_ambient_dir(self.root.path(), ambient_authority())?;
        for (path, bytes, is_link) in files {
            let path = Path::new(path);
            if let Some(above) = path.parent() {
                dir.create_dir_all(above)?;
            }
            if is_link {
                link(&dir, bytes, path);
            } else {
                dir.write(path, bytes)?;
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn link(dir: &Dir, target: &[u8], path: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    // cap-std refuses one that is absolute, and opens none that leads out.
    let _ = dir.symlink(std::ffi::OsStr::from_bytes(target), path);
}

/// Links need rights on Windows that few have; git does not create them there either.
#[cfg(not(unix))]
fn link(_: &Dir, _: &[u8], _: &Path) {}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Scratch;
    use crate::files::Limit;

    #[test]
    fn a_copy_has_its_files_and_no_link_out_of_it() {
        let limit = Limit {
            what: "a file",
            bytes: 100,
        };
        let scratch = Scratch::of(Path::new("/srv/shop")).unwrap();
        let files: [(&str, &[u8], bool); 4] = [
            ("environments/a.yaml", b"one", false),
            ("also", b"environments", true),
            ("out", b"../../../etc", true),
            ("absolute", b"/etc", true),
        ];
        scratch.write(files.into_iter()).unwrap();
        let read = |path: &str| scratch.root().text(Path::new(path), limit);
        assert_eq!(read("also/a.yaml").unwrap(), "one");
        assert!(read("out/passwd").is_err() && read("absolute/passwd").is_err());
        let inside = scratch.root().path().join("data");
        let inside = inside.to_str().unwrap();
        assert_eq!(scratch.original_path(inside), Some("/srv/shop/data"));
        assert_eq!(scratch.original_path("/srv/shop/data"), None);
    }
}
