//! How requests reach an engine: over a socket, over TCP, over TLS.
//!
//! The library's own transports read the body of an error to its end, and an engine that never ends
//! one would take all memory; these read no more of it than a message needs. And its TLS trusts
//! whoever the system trusts besides the `ca.pem` that was asked for; this one does not.

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::Request;
use hyper::header::{HeaderMap, HeaderValue, SERVER};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::endpoint::Tls;
use super::failure::chain;
#[cfg(unix)]
use super::tunnel::Tunnel;
use crate::files::{self, limits};

/// How much of an error's body is read, in bytes.
const MAX_MESSAGE: usize = 16 * 1024;

/// How long a header may be that is kept, in bytes.
const MAX_HEADER: usize = 256;

/// A transport to an engine.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) docker: Docker,
    /// What its request paths begin with.
    pub(super) base: String,
    pub(super) headers: Headers,
}

/// What the headers of the answers so far say about the engine.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers(Arc<OnceLock<Server>>);

/// The server and its API, from the headers of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// `Server`: the program and its version, as in `Docker/28.5.2 (linux)`.
    pub(super) program: String,
    /// `Api-Version`.
    pub(super) api: String,
}

impl Server {
    /// `None` where a header is missing, or longer than any that an engine sends.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |value: &HeaderValue| {
            let text = value.to_str().ok()?;
            (text.len() <= MAX_HEADER).then(|| text.to_owned())
        };
        Some(Self {
            program: headers.get(SERVER).and_then(text)?,
            api: headers.get("api-version").and_then(text)?,
        })
    }
}

impl Headers {
    /// The server, where there was an answer whose headers name it.
    pub(super) fn server(&self) -> Option<&Server> {
        self.0.get()
    }

    fn note(&self, headers: &HeaderMap) {
        if let Some(server) = Server::of(headers) {
            // An earlier answer may have set it.
            let _ = self.0.set(server);
        }
    }
}

#[cfg(unix)]
pub(super) fn unix(path: &Path, seconds: u64) -> Result<Way, String> {
    // One in a folder that may not be looked into is refused when it is connected to.
    if matches!(path.try_exists(), Ok(false)) {
        return Err(format!("the socket `{}` does not exist", path.display()));
    }
    over(hyperlocal::UnixConnector, seconds, socket_base(path))
}

/// The socket that ssh forwards. What ssh says is the cause of a request that fails.
#[cfg(unix)]
pub(super) fn tunnel(tunnel: &Tunnel, seconds: u64) -> Result<Way, String> {
    let base = socket_base(&tunnel.socket());
    let connector = tunnel.connector();
    let cause = connector.clone();
    over_with_cause(connector, seconds, base, move || cause.said())
}

/// The connector finds the socket by its path in hexadecimal digits, instead of a host.
#[cfg(unix)]
fn socket_base(path: &Path) -> String {
    let base: hyper::Uri = hyperlocal::Uri::new(path, "/").into();
    base.to_string().trim_end_matches('/').to_owned()
}

#[cfg(not(unix))]
pub(super) fn unix(_path: &Path, _seconds: u64) -> Result<Way, String> {
    Err("this system has no Unix sockets".into())
}

#[cfg(windows)]
pub(super) fn npipe(path: &str, seconds: u64) -> Result<Way, String> {
    let docker = Docker::connect_with_named_pipe(path, seconds, API_DEFAULT_VERSION)
        .map_err(|error| chain(&error))?;
    let host: String = path.bytes().map(|byte| format!("{byte:02x}")).collect();
    Ok(Way {
        docker,
        base: format!("net.pipe://{host}"),
        // The library keeps them to itself.
        headers: Headers::default(),
    })
}

#[cfg(not(windows))]
pub(super) fn npipe(_path: &str, _seconds: u64) -> Result<Way, String> {
    Err("only Windows has named pipes".into())
}

pub(super) fn tcp(address: &str, tls: Option<&Tls>, seconds: u64) -> Result<Way, String> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    let Some(tls) = tls else {
        return over(http, seconds, format!("http://{address}"));
    };
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls_config(tls)?)
        .https_only()
        .enable_http1()
        .wrap_connector(http);
    over(connector, seconds, format!("https://{address}"))
}

/// As the docker CLI has it: the engine's certificate is verified by `ca.pem` and nothing else,
/// and it is shown ours.
fn tls_config(tls: &Tls) -> Result<ClientConfig, String> {
    let certificates = |path: &Path| -> Result<Vec<CertificateDer<'static>>, String> {
        let certificates = CertificateDer::pem_slice_iter(&read(path)?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("`{}`: {error}", path.display()))?;
        if certificates.is_empty() {
            return Err(format!("`{}` contains no certificate", path.display()));
        }
        Ok(certificates)
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&tls.ca)? {
        roots
            .add(certificate)
            .map_err(|error| format!("`{}`: {error}", tls.ca.display()))?;
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&tls.key)?)
        .map_err(|error| format!("`{}`: {error}", tls.key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&tls.cert)?, key)
        .map_err(|error| format!("`{}`: {error}", tls.cert.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    files::bytes(path, limits::CERTIFICATE)
        .map_err(|error| format!("`{}`: {error}", path.display()))
}

/// The library over a connector of ours.
fn over<C>(connector: C, seconds: u64, base: String) -> Result<Way, String>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    over_with_cause(connector, seconds, base, || None)
}

/// Like `over`, where `cause` may know why a request got no answer.
fn over_with_cause<C>(
    connector: C,
    seconds: u64,
    base: String,
    cause: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
) -> Result<Way, String>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client: Client<C, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let headers = Headers::default();
    let noted = headers.clone();
    let transport = move |request: BollardRequest| {
        let (client, cause, noted) = (client.clone(), cause.clone(), noted.clone());
        async move {
            // A GET has no body.
            let (parts, _) = request.into_parts();
            let response = client
                .request(Request::from_parts(parts, Empty::new()))
                .await
                .map_err(|error| match cause() {
                    Some(cause) => Error::from(io::Error::other(cause)),
                    None => error.into(),
                })?;
            let status = response.status();
            if status.is_success() {
                noted.note(response.headers());
                return Ok(response);
            }
            let body = Limited::new(response.into_body(), MAX_MESSAGE)
                .collect()
                .await;
            let body = match body {
                Ok(body) => body.to_bytes(),
                Err(_) => Bytes::from_static(b"(a message too long to read, or cut off)"),
            };
            let text = String::from_utf8_lossy(&body);
            let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            let message = json
                .as_ref()
                .and_then(|json| json.get("message")?.as_str())
                .unwrap_or(&text);
            Err(Error::DockerResponseServerError {
                status_code: status.as_u16(),
                message: message.to_owned(),
            })
        }
    };
    let docker = Docker::connect_with_custom_transport(
        transport,
        Some("http://engine"),
        seconds,
        API_DEFAULT_VERSION,
    )
    .map_err(|error| chain(&error))?;
    Ok(Way {
        docker,
        base,
        headers,
    })
}
