//! Writing files whole or not at all: first under a name of our own in the same folder, then, when it
//! is on the disk, by one renaming in that folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use cap_std::fs::Metadata;

use super::{EntryKind, Folder, Limit, Links, Lock, PATIENCE, ReadError, Root, below, to_text};

/// How the names of files begin that are being written; six letters and digits follow.
const PREFIX: &str = ".composegen-";

/// The characters of the rest of such a name.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many names are tried; that one is taken has a chance of one in 57 billion.
const ATTEMPTS: usize = 16;

/// Who may do what with a file that is written.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// A new file, of this mode less the user's umask; Windows has no modes.
    New(u32),
    /// As with the file that it replaces: its mode, and its owner and group as far as this user may
    /// give files away. Where the group cannot be kept, it gets no more rights than everybody has.
    /// Extended attributes are not kept: a checkout of the file does not keep them either.
    Like(Metadata),
}

/// A text on the disk under a temporary name; it is removed unless it takes its place.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    root: &'a Root,
    folder: PathBuf,
    name: OsString,
    is_placed: bool,
}

impl Staged<'_> {
    /// Puts the file in its place, and replaces what has that name, a link itself and never what it
    /// leads to. `folder` is relative to the root, of real folders, and on the same file system.
    pub(crate) fn place(mut self, folder: &Path, name: &OsStr) -> io::Result<()> {
        let from = self.root.folder(&self.folder)?;
        let to = self.root.folder(folder)?;
        from.rename(&self.name, &to, name)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if self.is_placed {
            return;
        }
        // What cannot be removed now is removed by the next run.
        if let Ok(folder) = self.root.folder(&self.folder) {
            let _ = folder.remove_file(&self.name);
        }
    }
}

impl Root {
    /// Puts a text on the disk in a folder below the root, under a temporary name. An error leaves
    /// nothing behind.
    pub(crate) fn stage(
        &self,
        folder: &Path,
        content: &[u8],
        access: &Access,
    ) -> io::Result<Staged<'_>> {
        let opened = self.folder(folder)?;
        let (name, mut file) = create(&opened, access)?;
        let staged = Staged {
            root: self,
            folder: folder.to_owned(),
            name,
            is_placed: false,
        };
        file.write_all(content)?;
        if let Access::Like(replaced) = access {
            keep(&file, replaced)?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    /// Writes a file whole: an error leaves the old one; a crash the old one or the new one, also
    /// after a loss of power.
    pub(crate) fn replace(
        &self,
        folder: &Path,
        name: &OsStr,
        content: &[u8],
        access: &Access,
    ) -> io::Result<()> {
        self.stage(folder, content, access)?.place(folder, name)?;
        self.folder(folder)?.sync()
    }
}

fn create(folder: &Folder, access: &Access) -> io::Result<(OsString, File)> {
    let mode = match access {
        Access::New(mode) => *mode,
        // Until it has its owner, only this user may read it.
        Access::Like(_) => 0o600,
    };
    for _ in 0..ATTEMPTS {
        let name = temporary_name();
        match folder.create(&name, mode) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn temporary_name() -> OsString {
    // Its keys are random for every one; the name need not be secret, only free.
    let mut random = RandomState::new().build_hasher().finish();
    let mut name = PREFIX.to_owned();
    for _ in 0..6 {
        let index = usize::try_from(random % 62).unwrap_or_default();
        name.push(ALPHABET.get(index).copied().map_or('0', char::from));
        random /= 62;
    }
    name.into()
}

/// Whether a file of this name is one that was being written.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    rest.is_some_and(|rest| {
        rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Removes what killed runs left in a folder: regular files of exactly the temporary names whose
/// name and beginning `is_ours` knows. Only who has the project's [`Lock`](super::Lock) may call it, or the
/// files of a running one go.
pub(crate) fn sweep(folder: &Folder, is_ours: impl Fn(&OsStr, &[u8]) -> bool) -> io::Result<()> {
    /// Enough to know a text by.
    const BEGINNING: u64 = 256;
    for entry in folder.list()? {
        if entry.kind != EntryKind::File || !is_temporary(&entry.name) {
            continue;
        }
        let mut beginning = Vec::new();
        let file = folder.file(&entry.name)?;
        if !file.metadata()?.is_file() {
            continue;
        }
        file.take(BEGINNING).read_to_end(&mut beginning)?;
        if is_ours(&entry.name, &beginning) {
            folder.remove_file(&entry.name)?;
        }
    }
    Ok(())
}

/// Gives a file the owner, group and mode of another one.
#[cfg(unix)]
fn keep(file: &File, replaced: &Metadata) -> io::Result<()> {
    use cap_std::fs::MetadataExt as _;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, fchown};

    let (user, group) = (replaced.uid(), replaced.gid());
    let is_whole = fchown(file, Some(user), Some(group)).is_ok();
    let has_group = is_whole || fchown(file, None, Some(group)).is_ok();
    let mut mode = replaced.mode() & 0o7777;
    if !is_whole {
        // Rights of the owner and the group that it no longer has.
        mode &= 0o777;
    }
    if !has_group {
        mode &= 0o707 | ((mode & 0o007) << 3);
    }
    match file.set_permissions(Permissions::from_mode(mode)) {
        // A file system without modes; on others the file is this user's own.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        kept => kept,
    }
}

#[cfg(not(unix))]
fn keep(_file: &File, _replaced: &Metadata) -> io::Result<()> {
    // A file takes its access from the folder here.
    Ok(())
}

/// Writes a file that the user names: whole or not at all, through links as any program would, but through none that leads from
/// below the current folder out of it, and with `mode` where it is new. Anything but a regular file, for example `/dev/stdout`, is written to as it is.
#[allow(
    clippy::disallowed_methods,
    reason = "the user names the file, and it is not of a project"
)]
pub(crate) fn write_named(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    match Named::find(path, mode)? {
        Some(named) => named.write(content),
        None => File::options().write(true).open(path)?.write_all(content),
    }
}

/// Replaces the text of a file that the user names, under the lock of its folder: `update` is given the old
/// text, which is empty if the file does not exist. Temporary files that killed runs left and `is_ours` recognizes
/// are removed.
pub(crate) fn update_named(
    path: &Path,
    mode: u32,
    limit: Limit,
    is_ours: impl Fn(&[u8]) -> bool,
    waiting: impl FnOnce(),
    update: impl FnOnce(&str) -> io::Result<String>,
) -> io::Result<()> {
    let find =
        || Named::find(path, mode)?.ok_or_else(|| io::Error::other("it is not a regular file"));
    let named = find()?;
    let _lock = Lock::take(&named.root, PATIENCE, waiting)?;
    // Another run may have created it by now.
    let named = find()?;
    sweep(named.root.top(), |_, beginning| is_ours(beginning))?;
    let old = match named.access {
        Access::New(_) => String::new(),
        Access::Like(_) => {
            let bytes = named.root.own_bytes(Path::new(&named.name), limit);
            to_text(bytes.map_err(io::Error::other)?).map_err(io::Error::other)?
        }
    };
    let new = update(&old)?;
    if new.len() > limit.bytes {
        return Err(io::Error::other(ReadError::TooLarge(limit)));
    }
    named.write(new.as_bytes())
}

/// How many links are followed; Linux does not follow more.
const MAX_LINKS: usize = 40;

/// A regular file that the user names, or a place for one.
struct Named {
    root: Root,
    name: OsString,
    access: Access,
}

impl Named {
    /// Finds it; nothing where there is something that is not a regular file.
    #[allow(
        clippy::disallowed_methods,
        reason = "the user names the file, and it is not of a project"
    )]
    fn find(path: &Path, mode: u32) -> io::Result<Option<Self>> {
        let here = std::env::current_dir()?;
        if let Some(path) = below(path, &here) {
            return Self::find_below(&Root::open(&here)?, path, mode);
        }
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Ok(None),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // The file that a link leads to is replaced, in its own folder, and the link stays. One that
        // leads nowhere is an error: what it would create cannot be guessed.
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        let path = if metadata.is_some() || is_link {
            std::fs::canonicalize(path)?
        } else {
            path.to_owned()
        };
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let root = Root::open(folder.unwrap_or(Path::new(".")))?;
        let access = match metadata {
            Some(_) => Access::Like(root.top().metadata(name)?),
            None => Access::New(mode),
        };
        let name = name.to_owned();
        Ok(Some(Self { root, name, access }))
    }

    /// The same below a folder, which no link leads out of.
    fn find_below(here: &Root, path: &Path, mode: u32) -> io::Result<Option<Self>> {
        let is_there = match here.metadata(path, Links::Inside) {
            Ok(metadata) if !metadata.is_file() => return Ok(None),
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        // The system tells the path of an opened file by its name, which is another one as soon as somebody replaces the file: so
        // only links are followed, each by its text.
        let mut path = path.to_owned();
        let mut links = 0;
        while let Ok(target) = here.target(&path) {
            links += 1;
            if links > MAX_LINKS || !is_there {
                return Err(io::ErrorKind::NotFound.into());
            }
            path = path.parent().unwrap_or(Path::new("")).join(target);
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let root = here.within(path.parent().unwrap_or(Path::new("")))?;
        let access = if is_there {
            Access::Like(root.top().metadata(name)?)
        } else {
            Access::New(mode)
        };
        let name = name.to_owned();
        Ok(Some(Self { root, name, access }))
    }

    fn write(&self, content: &[u8]) -> io::Result<()> {
        self.root
            .replace(Path::new(""), &self.name, content, &self.access)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::{is_temporary, temporary_name};

    #[cfg(unix)]
    #[test]
    fn a_named_file_is_written_whole_through_links_and_for_its_owner() {
        use std::fs;
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

        use super::write_named;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().mode() & 0o7777;
        fs::create_dir(at("other")).unwrap();
        write_named(&at("new"), b"1", 0o600).unwrap();
        assert_eq!(
            (fs::read(at("new")).unwrap(), mode("new")),
            (b"1".to_vec(), 0o600)
        );
        // The mode of a file that is there is its owner's choice.
        fs::set_permissions(at("new"), fs::Permissions::from_mode(0o664)).unwrap();
        write_named(&at("new"), b"2", 0o600).unwrap();
        assert_eq!(
            (fs::read(at("new")).unwrap(), mode("new")),
            (b"2".to_vec(), 0o664)
        );
        symlink("../new", at("other/link")).unwrap();
        write_named(&at("other/link"), b"3", 0o600).unwrap();
        assert!(at("other/link").is_symlink());
        assert_eq!(fs::read(at("new")).unwrap(), b"3");
        symlink("nowhere", at("dangling")).unwrap();
        for refused in ["dangling", "other", "missing/file", ""] {
            assert!(write_named(&at(refused), b"4", 0o600).is_err(), "{refused}");
        }
        assert!(!at("nowhere").exists());
        let names = |folder: &str| fs::read_dir(at(folder)).unwrap().count();
        assert_eq!((names("."), names("other")), (3, 1));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_or_pipe_is_written_to_and_not_replaced() {
        use std::fs;
        use std::io::Read as _;
        use std::os::unix::fs::FileTypeExt as _;
        use std::path::Path;

        use super::write_named;

        write_named(Path::new("/dev/null"), b"1", 0o600).unwrap();
        let kind = fs::metadata("/dev/null").unwrap().file_type();
        assert!(kind.is_char_device());
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        std::thread::scope(|scope| {
            let read = scope.spawn(|| {
                let mut read = Vec::new();
                fs::File::open(&pipe)
                    .unwrap()
                    .read_to_end(&mut read)
                    .unwrap();
                read
            });
            write_named(&pipe, b"2", 0o600).unwrap();
            assert_eq!(read.join().unwrap(), b"2");
        });
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn temporary_names_are_known_again_and_no_others() {
        let names: std::collections::BTreeSet<_> = (0..100).map(|_| temporary_name()).collect();
        assert!(names.len() > 90);
        assert!(names.iter().all(|name| is_temporary(name)), "{names:?}");
        for other in [
            ".composegen-",
            ".composegen-abcde",
            ".composegen-abcdefg",
            ".composegen-abc.ef",
            "composegen-abcdef",
            ".composegen-abcdé",
            ".composegenabcdef",
        ] {
            assert!(!is_temporary(OsStr::new(other)), "{other}");
        }
    }
}
