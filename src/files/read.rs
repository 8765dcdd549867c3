//! Reading a regular file to its end or to a limit, whichever comes first.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use cap_fs_ext::OpenOptionsSyncExt as _;
use cap_std::ambient_authority;
use cap_std::fs::OpenOptions;

use super::limits::{self, Limit};

/// Why something cannot be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The system does not let it be read.
    Io(io::Error),
    /// It is not a regular file, but this, with its article: `a directory`.
    NotRegular(&'static str),
    /// It is larger than what is read of its kind.
    TooLarge(Limit),
    /// A directory has more entries than are looked at.
    TooMany,
    /// Directories are nested more deeply than they are followed.
    TooDeep,
    /// It is not UTF-8; the place of the first invalid byte, counted from one, columns in characters.
    NotText {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A symbolic link leads out of the project.
    LeadsOut {
        /// The link, relative to the project's root.
        link: String,
        /// What is written in it.
        target: String,
    },
    /// A symbolic link leads to itself.
    Loop {
        /// The link, relative to the project's root.
        link: String,
    },
    /// A symbolic link leads to a directory, which would be read twice or without end.
    LinkToDirectory {
        /// The link, relative to the project's root.
        link: String,
        /// What is written in it.
        target: String,
    },
    /// The kernel makes it up: a file of `/proc`, `/sys` and the like.
    Virtual,
}

impl ReadError {
    /// Whether there is nothing under that name.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An error of our own is reported as one of the system.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            error => Self::other(error),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NotRegular(what) => write!(f, "it is {what}, not a regular file"),
            Self::TooLarge(limit) => {
                write!(f, "it is larger than {limit}, the limit for {}", limit.what)
            }
            Self::TooMany => write!(f, "it has more than {} entries", limits::ENTRIES),
            Self::TooDeep => write!(
                f,
                "its directories are nested more than {} deep",
                limits::FOLDER_DEPTH
            ),
            Self::NotText { line, column } => {
                write!(f, "it is not valid UTF-8 at line {line}, column {column}")
            }
            Self::LeadsOut { link, target } => write!(
                f,
                "the symbolic link `{link}` to `{target}` leads out of the project"
            ),
            Self::Loop { link } => write!(f, "the symbolic link `{link}` leads to itself"),
            Self::LinkToDirectory { link, target } => write!(
                f,
                "the symbolic link `{link}` leads to the directory `{target}`; \
                 only links to files are followed"
            ),
            Self::Virtual => f.write_str("it is a file of the kernel, not of a project"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // It is shown as the error of the system, so it has the source of that one.
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

/// Bytes that are read in several steps, and may not be more than a limit together.
#[derive(Debug)]
pub(crate) struct Total {
    limit: Limit,
    taken: usize,
}

impl Total {
    /// Nothing so far.
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, taken: 0 }
    }

    /// Counts bytes that were read.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.taken = self.taken.saturating_add(bytes);
        if self.taken > self.limit.bytes {
            return Err(ReadError::TooLarge(self.limit));
        }
        Ok(())
    }
}

/// The bytes of the file at a path that the user, or the system's configuration, names.
pub(crate) fn bytes(path: &Path, limit: Limit) -> Result<Vec<u8>, ReadError> {
    opened(handle(path)?, limit)
}

/// The text of such a file.
pub(crate) fn text(path: &Path, limit: Limit) -> Result<String, ReadError> {
    to_text(bytes(path, limit)?)
}

/// The text of standard input, which may be a pipe.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn standard_input(limit: Limit) -> Result<String, ReadError> {
    to_text(stream(std::io::stdin().lock(), limit, 0)?)
}

/// Opens a regular file; it is looked at before, since a device may act on being opened.
pub(super) fn handle(path: &Path) -> Result<File, ReadError> {
    regular(&std::fs::metadata(path)?)?;
    // The name may lead elsewhere by now, and a FIFO must not wait for its other end.
    let mut options = OpenOptions::new();
    options.read(true).nonblock(true);
    let file = cap_std::fs::File::open_ambient_with(path, &options, ambient_authority())?;
    Ok(file.into_std())
}

/// The bytes of a handle that is open, of a regular file.
pub(crate) fn opened(file: File, limit: Limit) -> Result<Vec<u8>, ReadError> {
    let metadata = file.metadata()?;
    regular(&metadata)?;
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if size > limit.bytes {
        return Err(ReadError::TooLarge(limit));
    }
    stream(file, limit, size)
}

/// Reads to the end or past the limit. The size is what is expected: files of `/proc` claim to be
/// empty, and a file may grow.
pub(super) fn stream(from: impl Read, limit: Limit, size: usize) -> Result<Vec<u8>, ReadError> {
    let most = limit.bytes.saturating_add(1);
    // One byte more, so that the end is seen without room being made for more.
    let mut bytes = Vec::with_capacity(size.saturating_add(1).min(most));
    from.take(u64::try_from(most).unwrap_or(u64::MAX))
        .read_to_end(&mut bytes)?;
    if bytes.len() > limit.bytes {
        return Err(ReadError::TooLarge(limit));
    }
    Ok(bytes)
}

/// Bytes as text.
pub(crate) fn to_text(bytes: Vec<u8>) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let before = String::from_utf8_lossy(before);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default();
        ReadError::NotText {
            line,
            column: column.chars().count() + 1,
        }
    })
}

/// The names in a directory, sorted; those that are not UTF-8 are left out.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn entries(folder: &Path) -> Result<Vec<String>, ReadError> {
    let mut names = Vec::new();
    for (count, entry) in std::fs::read_dir(folder)?.enumerate() {
        if count == limits::ENTRIES {
            return Err(ReadError::TooMany);
        }
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn regular(metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_file() {
        return Ok(());
    }
    #[cfg(unix)]
    let mode = std::os::unix::fs::MetadataExt::mode(metadata);
    #[cfg(not(unix))]
    let mode = if metadata.is_dir() { 0o040_000 } else { 0 };
    Err(ReadError::NotRegular(kind_of(mode)))
}

/// What is not a regular file, by its mode (inode(7)).
pub(super) fn kind_of(mode: u32) -> &'static str {
    match mode & 0o170_000 {
        0o040_000 => "a directory",
        0o010_000 => "a FIFO (named pipe)",
        0o140_000 => "a socket",
        0o020_000 | 0o060_000 => "a device",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{Limit, ReadError, Total, bytes, entries, handle, stream, text, to_text};

    const SMALL: Limit = Limit {
        what: "a test",
        bytes: 8,
    };

    /// Never ends, and counts what was taken from it.
    struct Endless(usize);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(b'x');
            self.0 += buffer.len();
            Ok(buffer.len())
        }
    }

    #[test]
    fn an_endless_file_is_read_to_one_byte_past_the_limit() {
        let mut endless = Endless(0);
        let error = stream(&mut endless, SMALL, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is larger than 8 bytes, the limit for a test"
        );
        assert_eq!(endless.0, 9);
    }

    #[test]
    fn a_file_as_long_as_the_limit_is_read() {
        assert_eq!(stream(&b"12345678"[..], SMALL, 0).unwrap(), b"12345678");
        assert!(stream(&b"123456789"[..], SMALL, 3).is_err());
    }

    #[test]
    fn several_files_have_one_limit() {
        let mut total = Total::new(SMALL);
        total.add(8).unwrap();
        assert!(matches!(total.add(1), Err(ReadError::TooLarge(_))));
    }

    #[test]
    fn the_first_byte_that_is_not_text_has_a_place() {
        let error = to_text(b"a\n\xc3\xa9x\xff\n".to_vec()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is not valid UTF-8 at line 2, column 3"
        );
    }

    #[test]
    fn a_folder_is_not_a_file_and_a_file_is_not_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let error = bytes(folder.path(), SMALL).unwrap_err();
        assert_eq!(error.to_string(), "it is a directory, not a regular file");
        std::fs::write(folder.path().join("b"), "1").unwrap();
        std::fs::write(folder.path().join("a"), "1").unwrap();
        assert_eq!(entries(folder.path()).unwrap(), ["a", "b"]);
        assert_eq!(text(&folder.path().join("a"), SMALL).unwrap(), "1");
        assert!(entries(&folder.path().join("a")).is_err());
        assert!(handle(&folder.path().join("c")).unwrap_err().is_not_found());
    }

    #[test]
    #[cfg(unix)]
    fn sockets_and_devices_are_called_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let error = bytes(&socket, SMALL).unwrap_err();
        assert_eq!(error.to_string(), "it is a socket, not a regular file");
        let error = bytes(std::path::Path::new("/dev/null"), SMALL).unwrap_err();
        assert_eq!(error.to_string(), "it is a device, not a regular file");
    }

    #[test]
    fn an_error_of_the_system_is_said_once() {
        let missing = bytes(std::path::Path::new("/no/such/file"), SMALL).unwrap_err();
        let said = format!(
            "{:#}",
            anyhow::Error::from(missing).context("cannot read it")
        );
        assert_eq!(said.matches("No such file").count(), 1, "{said}");
    }
}
