//! A connection to an engine: requests, each with an end.

use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::errors::Error;
use futures_util::StreamExt as _;

use super::endpoint::Endpoint;
use super::failure::{DENIED, Failure, FailureKind, chain, is_denied, kind_of, no_answer};
use super::intake::{Source, Stat, Take};
use super::transport::{self, Headers, Server, Way};
#[cfg(unix)]
use super::tunnel::Tunnel;

/// A connection to an engine.
#[derive(Debug)]
pub struct Connection {
    endpoint: String,
    docker: Docker,
    /// What the path of a request begins with.
    base: String,
    headers: Headers,
    deadline: Instant,
    timeout: Duration,
    /// Whether it is over a socket on this machine, with the rights of this user.
    is_socket: bool,
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
            kind: FailureKind::Unanswered,
        };
        // The deadline is ours, and finer: that of the library ends with the headers.
        let seconds = timeout.as_secs() + 1;
        #[cfg(unix)]
        let mut tunnel = None;
        let way = match endpoint {
            Endpoint::Unix(path) => transport::unix(path, seconds),
            #[cfg(not(unix))]
            Endpoint::Ssh(_) => Err("this system has no Unix sockets".into()),
            #[cfg(unix)]
            Endpoint::Ssh(ssh) => {
                let opened = tokio::time::timeout(timeout, Tunnel::open(ssh, timeout))
                    .await
                    .map_err(|_| failure(no_answer(timeout)))?
                    .map_err(failure)?;
                let way = transport::tunnel(&opened, seconds);
                tunnel = Some(opened);
                way
            }
            Endpoint::Npipe(path) => transport::npipe(path, seconds),
            Endpoint::Tcp { address, tls } => transport::tcp(address, tls.as_ref(), seconds),
        };
        let Way {
            docker,
            base,
            headers,
        } = way.map_err(failure)?;
        Ok(Self {
            endpoint: endpoint.to_string(),
            docker,
            base,
            headers,
            deadline,
            timeout,
            is_socket: matches!(endpoint, Endpoint::Unix(_)),
            #[cfg(unix)]
            _tunnel: tunnel,
        })
    }
}

impl Source for Connection {
    /// The engine, as people write it.
    fn name(&self) -> &str {
        &self.endpoint
    }

    fn server(&self) -> Option<&Server> {
        self.headers.server()
    }

    async fn get(&self, path: &str, take: Take<'_>) -> Result<(), Failure> {
        self.in_time(path, self.body(path, take)).await
    }

    async fn stat(&self, path: &str) -> Result<Stat, Failure> {
        let request = async {
            let docker = self.at(path)?;
            let stat = docker
                .get_container_archive_info("-", None)
                .await
                .map_err(|error| self.explain(&error))?;
            Ok(Stat {
                mode: stat.file_mode,
                modified: stat.modification_time,
            })
        };
        self.in_time(path, request).await
    }
}

/// Why a request failed, and whether there was an answer.
type Unasked = (String, FailureKind);

impl Connection {
    /// What is asked, before the time is over.
    async fn in_time<T>(
        &self,
        path: &str,
        request: impl Future<Output = Result<T, Unasked>>,
    ) -> Result<T, Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let answer = tokio::time::timeout(left, request)
            .await
            .unwrap_or_else(|_| Err(self.late()));
        answer.map_err(|(why, kind)| Failure {
            endpoint: self.endpoint.clone(),
            doing: path.to_owned(),
            why,
            kind,
        })
    }

    /// Whether the time is over.
    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn late(&self) -> Unasked {
        (no_answer(self.timeout), FailureKind::Unanswered)
    }

    fn explain(&self, error: &Error) -> Unasked {
        if self.is_socket && is_denied(error) {
            (DENIED.to_owned(), FailureKind::Unanswered)
        } else {
            (chain(error), kind_of(error))
        }
    }

    /// The library, with this path instead of that of the next request.
    fn at(&self, path: &str) -> Result<Docker, Unasked> {
        let uri = format!("{}{path}", self.base);
        let uri: hyper::Uri = uri
            .parse()
            .map_err(|error| (format!("`{path}`: {error}"), FailureKind::Unanswered))?;
        let docker = self.docker.clone();
        Ok(docker.with_request_modifier(move |mut request| {
            request.uri_mut().clone_from(&uri);
            request
        }))
    }

    /// Reads the body of the answer to a GET as it comes in.
    ///
    /// The library's own methods decode as they read, and one record that they do not know (a
    /// state of Podman's, a volume without a driver) fails a whole list; nor do they bound what
    /// they read. Its one method that gives the bytes of a GET as they come is the export of a
    /// container, so that is called, and asked for another path.
    async fn body(&self, path: &str, take: Take<'_>) -> Result<(), Unasked> {
        let docker = self.at(path)?;
        let mut chunks = std::pin::pin!(docker.export_container("-"));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.explain(&error))?;
            // An engine that sends without a pause never lets the timer have its turn.
            if Instant::now() >= self.deadline {
                return Err(self.late());
            }
            take(&chunk).map_err(|why| (why, FailureKind::Unusable))?;
        }
        Ok(())
    }
}
