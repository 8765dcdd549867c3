//! A connection to an engine: one GET at a time, each with an end.

use std::error::Error;
use std::fmt;
use std::mem::size_of;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::errors::Error as BollardError;
use futures_util::StreamExt as _;

use super::answer::{Answer, Misread, Reading};
use super::cutter::{Cutter, List};
use super::json::Json;
use super::tunnel::Tunnel;
use super::{Endpoint, transport};

/// How much is held of all answers together, in bytes: what has come in and is not read yet, and what
/// was read. An engine with a thousand containers takes less than a tenth of it.
const MAX_BYTES: usize = 96 << 20;
/// How many fields of all answers together may be unreadable before the engine is.
const MAX_MISREAD: usize = 1000;

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
    /// About how much is held of answers, in bytes.
    held: AtomicUsize,
    /// How many fields could not be read.
    misread: AtomicUsize,
    // Its ssh ends with the connection.
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
        let mut tunnel = None;
        let docker = match endpoint {
            Endpoint::Unix(path) => transport::unix(path, seconds),
            Endpoint::Ssh(ssh) => {
                let opened = tokio::time::timeout(timeout, Tunnel::open(ssh, timeout)).await;
                let opened = opened.map_err(|_| failure(no_answer(timeout)))?;
                let opened = opened.map_err(failure)?;
                let path = opened.socket();
                tunnel = Some(opened);
                transport::unix(&path, seconds)
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
            misread: AtomicUsize::new(0),
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

    /// What the answer to a GET says of one thing.
    ///
    /// # Errors
    /// An answer that does not come in time, is too large, is no success, is not valid JSON or not an
    /// object, and what `read` fails with.
    pub(super) async fn get<T>(
        &self,
        path: &str,
        what: &str,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Read<T>, Failure> {
        let rest = self.ask(path, List::None, |_| Ok(())).await?;
        self.record(&rest.bytes, what, read)
            .map_err(|why| self.failure(path, why))
    }

    /// What the answer to a GET lists. A record is read as soon as it has come in, and not held.
    ///
    /// # Errors
    /// As of [`Connection::get`], and a list that is of another form.
    pub(super) async fn list<T>(
        &self,
        path: &str,
        list: List,
        what: &str,
        read: impl Fn(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Vec<Read<T>>, Failure> {
        let mut records = Vec::new();
        let each = |bytes: &[u8]| {
            records.push(self.record(bytes, what, &read)?);
            Ok(())
        };
        let rest = self.ask(path, list, each).await?;
        Json::parse(&rest.bytes)
            .and_then(|rest| is_list(&rest, list, what))
            .map_err(|why| self.failure(path, why))?;
        Ok(records)
    }

    /// Reads one record, and counts what is kept of it.
    fn record<T>(
        &self,
        bytes: &[u8],
        what: &str,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Read<T>, String> {
        let json = Json::parse(bytes)?;
        if !matches!(json, Json::Object(_)) {
            return Err(format!("the answer has {} for {what}", json.kind()));
        }
        let reading = Reading::default();
        let value = read(&Answer::record(&json, &reading))?;
        self.hold(reading.weight() + size_of::<T>())?;
        let misread = reading.misread();
        let before = self.misread.fetch_add(misread.len(), Ordering::Relaxed);
        if before + misread.len() > MAX_MISREAD {
            return Err(format!("more than {MAX_MISREAD} fields are not readable"));
        }
        Ok(Read { value, misread })
    }

    /// Asks, and gives each record of the answer's list to `each`; what is around them is given back.
    async fn ask(
        &self,
        path: &str,
        list: List,
        each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<Rest<'_>, Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let rest = tokio::time::timeout(left, self.body(path, list, each)).await;
        let rest = rest.unwrap_or_else(|_| Err((no_answer(self.timeout), None)));
        rest.map_err(|(why, status)| Failure {
            status,
            ..self.failure(path, why)
        })
    }

    /// Reads the body of the answer to a GET as it comes in.
    ///
    /// The library's own methods decode as they read, and one record that they do not know (a
    /// state of Podman's, a volume without a driver) fails a whole list; nor do they bound what
    /// they read. Its one method that gives the bytes of a GET as they come is the export of a
    /// container, so that is called, and asked for another path.
    async fn body(
        &self,
        path: &str,
        list: List,
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<Rest<'_>, (String, Option<u16>)> {
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
        let mut cutter = Cutter::new(list);
        let mut rest = Rest {
            bytes: Vec::new(),
            held: 0,
            connection: self,
        };
        let mut chunks = std::pin::pin!(docker.export_container("-"));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| (chain(&error), status_of(&error)))?;
            // An engine that sends without a pause never lets the timer have its turn.
            if Instant::now() >= self.deadline {
                return Err((no_answer(self.timeout), None));
            }
            let pushed = cutter.push(&chunk, &mut each);
            pushed.map_err(|why| (why, None))?;
            rest.holds(cutter.held()).map_err(|why| (why, None))?;
        }
        rest.bytes = cutter.into_rest();
        Ok(rest)
    }

    /// Counts what is held from now on.
    fn hold(&self, bytes: usize) -> Result<(), String> {
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > MAX_BYTES {
            let size = MAX_BYTES >> 20;
            return Err(format!(
                "the answers of the engine are larger than {size} MiB in all"
            ));
        }
        Ok(())
    }
}

/// What was read of a record.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) value: T,
    /// The fields that could not be read.
    pub(super) misread: Vec<Misread>,
}

/// An answer without the records of its list. It counts as held until it is dropped.
struct Rest<'a> {
    bytes: Vec<u8>,
    held: usize,
    connection: &'a Connection,
}

impl Rest<'_> {
    fn holds(&mut self, bytes: usize) -> Result<(), String> {
        let more = bytes.saturating_sub(self.held);
        self.held += more;
        self.connection.hold(more)
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.connection.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// Whether an answer has its list. A list that is absent is not a list without records.
fn is_list(rest: &Json<'_>, list: List, what: &str) -> Result<(), String> {
    let found = match (rest, list) {
        (Json::Object(fields), List::Field(name)) => {
            let mut values = fields.iter().filter(|(field, _)| field == name);
            match (values.next(), values.next()) {
                // Go writes null for a list without records.
                (Some((_, Json::List(_) | Json::Null)), None) => return Ok(()),
                (Some((_, other)), None) => other.kind(),
                (None, _) => "absent",
                (Some(_), Some(_)) => "listed twice",
            }
        }
        (Json::List(_), List::Whole) => return Ok(()),
        (other, _) => other.kind(),
    };
    Err(format!("the list of {what} is {found}, expected a list"))
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
        return format!("it answers {status_code}: {}", brief.escape_debug());
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
