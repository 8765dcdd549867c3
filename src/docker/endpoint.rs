//! Where an engine listens, and the URLs that say so.

use std::fmt;
use std::path::{Path, PathBuf};

use super::unresolved::Unresolved;
use crate::text::path::ENGINE_SOCKET;

/// Where a Docker Engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// A named pipe of Windows.
    Npipe(String),
    /// A TCP address, `HOST:PORT`.
    Tcp {
        /// The address.
        address: String,
        /// The certificates; without them nothing is encrypted.
        tls: Option<Tls>,
    },
    /// A Unix socket on another machine, through the system's ssh.
    Ssh(Ssh),
}

/// The certificates of a TLS connection, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The authority that signed the engine's certificate.
    pub ca: PathBuf,
    /// Our own certificate.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// A Unix socket on another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// The user, where the URL names one.
    pub user: Option<String>,
    /// The machine, by a name that the user's ssh configuration may know.
    pub host: String,
    /// The port, where the URL names one.
    pub port: Option<u16>,
    /// The engine's socket there.
    pub socket: String,
}

impl Tls {
    /// The files that docker keeps in a folder of certificates.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }
}

impl Endpoint {
    /// The engine of this machine.
    pub(super) fn local() -> Self {
        if cfg!(windows) {
            Self::Npipe("//./pipe/docker_engine".into())
        } else {
            Self::Unix(ENGINE_SOCKET.into())
        }
    }

    /// The name or the address of its machine, where it is not local.
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp { address, .. } => bare_host(split_port(address).ok()?.0),
            Self::Ssh(ssh) => Some(&ssh.host),
            Self::Unix(_) | Self::Npipe(_) => None,
        }
    }

    /// The endpoint that a URL names; `tls` are the certificates for one over TCP.
    pub(crate) fn of_url(url: &str, tls: Option<Tls>) -> Result<Self, Unresolved> {
        let invalid = |expected| Unresolved::Invalid {
            url: url.to_owned(),
            expected,
        };
        let (scheme, rest) = url.split_once("://").ok_or(invalid(
            "expected `default`, `context:NAME`, or a URL that begins with unix://, npipe://, tcp:// or ssh://",
        ))?;
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            "unix" => Err(invalid(
                "expected an absolute path, as in unix:///var/run/docker.sock",
            )),
            "npipe" if !rest.is_empty() => Ok(Self::Npipe(rest.into())),
            "tcp" => {
                let address = rest.trim_end_matches('/');
                let (host, port) = split_port(address).map_err(invalid)?;
                if bare_host(host).is_none() {
                    return Err(invalid(
                        "expected a host and a port, as in tcp://10.0.0.5:2376",
                    ));
                }
                // As the docker CLI has it (docker/cli, `opts/hosts.go`).
                let port = port.unwrap_or(if tls.is_some() { 2376 } else { 2375 });
                Ok(Self::Tcp {
                    address: format!("{host}:{port}"),
                    tls,
                })
            }
            "ssh" => Ssh::parse(rest).map(Self::Ssh).map_err(invalid),
            _ => Err(invalid(
                "expected a URL that begins with unix://, npipe://, tcp:// or ssh://",
            )),
        }
    }
}

impl Ssh {
    /// `[USER@]HOST[:PORT][/PATH]`.
    fn parse(rest: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected a host, as in ssh://user@host:22/var/run/docker.sock";
        let (authority, socket) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err("expected no password in the URL; ssh asks its agent and its keys");
        }
        let (host, port) = split_port(address)?;
        let host = bare_host(host).ok_or(EXPECTED)?;
        if !user.is_none_or(is_user) {
            return Err(EXPECTED);
        }
        let socket = if socket.len() > 1 {
            socket
        } else {
            ENGINE_SOCKET
        };
        if !is_forwardable(socket) {
            return Err("expected the path of a socket after the host");
        }
        Ok(Self {
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            socket: socket.to_owned(),
        })
    }
}

/// The name or the address of a machine, without the brackets of an IPv6 address. It holds nothing
/// that a program or a URL would take for something else: ssh takes what begins with a dash for an
/// option, and puts the host into the commands of `ProxyCommand` and `Match exec` (CVE-2023-51385).
fn bare_host(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_alphanumeric() || "._-+".contains(c);
    let brackets = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match brackets {
        // Behind a `%` is the interface of a link-local address.
        Some(address) => address
            .starts_with(|c: char| c.is_ascii_hexdigit() || c == ':')
            .then_some(address)
            .filter(|address| address.chars().all(|c| is_name(c) || ":%".contains(c))),
        None => Some(text)
            .filter(|text| !text.is_empty() && !text.starts_with('-') && text.chars().all(is_name)),
    }
}

/// Whether ssh may be given a text as the name of a user, who may be one of a directory (`CORP\me`, `me@corp`).
fn is_user(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('\\')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "._-+@\\".contains(c))
}

/// Whether ssh takes a path as it is in `-L`: it parts fields at a colon, drops backslashes and
/// brackets, and expands `%` and `${`.
pub(super) fn is_forwardable(path: &str) -> bool {
    path.starts_with('/')
        && !path
            .chars()
            .any(|c| c.is_control() || ":%$\\[]".contains(c))
}

/// Parts a host from its port; the brackets of an IPv6 address stay with it.
fn split_port(address: &str) -> Result<(&str, Option<u16>), &'static str> {
    let after_brackets = address.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = address
        .get(after_brackets..)
        .and_then(|rest| rest.rfind(':'))
    else {
        return Ok((address, None));
    };
    let (host, port) = address.split_at(after_brackets + colon);
    match port.trim_start_matches(':').parse() {
        Ok(number) if number > 0 => Ok((host, Some(number))),
        _ => Err("expected a port from 1 to 65535 after the `:`"),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Npipe(path) => write!(f, "npipe://{path}"),
            Self::Tcp { address, .. } => write!(f, "tcp://{address}"),
            Self::Ssh(ssh) => ssh.fmt(f),
        }
    }
}

impl fmt::Display for Ssh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if self.socket != ENGINE_SOCKET {
            f.write_str(&self.socket)?;
        }
        Ok(())
    }
}
