//! A program with a temporary folder, neither of which outlives this process, however it ends.
//!
//! A signal ends this process without running a destructor, and SIGKILL cannot be caught. So a small
//! shell waits for the end of a pipe that only this process holds open: the kernel closes it in any
//! case. The shell is in a process group of its own, which Ctrl-C and a closed terminal do not reach.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The file in the folder that holds what the program wrote to its standard error. A pipe might be
/// kept open by what the program started.
const STDERR_FILE: &str = "stderr";

/// The file in the folder that exists once the program has ended.
const ENDED: &str = "ended";

/// What the shell runs. Its arguments are the folder, the names of the two files, and the program
/// with its arguments; no text is put into it. It starts the program, which is thus no zombie when it
/// has ended, and one more shell that waits for the end of the pipe, ends the program and whatever
/// heeds SIGTERM in the group. The last line ends all that is left of the group, the shell included.
const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
path=$PATH
PATH=$path:/usr/bin:/bin
folder=$1 said=$1/$2 ended=$1/$3
shift 3
mkdir -m 700 -- "$folder" || exit 1
exec 3<&0 </dev/null
(PATH=$path; trap - HUP INT QUIT TERM; exec "$@" 3<&- 2>"$said") &
program=$!
(read -r _ <&3; kill -s TERM -- "-$$"; [ -e "$ended" ] || kill -s KILL "$program") &
exec 3<&-
wait "$program"
: >"$ended"
wait
rm -rf -- "$folder"
kill -s KILL -- "-$$"
"#;

/// A running program and a folder that only this user may enter. Both end with this value.
#[derive(Debug)]
pub(super) struct Keeper {
    shell: Mutex<Child>,
    folder: PathBuf,
}

impl Keeper {
    /// Starts the program that `command` gives for a folder, which exists when it runs.
    ///
    /// # Errors
    /// What `command` says, or that no process can be started.
    pub(super) fn start(
        command: impl Fn(&Path) -> Result<Vec<String>, String>,
    ) -> Result<Self, String> {
        let named = tempfile::Builder::new()
            .prefix("composegen-")
            .rand_bytes(12)
            // Who creates it removes it: the shell.
            .disable_cleanup(true)
            .make(|folder| match command(folder) {
                Ok(command) => Self::shell(folder, command).map(Ok),
                Err(why) => Ok(Err(why)),
            })
            .map_err(|error| format!("cannot start /bin/sh: {error}"))?;
        let (shell, folder) = named.into_parts();
        Ok(Self {
            shell: Mutex::new(shell?),
            folder: folder.to_path_buf(),
        })
    }

    fn shell(folder: &Path, command: Vec<String>) -> io::Result<Child> {
        Command::new("/bin/sh")
            .args(["-c", SCRIPT, "composegen"])
            .arg(folder)
            .args([STDERR_FILE, ENDED])
            .args(command)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the program has ended.
    pub(super) fn has_ended(&self) -> bool {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        // Only where there is no folder, or where somebody ends it, is the shell the first to end.
        self.folder.join(ENDED).exists() || !matches!(shell.try_wait(), Ok(None))
    }

    /// The file with what the program wrote to its standard error.
    pub(super) fn said(&self) -> PathBuf {
        self.folder.join(STDERR_FILE)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(shell.stdin.take());
        let _ = shell.wait();
        // The shell has removed it, unless somebody ended the shell.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
