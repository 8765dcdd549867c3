//! How much a project may grow while it is read.
//!
//! A few lines can expand to very much: an alias of an alias, a variable of variables, a file that
//! includes itself by two names, a range of all ports. The result is counted for the project as
//! a whole, so that its cost follows from the size of its files. The limits are far above what people
//! write; beyond them Compose itself takes minutes, or all memory.

use super::interpolate::MAX_FILLED;
use super::tree::MAX_COPIED;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// Bytes that variables put into texts, also such as are then not used.
    Filled,
    /// Values that aliases expand to.
    Copied,
    /// Values that services take from those that they extend.
    Extended,
    /// Values that are read once more, as another document or an including file overrides them.
    Again,
    /// Compose files that are named by others, once for each time.
    Files,
    /// The bytes of those, and of env files.
    Bytes,
    /// Variables of files, once for each service or included file that has them.
    Variables,
    /// Ports that ranges expand to.
    Ports,
    /// Mounts that services take from others (`volumes_from`).
    Mounts,
}

/// How many kinds there are.
const KINDS: usize = 9;

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Grown([usize; KINDS]);

impl Growth {
    /// The most that there may be, in all of a project, and what it is called.
    pub(super) fn limit(self) -> (usize, &'static str) {
        match self {
            Self::Filled => (MAX_FILLED, "bytes are filled in for variables"),
            Self::Copied => (MAX_COPIED, "values are copied by aliases"),
            Self::Extended => (500_000, "values are taken from services that others extend"),
            Self::Again => (
                2_000_000,
                "values are read again for other documents and files",
            ),
            Self::Files => (2_000, "files are included or extended"),
            Self::Bytes => (
                8 * 1024 * 1024,
                "bytes of files are included, extended or read for variables",
            ),
            Self::Variables => (500_000, "variables are read from files"),
            // All of them, for both protocols.
            Self::Ports => (2 * 65_535, "ports are published by ranges"),
            Self::Mounts => (500_000, "mounts are taken from other services"),
        }
    }
}

impl Grown {
    /// Counts what grows. Beyond the limit it gives the message, the first time.
    pub(super) fn add(&mut self, what: Growth, by: usize) -> Result<(), Option<String>> {
        let (most, words) = what.limit();
        let Some(so_far) = self.0.get_mut(what as usize) else {
            return Ok(());
        };
        let before = *so_far;
        *so_far = so_far.saturating_add(by);
        if *so_far <= most {
            return Ok(());
        }
        let is_first = before <= most;
        Err(is_first.then(|| format!("the project is too large: more than {most} {words}")))
    }

    /// Whether something grew beyond its limit.
    pub(super) fn is_over(&self, what: Growth) -> bool {
        let so_far = self.0.get(what as usize);
        so_far.is_some_and(|so_far| *so_far > what.limit().0)
    }
}
