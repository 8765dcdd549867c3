//! Files of another time, beside those of the project.

use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use tempfile::TempDir;

use super::Root;

/// A copy of a project as it was, in a folder that only this user can read and that is removed at the
/// end. The project lies in it under its whole path, so that a path leads to the same place below the
/// folder that it leads to on this machine. What is beside the project and its folders is what it is now.
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
        link_surroundings(folder.path(), path);
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

/// Links what is beside the project, and beside each folder that it is in. What cannot be listed is left out.
#[cfg(unix)]
fn link_surroundings(copy: &Path, project: &Path) {
    for inner in project.ancestors() {
        let (Some(folder), Some(own)) = (inner.parent(), inner.file_name()) else {
            continue;
        };
        let below = folder.strip_prefix("/").unwrap_or(folder);
        let Ok(dir) = Dir::open_ambient_dir(copy.join(below), ambient_authority()) else {
            continue;
        };
        let names = super::read::entries(folder).unwrap_or_default();
        for name in names.iter().filter(|name| own != name.as_str()) {
            let _ = dir.symlink_contents(folder.join(name), name);
        }
    }
}

#[cfg(not(unix))]
fn link_surroundings(_: &Path, _: &Path) {}

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

    #[test]
    fn what_is_beside_the_project_is_what_it_is_now() {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join("one/shop");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(project.join("own"), "now").unwrap();
        std::fs::write(home.path().join("common.env"), "A=1").unwrap();
        let scratch = Scratch::of(&project).unwrap();
        let read = |path: &str| std::fs::read_to_string(scratch.root().path().join(path));
        assert_eq!(read("../../common.env").unwrap(), "A=1");
        assert!(read("own").is_err());
    }
}
