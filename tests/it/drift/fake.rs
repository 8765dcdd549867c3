//! An engine that answers as a test tells it to.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// What a request is answered with.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A status and a body.
    Body(u16, String),
    /// Nothing, ever.
    Never,
    /// The headers, and nothing more.
    Headers,
    /// The headers, and then a byte now and then.
    Drip,
    /// The beginning of a value that never ends, with this status.
    Endless(u16),
    /// A beginning, and then the same again and again.
    Again(String, String),
    /// A body as it is, with this encoding.
    Encoded(&'static str, Vec<u8>),
    /// The headers and half of a body; then the connection is gone.
    HalfABody,
    /// Half of a header; then the connection is gone.
    HalfAHeader,
    /// Headers without end.
    EndlessHeaders,
}

impl Answer {
    pub(crate) fn json(body: &str) -> Self {
        Self::Body(200, body.to_owned())
    }
}

/// An engine that is none. It listens until the test ends.
pub(crate) struct Fake {
    folder: TempDir,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// An engine that answers a path, without its version and query, with what `answer` gives.
    pub(crate) fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("composegen-")
            .tempdir()
            .unwrap();
        let listener = UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, heard) = (Arc::new(answer), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, heard) = (Arc::clone(&answer), Arc::clone(&heard));
                // A client that goes away is no error of the engine.
                thread::spawn(move || stream.map(|stream| serve(stream, &*answer, &heard)));
            }
        });
        Self { folder, requests }
    }

    /// An engine on which there is nothing at all.
    pub(crate) fn empty() -> Self {
        Self::new(nothing)
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// What was asked: verb and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
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
    mut stream: UnixStream,
    answer: &(dyn Fn(&str) -> Answer + Send + Sync),
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let Some(line) = request(&mut reader)? else {
            return Ok(());
        };
        heard.lock().unwrap().push(line.clone());
        let path = line.split(' ').nth(1).unwrap_or_default();
        give(&mut stream, &answer(plain(path)))?;
    }
}

/// Reads the head of a request, and gives its verb and path; nothing where there is no further one.
pub(crate) fn request(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let verb_and_path: Vec<&str> = line.split(' ').take(2).collect();
    Ok(Some(verb_and_path.join(" ")))
}

/// A path without `/v1.41` and without its query.
pub(crate) fn plain(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    let version = path.strip_prefix("/v1.");
    version
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or(path)
}

fn give(stream: &mut UnixStream, answer: &Answer) -> std::io::Result<()> {
    let gone = || Err(std::io::ErrorKind::ConnectionReset.into());
    let json = "Content-Type: application/json\r\nApi-Version: 1.41";
    let chunked = format!("{json}\r\nTransfer-Encoding: chunked\r\n\r\n");
    match answer {
        Answer::Body(status, body) => {
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} Said\r\n{json}\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        }
        Answer::Never => {
            thread::sleep(Duration::from_secs(60));
            gone()
        }
        Answer::Headers => {
            write!(stream, "HTTP/1.1 200 OK\r\n{chunked}")?;
            thread::sleep(Duration::from_secs(60));
            gone()
        }
        Answer::Drip => {
            write!(stream, "HTTP/1.1 200 OK\r\n{chunked}1\r\n[\r\n")?;
            loop {
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
            let mut chunk = format!("{:x}\r\n{beginning}\r\n", beginning.len());
            write!(stream, "HTTP/1.1 200 OK\r\n{chunked}")?;
            while stream.write_all(chunk.as_bytes()).is_ok() {
                chunk = format!("{:x}\r\n{part}\r\n", part.len());
            }
            gone()
        }
        Answer::Encoded(encoding, body) => {
            let length = body.len();
            let headers =
                format!("{json}\r\nContent-Encoding: {encoding}\r\nContent-Length: {length}");
            write!(stream, "HTTP/1.1 200 OK\r\n{headers}\r\n\r\n")?;
            stream.write_all(body)
        }
        Answer::HalfABody => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\n{json}\r\nContent-Length: 1000\r\n\r\n[{{\"Id\":"
            )?;
            stream.shutdown(std::net::Shutdown::Both)?;
            gone()
        }
        Answer::HalfAHeader => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Ty")?;
            stream.shutdown(std::net::Shutdown::Both)?;
            gone()
        }
        Answer::EndlessHeaders => {
            write!(stream, "HTTP/1.1 200 OK\r\n")?;
            let header = format!("X-More: {}\r\n", "a".repeat(0x4000));
            loop {
                stream.write_all(header.as_bytes())?;
            }
        }
    }
}
