//! One writer of a project at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::Root;

/// How long another run is waited for, unless a caller says otherwise: a render takes milliseconds,
/// a promotion about a second.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// After this time the caller learns that another run is waited for.
const QUIET: Duration = Duration::from_secs(1);

/// The right to write in a project. It ends with the value, or with the process however that ends,
/// and leaves nothing behind: on Unix it is a lock on the opened root itself (flock), elsewhere on a
/// file in the user's temporary folder. Readers need none, since files are replaced whole. A file
/// system that knows no locks gives the right to everybody.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and waits for another run that has it. After a second, `waiting` is called
    /// once.
    pub(crate) fn take(
        root: &Root,
        patience: Duration,
        waiting: impl FnOnce(),
    ) -> io::Result<Self> {
        let file = lockable(root)?;
        let start = Instant::now();
        let mut waiting = Some(waiting);
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if start.elapsed() >= patience {
                let seconds = patience.as_secs();
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("another run of composegen is still writing here after {seconds} s"),
                ));
            }
            if start.elapsed() >= QUIET
                && let Some(notify) = waiting.take()
            {
                notify();
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

#[cfg(unix)]
fn lockable(root: &Root) -> io::Result<File> {
    root.top().as_file()
}

/// Folders cannot be locked here, so a file in the temporary folder of the user stands for the root.
#[cfg(not(unix))]
#[allow(clippy::disallowed_methods, reason = "the file is not of a project")]
fn lockable(root: &Root) -> io::Result<File> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    // Two roots of one hash would only wait for each other.
    let mut hasher = DefaultHasher::new();
    std::fs::canonicalize(root.path())?.hash(&mut hasher);
    let name = format!("composegen-{:016x}.lock", hasher.finish());
    let path = std::env::temp_dir().join(name);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Lock, Root};

    #[test]
    fn the_second_waits_and_does_not_wait_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let again = Root::open(folder.path()).unwrap();
        let first = Lock::take(&root, Duration::ZERO, || ()).unwrap();
        let error = Lock::take(&again, Duration::from_millis(20), || ()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        let mut was_notified = false;
        Lock::take(&again, Duration::from_millis(1500), || was_notified = true).unwrap_err();
        assert!(was_notified);
        drop(first);
        Lock::take(&again, Duration::ZERO, || ()).unwrap();
        assert_eq!(crate::files::entries(folder.path()).unwrap().len(), 0);
    }
}
