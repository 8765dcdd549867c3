//! A connection to an engine: one GET at a time, each with an end.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::errors::Error as BollardError;
use futures_util::StreamExt as _;
use serde_json::Value;

#[cfg(unix)]
use super::tunnel::Tunnel;
use super::{Endpoint, transport};

/// How much is held of all answers that come in at the same time, in bytes. The lists of an engine
/// with a thousand containers take less than a tenth of it together.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Why an engine could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The engine.
    pub endpoint: String,
    /// What was being done: `connect`, or the path of a request.
    pub doing: String,
    /// What kept it from being done.
    pub why: String,
    /// The status of the answer, where there was one and it was no success.
    pub status: Option<u16>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            doing,
            why,
            ..
        } = self;
        write!(f, "{endpoint} cannot be asked ({doing}): {why}")
    }
}

impl Error for Failure {}

/// A connection to an engine.
#[derive(Debug)]
pub struct Connection {
    endpoint: String,
    docker: Docker,
    /// What stands before the path of a request.
    base: String,
    deadline: Instant,
    timeout: Duration,
    /// How much is held at the moment of answers that were not understood yet, in bytes.
    held: AtomicUsize,
    // Its ssh ends with the connection.
    #[cfg(unix)]
    _tunnel: Option<Tunnel>,
}

impl Connection {
    /// Connects; everything that is asked must be answered before `timeout` is over.
    ///
    /// # Errors
    /// An endpoint that cannot be reached, or a certificate that cannot be read.
    pub async fn open(endpoint: &Endpoint, timeout: Duration) -> Result<Self, Failure> {
        let deadline = Instant::now() + timeout;
        let failure = |why: String| Failure {
            endpoint: endpoint.to_string(),
            doing: "connect".into(),
            why,
            status: None,
        };
        // The deadline is ours, and finer: that of the library ends with the headers.
        let seconds = timeout.as_secs() + 1;
        #[cfg(unix)]
        let mut tunnel = None;
        let docker = match endpoint {
            Endpoint::Unix(path) => transport::unix(path, seconds),
            #[cfg(not(unix))]
            Endpoint::Ssh(_) => Err("this system has no Unix sockets".into()),
            #[cfg(unix)]
            Endpoint::Ssh(ssh) => {
                let opened = tokio::time::timeout(timeout, Tunnel::open(ssh, timeout)).await;
                let opened = opened.map_err(|_| failure(no_answer(timeout)))?;
                let opened = opened.map_err(failure)?;
                let way = transport::tunnel(&opened, seconds);
                tunnel = Some(opened);
                way
            }
            Endpoint::Npipe(path) => transport::npipe(path, seconds),
            Endpoint::Tcp { address, tls } => transport::tcp(address, tls.as_ref(), seconds),
        };
        let (docker, base) = docker.map_err(failure)?;
        Ok(Self {
            endpoint: endpoint.to_string(),
            docker,
            base,
            deadline,
            timeout,
            held: AtomicUsize::new(0),
            #[cfg(unix)]
            _tunnel: tunnel,
        })
    }

    /// The engine, as people write it.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// That something could not be asked of the engine, and why.
    pub(super) fn failure(&self, doing: &str, why: String) -> Failure {
        Failure {
            endpoint: self.endpoint.clone(),
            doing: doing.to_owned(),
            why,
            status: None,
        }
    }

    /// The answer to a GET, as JSON.
    ///
    /// # Errors
    /// An answer that does not come in time, is too large, is no success or no JSON.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        let failure = |why: String| self.failure(path, why);
        let left = self.deadline.saturating_duration_since(Instant::now());
        let body = tokio::time::timeout(left, self.body(path)).await;
        let body = body
            .map_err(|_| failure(no_answer(self.timeout)))?
            .map_err(|(why, status)| Failure {
                status,
                ..failure(why)
            })?;
        serde_json::from_slice(&body.bytes)
            .map_err(|error| failure(format!("the answer is no JSON: {error}")))
    }

    /// The body of the answer to a GET.
    ///
    /// The library's own methods decode as they read, and one record that they do not know (a
    /// state of Podman's, a volume without a driver) fails a whole list; nor do they bound what
    /// they read. Its one method that gives the bytes of a GET as they come is the export of a
    /// container, so that is called, and asked for another path.
    async fn body(&self, path: &str) -> Result<Body<'_>, (String, Option<u16>)> {
        let uri = format!("{}{path}", self.base);
        let uri: hyper::Uri = uri
            .parse()
            .map_err(|error| (format!("`{path}`: {error}"), None))?;
        let docker = self
            .docker
            .clone()
            .with_request_modifier(move |mut request| {
                request.uri_mut().clone_from(&uri);
                request
            });
        let mut body = Body::new(&self.held);
        let mut chunks = std::pin::pin!(docker.export_container("-"));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| (chain(&error), status_of(&error)))?;
            body.extend(&chunk).map_err(|why| (why, None))?;
        }
        Ok(body)
    }
}

/// What came of an answer so far. It counts as held until it is dropped.
struct Body<'a> {
    bytes: Vec<u8>,
    held: &'a AtomicUsize,
}

impl<'a> Body<'a> {
    fn new(held: &'a AtomicUsize) -> Self {
        Self {
            bytes: Vec::new(),
            held,
        }
    }

    fn extend(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.bytes.extend_from_slice(chunk);
        let before = self.held.fetch_add(chunk.len(), Ordering::Relaxed);
        if before + chunk.len() > MAX_BYTES {
            let size = MAX_BYTES >> 20;
            return Err(format!("it does not end within {size} MiB"));
        }
        Ok(())
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

fn no_answer(timeout: Duration) -> String {
    format!("no whole answer within {} s", timeout.as_secs_f32())
}

fn status_of(error: &BollardError) -> Option<u16> {
    match error {
        BollardError::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

/// An error with its causes, which say more than it does.
pub(super) fn chain(error: &BollardError) -> String {
    if let BollardError::DockerResponseServerError {
        status_code,
        message,
    } = error
    {
        let message = message.trim();
        let brief: String = message.chars().take(200).collect();
        return format!("it answers {status_code}: {brief}");
    }
    let mut parts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Many errors repeat their cause.
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
        cause = inner.source();
    }
    parts.join(": ")
}
