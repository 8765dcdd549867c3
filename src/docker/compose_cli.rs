//! What the Docker Compose that is installed here says: its version, and the hashes of services.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the docker CLI may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most that is read of an answer, in bytes.
const LONGEST: u64 = 1 << 20;

/// What `docker compose version --short` prints; nothing where the docker CLI or Compose is not
/// installed.
#[must_use]
pub fn compose_version() -> Option<String> {
    let text = answer(&["compose", "version", "--short"].map(str::to_owned))?;
    Some(text.trim().to_owned())
}

/// The hash of each service that Compose would write on its containers, as `docker compose config
/// --hash` prints it; `options` name the files and the project. It is not always the same: what names
/// the container of another service or an `env_file` is not filled in.
#[must_use]
pub fn service_hashes(options: &[String]) -> BTreeMap<String, String> {
    let mut arguments = vec!["compose".to_owned()];
    arguments.extend_from_slice(options);
    arguments.extend(["config", "--hash", "*"].map(str::to_owned));
    let text = answer(&arguments).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(service, hash)| (service.to_owned(), hash.trim().to_owned()))
        .collect()
}

/// What the docker CLI prints, if it ends well and in time.
fn answer(arguments: &[String]) -> Option<String> {
    let mut child = Command::new("docker")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let output = child.stdout.take()?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let read = output.take(LONGEST).read_to_string(&mut text);
        read.is_ok().then_some(text)
    });
    if !has_ended(&mut child) {
        // It is waited for, so that no process is left.
        let _ = child.kill().and_then(|()| child.wait());
        return None;
    }
    reader.join().ok().flatten()
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
