//! Running git once, to its end or to a limit of its output.

use crate::files::absolute;
use std::fmt;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

/// The most that is kept of what git says on standard error, in bytes.
const LARGEST_COMPLAINT: u64 = 4 << 10;

/// What every call begins with; see the documentation of [`super`].
const HARDENED: [&str; 12] = [
    "--no-pager",
    "--literal-pathspecs",
    "--no-replace-objects",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "-c",
    "submodule.recurse=false",
];

/// Why git gave no answer.
#[derive(Debug)]
pub(crate) enum GitError {
    /// It cannot be run.
    Run(io::Error),
    /// The folder is in no repository.
    NoRepository(PathBuf),
    /// The repository belongs to another user, and git does not trust it (`safe.directory`).
    Owner(PathBuf),
    /// It said more than is read; the number of bytes that are.
    TooLong(usize),
    /// It failed, with this message.
    Refused(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(error) => write!(f, "cannot run git: {error}"),
            Self::NoRepository(root) => {
                write!(f, "`{}` is not in a git repository", root.display())
            }
            Self::Owner(root) => write!(
                f,
                "the git repository of `{0}` belongs to another user, so git does not read it; if you \
                 trust it: git config --global --add safe.directory {0}",
                root.display()
            ),
            Self::TooLong(limit) => {
                write!(f, "git's answer is larger than {} MiB", limit >> 20)
            }
            Self::Refused(said) if said.is_empty() => f.write_str("git failed without a message"),
            Self::Refused(said) => write!(f, "git: {said}"),
        }
    }
}

impl std::error::Error for GitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Run(error) => Some(error),
            _ => None,
        }
    }
}

/// What git prints when it is given `input`, at most `limit` bytes of it; `None` where it ends with
/// status 1 or finds nothing of that name, which is its way to say no.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place that runs git"
)]
pub(super) fn run(
    root: &Path,
    arguments: &[&str],
    input: &[u8],
    limit: usize,
) -> Result<Option<Vec<u8>>, GitError> {
    let reads = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(root)
        .args(HARDENED)
        .args(arguments)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .env_remove("GIT_EXTERNAL_DIFF")
        .env_remove("GIT_LITERAL_PATHSPECS")
        .env_remove("LANGUAGE")
        .stdin(reads)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::Run)?;
    let complaints = child.stderr.take();
    let asked = child.stdin.take();
    let (answer, complaint) = thread::scope(|scope| {
        scope.spawn(|| {
            // If git ends before it has read all, its status says why.
            let _ = asked.map(|mut asked| asked.write_all(input));
        });
        let complaint = scope.spawn(|| complaints.map_or_else(String::new, read_stderr));
        let answer = read(&mut child, limit);
        (answer, complaint.join().unwrap_or_default())
    });
    // A process that is not waited for stays in the table of processes.
    let status = child.wait().map_err(GitError::Run)?;
    let answer = answer.map_err(GitError::Run)?;
    if answer.len() > limit {
        return Err(GitError::TooLong(limit));
    }
    if status.success() {
        return Ok(Some(answer));
    }
    let complaint = complaint.trim();
    if complaint.contains("dubious ownership") {
        return Err(GitError::Owner(absolute(root)));
    }
    if complaint.contains("not a git repository") {
        return Err(GitError::NoRepository(absolute(root)));
    }
    if status.code() == Some(1) && complaint.is_empty() {
        return Ok(None);
    }
    Err(GitError::Refused(complaint.to_owned()))
}

/// Reads what git prints, and ends it where that is more than `limit` bytes.
fn read(child: &mut Child, limit: usize) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let Some(printed) = child.stdout.take() else {
        return Ok(answer);
    };
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = printed.take(most).read_to_end(&mut answer);
    if answer.len() > limit || read.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
    }
    read.map(|_| answer)
}

/// The beginning of what git complains about; the rest is read too, so that git does not wait.
fn read_stderr(mut complaints: ChildStderr) -> String {
    let mut bytes = Vec::new();
    let _ = complaints
        .by_ref()
        .take(LARGEST_COMPLAINT)
        .read_to_end(&mut bytes);
    let _ = io::copy(&mut complaints, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}
