//! Which Docker Compose is installed here.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the docker CLI may take to say its version.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most that is read of its answer, in bytes.
const LONGEST: u64 = 100;

/// What `docker compose version --short` prints; nothing where the docker CLI or Compose is not
/// installed.
#[must_use]
pub fn compose_version() -> Option<String> {
    let mut child = Command::new("docker")
        .args(["compose", "version", "--short"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    if !has_ended(&mut child) {
        // It is waited for, so that no process is left.
        let _ = child.kill().and_then(|()| child.wait());
        return None;
    }
    let mut text = String::new();
    let answer = child.stdout.take()?;
    answer.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned())
}

/// Waits for the end of a process, for a while. Whether it ended well.
fn has_ended(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Err(_) => return false,
        }
    }
    false
}
