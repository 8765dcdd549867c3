//! An engine that answers as a test tells it to, over each way that leads to an engine.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::certificates::{Certificates, Server};

/// What a request is answered with.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A status and a body.
    Body(u16, String),
    /// These bytes; then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes; then nothing, ever.
    Stall(Vec<u8>),
    /// The headers, and then a byte now and then.
    Drip,
    /// The beginning of a value that never ends, with this status.
    Endless(u16),
    /// A beginning, and then the same again and again.
    Again(String, String),
    /// A body as it is, with this encoding.
    Encoded(&'static str, Vec<u8>),
    /// Headers without end.
    EndlessHeaders,
    /// The connection is reset.
    Reset,
}

impl Answer {
    pub(crate) fn json(body: &str) -> Self {
        Self::Body(200, body.to_owned())
    }

    /// The same answer, with headers that name the engine.
    pub(crate) fn from(self, server: &str, api: &str) -> Self {
        let Self::Body(200, body) = self else {
            return self;
        };
        let headers = format!(
            "200 OK\r\nServer: {server}\r\nApi-Version: {api}\r\nConnection: close\r\nContent-Length: {}",
            body.len()
        );
        Self::http(&headers, body.as_bytes())
    }

    /// An answer of HTTP/1.1 that closes the connection.
    pub(crate) fn http(headers: &str, body: &[u8]) -> Self {
        Self::Raw([format!("HTTP/1.1 {headers}\r\n\r\n").as_bytes(), body].concat())
    }
}

/// How an engine is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Unix,
    Tcp,
    Tls,
    /// By an `ssh` that forwards, without a login.
    Ssh,
}

/// What answers a path.
type Answers = dyn Fn(&str) -> Answer + Send + Sync;

/// An engine that is none. It listens until the test ends.
pub(crate) struct Fake {
    folder: TempDir,
    url: String,
    /// What the client needs to reach it.
    variables: Vec<(String, String)>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// An engine that answers a path, without its version and query, with what `answer` gives. That of
    /// a `HEAD` request has the verb before it.
    pub(crate) fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::over(Way::Unix, answer)
    }

    /// An engine that answers over another way.
    pub(crate) fn over(way: Way, answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let answer: Arc<Answers> = Arc::new(answer);
        match way {
            Way::Unix => Self::unix(answer),
            Way::Tcp => Self::tcp(move |stream, heard| serve(stream, &*answer, heard)),
            Way::Tls => Self::tls(Server::Good, answer),
            Way::Ssh => {
                let script = "ln -s \"$ENGINE\" \"$LOCAL\"\nexec sleep 60\n";
                Self::unix(answer).through_ssh(script)
            }
        }
    }

    fn unix(answer: Arc<Answers>) -> Self {
        let fake = Self::nowhere();
        let socket = fake.folder.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let heard = Arc::clone(&fake.requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, heard) = (Arc::clone(&answer), Arc::clone(&heard));
                // A client that goes away is not an error of the engine.
                thread::spawn(move || serve(stream?, &*answer, &heard));
            }
        });
        fake.by(&format!("unix://{}", socket.display()))
    }

    /// A server of a protocol of its own on a TCP port.
    pub(crate) fn tcp(
        serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let fake = Self::nowhere();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (serve, heard) = (Arc::new(serve), Arc::clone(&fake.requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (serve, heard) = (Arc::clone(&serve), Arc::clone(&heard));
                thread::spawn(move || serve(stream?, &heard));
            }
        });
        fake.by(&format!("tcp://{address}"))
    }

    /// An engine behind TLS.
    pub(crate) fn tls(server: Server, answer: Arc<Answers>) -> Self {
        let certificates = Certificates::get();
        let config = certificates.server(server);
        let fake = Self::tcp(move |stream, heard| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            serve(&mut stream, &*answer, heard)?;
            stream.conn.send_close_notify();
            stream.flush()
        });
        fake.with_certificates("client")
    }

    /// The client verifies the engine, and shows a certificate: `client`, or that of a `stranger`.
    pub(crate) fn with_certificates(self, client: &str) -> Self {
        let folder = Certificates::get().write(self.folder.path(), client);
        self.with("DOCKER_TLS_VERIFY", "1")
            .with("DOCKER_CERT_PATH", &folder.display().to_string())
    }

    /// The same engine by way of an `ssh` that is this script. It finds the socket here as `$LOCAL`,
    /// and that of the engine as `$ENGINE`.
    pub(crate) fn through_ssh(self, script: &str) -> Self {
        let bin = self.folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let find = "OPTIONS=$*\nwhile [ \"$1\" != -L ]; do shift; done\nLOCAL=${2%%:*}\n";
        executable(&bin.join("ssh"), &format!("#!/bin/sh\n{find}{script}"));
        let socket = self.url.replacen("unix://", "", 1);
        self.with("PATH", &format!("{}:/usr/bin:/bin", bin.display()))
            .with("ENGINE", &socket)
            .by("ssh://me@box")
    }

    /// The same engine by another URL.
    pub(crate) fn by(self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self
        }
    }

    /// No engine yet.
    fn nowhere() -> Self {
        let folder = tempfile::Builder::new().prefix("composegen-").tempdir();
        Self {
            folder: folder.unwrap(),
            url: String::new(),
            variables: Vec::new(),
            requests: Arc::default(),
        }
    }

    /// Nothing that serves, at a URL.
    pub(crate) fn at(url: &str) -> Self {
        Self::nowhere().by(url)
    }

    /// The client gets this variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// An engine on which there is nothing at all.
    pub(crate) fn empty() -> Self {
        Self::new(nothing)
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the client needs to reach it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&String, &String)> {
        self.variables.iter().map(|(name, value)| (name, value))
    }

    /// What was asked: verb and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Writes a program.
pub(crate) fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What an engine answers on which there is nothing at all.
pub(crate) fn nothing(path: &str) -> Answer {
    let body = match path {
        "/_ping" => "OK",
        "/version" => {
            r#"{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#
        }
        "/info" => r#"{"ID":"FAKE","Name":"fake","ServerVersion":"20.10.24","OSType":"linux"}"#,
        "/containers/json" | "/networks" | "/images/json" => "[]",
        "/volumes" => r#"{"Volumes":[],"Warnings":null}"#,
        _ => return Answer::Body(404, r#"{"message":"no such thing"}"#.to_owned()),
    };
    Answer::json(body)
}

fn serve(
    stream: impl Read + Write,
    answer: &Answers,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    // Byte by byte: who closes a connection with something unread resets it.
    let mut stream = BufReader::with_capacity(1, stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = verb_and_path(&line);
        let path = plain(line.split(' ').nth(1).unwrap_or_default());
        let answer = if line.starts_with("HEAD ") {
            answer(&format!("HEAD {path}"))
        } else {
            answer(path)
        };
        heard.lock().unwrap().push(line);
        if matches!(answer, Answer::Reset) {
            return Ok(());
        }
        skip_headers(&mut stream)?;
        if !give(stream.get_mut(), &answer)? {
            return Ok(());
        }
    }
}

/// Reads the head of a request, and gives its verb and path; nothing where there is no further one.
pub(crate) fn request(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    skip_headers(reader)?;
    Ok(Some(verb_and_path(&line)))
}

fn skip_headers(reader: &mut impl BufRead) -> std::io::Result<()> {
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    Ok(())
}

fn verb_and_path(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// A path without `/v1.41` and without its query.
pub(crate) fn plain(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    let version = path.strip_prefix("/v1.");
    version
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or(path)
}

/// Answers, and says whether the connection goes on.
fn give(stream: &mut impl Write, answer: &Answer) -> std::io::Result<bool> {
    const JSON: &str = "Content-Type: application/json\r\nApi-Version: 1.41";
    let chunked = format!("{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n");
    match answer {
        Answer::Body(status, body) => {
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} Said\r\n{JSON}\r\nContent-Length: {length}\r\n\r\n{body}"
            )?;
            stream.flush()?;
            return Ok(true);
        }
        Answer::Raw(bytes) => stream.write_all(bytes)?,
        Answer::Stall(bytes) => {
            stream.write_all(bytes)?;
            stream.flush()?;
            thread::sleep(Duration::from_secs(60));
        }
        Answer::Drip => {
            write!(stream, "HTTP/1.1 200 OK\r\n{chunked}1\r\n[\r\n")?;
            loop {
                stream.flush()?;
                thread::sleep(Duration::from_millis(50));
                write!(stream, "1\r\n \r\n")?;
            }
        }
        Answer::Endless(status) => {
            write!(
                stream,
                "HTTP/1.1 {status} Said\r\n{chunked}8\r\n[{{\"Id\":\"\r\n"
            )?;
            let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
            loop {
                stream.write_all(chunk.as_bytes())?;
            }
        }
        Answer::Again(beginning, part) => {
            write!(stream, "HTTP/1.1 200 OK\r\n{chunked}")?;
            write!(stream, "{:x}\r\n{beginning}\r\n", beginning.len())?;
            let chunk = format!("{:x}\r\n{part}\r\n", part.len());
            loop {
                stream.write_all(chunk.as_bytes())?;
            }
        }
        Answer::Encoded(encoding, body) => {
            let length = body.len();
            let headers =
                format!("{JSON}\r\nContent-Encoding: {encoding}\r\nContent-Length: {length}");
            write!(stream, "HTTP/1.1 200 OK\r\n{headers}\r\n\r\n")?;
            stream.write_all(body)?;
        }
        Answer::EndlessHeaders => {
            write!(stream, "HTTP/1.1 200 OK\r\n")?;
            let header = format!("X-More: {}\r\n", "a".repeat(0x4000));
            loop {
                stream.write_all(header.as_bytes())?;
            }
        }
        Answer::Reset => {}
    }
    stream.flush()?;
    Ok(false)
}
