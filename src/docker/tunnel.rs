//! A way to a Unix socket on another machine, through the system's ssh.
//!
//! One ssh forwards the socket to one here, so that any number of requests costs one login, and the
//! user's own configuration, keys and agent count.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::Ssh;
use crate::files::{self, limits};

/// The file in the temporary folder that holds what ssh said.
const SAID: &str = "stderr";

/// How much of it is shown, in bytes.
const MAX_SAID: usize = 4096;

/// How often to look whether ssh is through.
const PAUSE: Duration = Duration::from_millis(5);

/// An ssh that forwards a socket; it ends with this value.
#[derive(Debug)]
pub(super) struct Tunnel {
    ssh: Child,
    folder: TempDir,
}

impl Tunnel {
    /// Logs in and waits until the socket is there, for as long as the caller waits.
    pub(super) async fn open(to: &Ssh, timeout: Duration) -> Result<Self, String> {
        // Only this user may enter the folder of the socket, as of any temporary folder.
        let folder = tempfile::Builder::new()
            .prefix("composegen-")
            .tempdir()
            .map_err(|error| format!("no temporary folder can be made: {error}"))?;
        let local = folder.path().join("docker.sock");
        let said = std::fs::File::create(folder.path().join(SAID))
            .map_err(|error| format!("no temporary file can be made: {error}"))?;
        let seconds = timeout.as_secs().max(1);
        let mut command = Command::new("ssh");
        command
            .args(["-nNT", "-oExitOnForwardFailure=yes"])
            // A question would wait for an answer that nobody can give.
            .arg("-oBatchMode=yes")
            // A shared connection would keep the forwarding when this process is gone.
            .args(["-oControlMaster=no", "-oControlPath=none"])
            .arg(format!("-oConnectTimeout={seconds}"))
            .arg("-oStreamLocalBindUnlink=no")
            .arg("-L")
            .arg(format!("{}:{}", local.display(), to.socket));
        if let Some(port) = to.port {
            command.arg("-p").arg(port.to_string());
        }
        if let Some(user) = &to.user {
            command.arg("-l").arg(user);
        }
        command
            .arg("--")
            .arg(&to.host)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A file, since a pipe may be kept open by what ssh started.
            .stderr(said);
        let ssh = command
            .spawn()
            .map_err(|error| format!("ssh cannot be started: {error}"))?;
        let mut tunnel = Self { ssh, folder };
        loop {
            if local.exists() {
                return Ok(tunnel);
            }
            match tunnel.ssh.try_wait() {
                Ok(None) => tokio::time::sleep(PAUSE).await,
                Ok(Some(_)) => return Err(tunnel.complaint()),
                Err(error) => return Err(format!("ssh cannot be waited for: {error}")),
            }
        }
    }

    /// The socket here.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// What ssh said before it ended, on one line.
    fn complaint(&self) -> String {
        let said = self.folder.path().join(SAID);
        let said = files::bytes(&said, limits::COMPLAINT).unwrap_or_default();
        let said = said.get(..MAX_SAID).unwrap_or(&said);
        let text = String::from_utf8_lossy(said);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        match lines.as_slice() {
            [] => "ssh ended without a word".into(),
            lines => format!("ssh says: {}", lines.join("; ")),
        }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let _ = self.ssh.kill();
        let _ = self.ssh.wait();
    }
}
