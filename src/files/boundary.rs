//! Which texts are the project's own.
//!
//! A Compose file may name any file of the machine: `env_file: /etc/shadow`. Compose reads it, and so
//! it is read here; but a message that quoted it would show it to whoever reads the messages.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::below;
use super::limits::Limit;
use super::read::{self, ReadError};
use super::root::Root;

/// A path, absolute where the current folder is known.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder of a project. What lies below it, and is reached without a link that leads out of it,
/// may be quoted.
#[derive(Debug, Default)]
pub(crate) struct Boundary {
    folder: PathBuf,
    root: OnceLock<Option<Root>>,
}

/// The text of a file that the user did not name.
#[derive(Debug)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: String,
    /// Whether it lies outside the project, so that it must not be quoted.
    pub(crate) is_outside: bool,
}

impl<T: Into<String>> From<T> for Text {
    /// A text that may be quoted.
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            is_outside: false,
        }
    }
}

impl Boundary {
    /// The folder at a path.
    pub(crate) fn around(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            root: OnceLock::new(),
        }
    }

    /// The text of a file that a project names; the path starts from where the process is.
    /// Files of the kernel are refused: they describe this process and machine.
    pub(crate) fn text(&self, path: &Path, limit: Limit) -> Result<Text, ReadError> {
        // By handle, so that the answer is about the file that is read.
        match self.inside(path, limit) {
            Some(Err(error)) => Err(error),
            Some(Ok(bytes)) => Ok(Text {
                text: read::to_text(bytes)?,
                is_outside: false,
            }),
            None => {
                let file = read::handle(path)?;
                if is_virtual(&file)? {
                    return Err(ReadError::Virtual);
                }
                Ok(Text {
                    text: read::to_text(read::opened(file, limit)?)?,
                    is_outside: true,
                })
            }
        }
    }

    /// The file, where it is reached without leaving the folder.
    fn inside(&self, path: &Path, limit: Limit) -> Option<Result<Vec<u8>, ReadError>> {
        let relative = path.strip_prefix(&self.folder).ok()?;
        let root = self.root.get_or_init(|| Root::open(&self.folder).ok());
        match root.as_ref()?.bytes(relative, limit) {
            Err(ReadError::LeadsOut { .. }) => None,
            read => Some(read),
        }
    }
}

/// The text of a file that the user names, which is the user's wherever it is. But a name in a folder
/// may be a link that somebody else has put there: if it leads out of the folder, the text is outside.
pub(crate) fn named(path: &Path, limit: Limit) -> Result<Text, ReadError> {
    let here = std::env::current_dir()?;
    let is_below = below(path, &here).is_some();
    let path = here.join(path);
    let folder = if is_below {
        Some(here.as_path())
    } else {
        path.parent()
    };
    Boundary::around(folder.unwrap_or(&here)).text(&path, limit)
}

/// Whether a file is virtual: what is in `/proc` describes this process, and some of it blocks.
#[cfg(target_os = "linux")]
fn is_virtual(file: &File) -> Result<bool, ReadError> {
    // `linux/magic.h`: proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2.
    const MADE_UP: [u64; 7] = [
        0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x0027_e0eb, 0x6367_7270,
    ];
    let system = rustix::fs::fstatfs(file).map_err(std::io::Error::from)?;
    Ok(MADE_UP
        .iter()
        .any(|one| u64::try_from(system.f_type) == Ok(*one)))
}

#[cfg(not(target_os = "linux"))]
fn is_virtual(_file: &File) -> Result<bool, ReadError> {
    Ok(false)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::super::limits::ENV_FILE;
    use super::Boundary;

    #[test]
    fn a_text_is_outside_where_the_path_or_a_link_leads_out() {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("project");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("own"), "A=1").unwrap();
        fs::write(around.path().join("other"), "B=2").unwrap();
        symlink("own", folder.join("link")).unwrap();
        symlink("../other", folder.join("out")).unwrap();
        let boundary = Boundary::around(&folder);
        for (path, is_outside) in [
            ("own", false),
            ("link", false),
            ("out", true),
            ("../other", true),
        ] {
            let text = boundary.text(&folder.join(path), ENV_FILE).unwrap();
            assert_eq!(text.is_outside, is_outside, "{path}");
        }
        let missing = boundary.text(&folder.join("missing"), ENV_FILE);
        assert!(missing.unwrap_err().is_not_found());
        let directory = boundary.text(around.path(), ENV_FILE).unwrap_err();
        assert_eq!(
            directory.to_string(),
            "it is a directory, not a regular file"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn no_file_of_the_kernel_is_read_for_a_project() {
        let folder = tempfile::tempdir().unwrap();
        symlink("/proc/self/environ", folder.path().join("link")).unwrap();
        let boundary = Boundary::around(folder.path());
        for path in [
            folder.path().join("link").as_path(),
            Path::new("/proc/self/environ"),
            Path::new("/proc/cmdline"),
        ] {
            let error = boundary.text(path, ENV_FILE).unwrap_err();
            assert_eq!(
                error.to_string(),
                "it is a file of the kernel, not of a project"
            );
        }
    }
}
