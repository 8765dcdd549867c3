//! A way to a Unix socket on another machine, through the system's ssh.
//!
//! One ssh forwards the socket to one here, so that any number of requests costs one login, and the
//! user's own configuration, keys and agent count.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyperlocal::{UnixConnector, UnixStream};
use tower_service::Service;

use super::endpoint::{Ssh, is_forwardable};
use super::keeper::Keeper;
use crate::files::{self, limits};

/// The socket in the temporary folder.
const SOCKET: &str = "docker.sock";

/// How much of what ssh said is shown, in bytes: the last part, since the cause comes last.
const MAX_SAID: usize = 4096;

/// How often to look whether ssh is through.
const PAUSE: Duration = Duration::from_millis(5);

/// How long to wait before a refused connection is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(100));

/// An option that older versions of ssh (before 8.7) do not know.
const NO_FORK: &str = "ForkAfterAuthentication";

/// An ssh that forwards a socket. It ends with this value, and with this process.
#[derive(Debug)]
pub(super) struct Tunnel(Arc<Forwarding>);

#[derive(Debug)]
struct Forwarding(Keeper);

impl Tunnel {
    /// Logs in and waits until the socket exists, for as long as the caller waits.
    pub(super) async fn open(to: &Ssh, timeout: Duration) -> Result<Self, String> {
        match Self::start(to, timeout, true).await {
            // The user's configuration cannot set what this ssh does not know.
            Err(why) if is_unknown_option(&why) => Self::start(to, timeout, false).await,
            other => other,
        }
    }

    async fn start(to: &Ssh, timeout: Duration, knows_no_fork: bool) -> Result<Self, String> {
        let keeper = Keeper::start(|folder| command(to, folder, timeout, knows_no_fork))?;
        let forwarding = Forwarding(keeper);
        while !forwarding.socket().exists() {
            if let Some(why) = forwarding.end() {
                return Err(why);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Self(Arc::new(forwarding)))
    }

    /// The socket here.
    pub(super) fn socket(&self) -> PathBuf {
        self.0.socket()
    }

    /// What connects to the socket.
    pub(super) fn connector(&self) -> TunnelConnector {
        TunnelConnector(Arc::downgrade(&self.0))
    }
}

/// The ssh that forwards to a socket in the folder; the user's own configuration gives way to its
/// options.
fn command(
    to: &Ssh,
    folder: &Path,
    timeout: Duration,
    knows_no_fork: bool,
) -> Result<Vec<String>, String> {
    let local = folder.join(SOCKET);
    let local = local.to_str().filter(|path| is_forwardable(path));
    let Some(local) = local else {
        return Err(format!(
            "ssh cannot forward to a socket in `{}`: set TMPDIR to a folder with a plain name",
            folder.display()
        ));
    };
    let mut command: Vec<String> = [
        "ssh",
        "-nNT",
        "-oExitOnForwardFailure=yes",
        // Nobody could answer a question of ssh.
        "-oBatchMode=yes",
        // A shared connection would keep the forwarding when this process is gone.
        "-oControlMaster=no",
        "-oControlPath=none",
        "-oStreamLocalBindUnlink=no",
    ]
    .map(str::to_owned)
    .into();
    // In the background, it would leave its process group.
    if knows_no_fork {
        command.push(format!("-o{NO_FORK}=no"));
    }
    let seconds = timeout.as_secs().max(1);
    command.push(format!("-oConnectTimeout={seconds}"));
    if let Some(port) = to.port {
        command.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(user) = &to.user {
        command.extend(["-l".to_owned(), user.clone()]);
    }
    let forward = format!("{local}:{}", to.socket);
    command.extend(["-L".to_owned(), forward, "--".to_owned(), to.host.clone()]);
    Ok(command)
}

fn is_unknown_option(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    why.contains("bad configuration option") && why.contains(&NO_FORK.to_ascii_lowercase())
}

impl Forwarding {
    fn socket(&self) -> PathBuf {
        self.0.folder().join(SOCKET)
    }

    /// Why ssh has ended; nothing while it runs.
    fn end(&self) -> Option<String> {
        if !self.0.has_ended() {
            return None;
        }
        Some(self.said().unwrap_or_else(|| {
            if self.0.folder().exists() {
                "ssh ended without a message".into()
            } else {
                let folder = self.0.folder().display();
                format!("cannot create the temporary folder `{folder}` for ssh")
            }
        }))
    }

    /// What ssh said so far, on one line.
    fn said(&self) -> Option<String> {
        let said = files::bytes(&self.0.said(), limits::COMPLAINT).ok()?;
        let start = said.len().saturating_sub(MAX_SAID);
        let said = said.get(start..).unwrap_or_default();
        let text = String::from_utf8_lossy(said);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        (!lines.is_empty()).then(|| format!("ssh says: {}", lines.join("; ")))
    }
}

/// Connects to the socket of a tunnel. ssh binds it before it listens, so a connection that is
/// refused is tried again while ssh runs and the caller waits.
#[derive(Debug, Clone)]
pub(super) struct TunnelConnector(Weak<Forwarding>);

impl TunnelConnector {
    /// What ssh says about a request that failed.
    pub(super) fn said(&self) -> Option<String> {
        let forwarding = self.0.upgrade()?;
        forwarding.end().or_else(|| forwarding.said())
    }

    /// Why it is of no use to try again.
    fn end(&self) -> Option<String> {
        match self.0.upgrade() {
            Some(forwarding) => forwarding.end(),
            None => Some("the connection is closed".into()),
        }
    }
}

impl Service<Uri> for TunnelConnector {
    type Response = UnixStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<UnixStream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tunnel = self.clone();
        Box::pin(async move {
            let (mut pause, longest) = RETRY;
            loop {
                let refused = match UnixConnector.call(uri.clone()).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => error,
                };
                if let Some(why) = tunnel.end() {
                    return Err(io::Error::other(why));
                }
                if refused.kind() != io::ErrorKind::ConnectionRefused {
                    return Err(refused);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(longest);
            }
        })
    }
}
