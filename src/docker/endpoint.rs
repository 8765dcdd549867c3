//! Which engine is meant: a URL, a context of the docker CLI, or what that CLI would ask.
//!
//! A named host is resolved here and nowhere else. Nothing falls back to the local socket: an
//! engine that was not meant would be compared with the wrong spec.

use std::fmt;
use std::path::{Path, PathBuf};

use super::contexts;
use crate::variables::Variables;

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
    /// Who vouches for the engine.
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

/// The socket of an engine on its own machine.
const LOCAL_SOCKET: &str = "/var/run/docker.sock";

/// What an endpoint depends on besides its own text.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The variables of the process.
    pub variables: Variables,
    /// The folder of the docker CLI's configuration.
    pub docker_config: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = Variables::from_process();
        let docker_config = match variables.get("DOCKER_CONFIG").filter(|v| !v.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => std::env::home_dir().unwrap_or_default().join(".docker"),
        };
        Self {
            variables,
            docker_config,
        }
    }

    /// A variable that is set to something.
    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// The certificates that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` ask for.
    fn tls(&self) -> Result<Option<Tls>, Unresolved> {
        if self.variable("DOCKER_TLS_VERIFY").is_none() {
            return match self.variable("DOCKER_TLS") {
                None => Ok(None),
                Some(_) => Err(Unresolved::Unverified("DOCKER_TLS".into())),
            };
        }
        let folder = self.variable("DOCKER_CERT_PATH").map(PathBuf::from);
        Ok(Some(Tls::in_folder(
            &folder.unwrap_or_else(|| self.docker_config.clone()),
        )))
    }
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

/// Why an endpoint could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// A URL that is none.
    Invalid {
        /// The URL.
        url: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A context that docker does not know.
    NoContext {
        /// Its name.
        name: String,
        /// The names that docker knows.
        known: Vec<String>,
    },
    /// A context that cannot be read.
    BadContext {
        /// Its name.
        name: String,
        /// Why not.
        why: String,
    },
    /// The docker CLI's configuration cannot be read, so nobody knows which engine it would ask.
    BadConfig {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// TLS without a look at the engine's certificate, which anybody in between could answer.
    Unverified(String),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { url, expected } => {
                write!(f, "`{url}` is no endpoint of Docker: {expected}")
            }
            Self::NoContext { name, known } => {
                write!(f, "docker has no context `{name}`")?;
                let close = crate::diagnostic::closest(name, known.iter().map(String::as_str));
                if let Some(close) = close {
                    write!(f, "; did you mean `{close}`?")?;
                }
                match known.len() {
                    0 => f.write_str(" (it has none besides `default`)"),
                    _ => write!(f, " (it has {})", known.join(", ")),
                }
            }
            Self::BadContext { name, why } => {
                write!(f, "docker's context `{name}` cannot be read: {why}")
            }
            Self::BadConfig { path, why } => {
                write!(
                    f,
                    "the docker CLI's configuration `{path}` cannot be read: {why}"
                )
            }
            Self::Unverified(who) => write!(
                f,
                "{who} asks for TLS without a check of the engine's certificate, which is not \
                 supported: set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or store a ca.pem with the \
                 context"
            ),
        }
    }
}

impl std::error::Error for Unresolved {}

impl Endpoint {
    /// The endpoint that a text names: `default`, `context:NAME`, or a URL.
    ///
    /// # Errors
    /// A URL that is none, or a context that cannot be read.
    pub fn resolve(text: &str, surroundings: &Surroundings) -> Result<Self, Unresolved> {
        if text == "default" {
            return Self::of_cli(surroundings);
        }
        match text.strip_prefix("context:") {
            Some(name) => Self::of_context(name.trim(), surroundings),
            None => Self::of_url(text, surroundings.tls()?),
        }
    }

    /// The engine that the docker CLI would ask: `DOCKER_HOST`, then the current context, then the
    /// local socket (docker/cli, `cli/command/cli.go`, `resolveContextName`).
    fn of_cli(surroundings: &Surroundings) -> Result<Self, Unresolved> {
        if let Some(url) = surroundings.variable("DOCKER_HOST") {
            return Self::of_url(url, surroundings.tls()?);
        }
        let current = match surroundings.variable("DOCKER_CONTEXT") {
            Some(name) => Some(name.to_owned()),
            None => contexts::current(&surroundings.docker_config)?,
        };
        match current {
            Some(name) => Self::of_context(&name, surroundings),
            None => Ok(Self::local()),
        }
    }

    fn of_context(name: &str, surroundings: &Surroundings) -> Result<Self, Unresolved> {
        // The context of this name is not stored: it is what there is without one.
        if name == "default" {
            return match surroundings.variable("DOCKER_HOST") {
                Some(url) => Self::of_url(url, surroundings.tls()?),
                None => Ok(Self::local()),
            };
        }
        let context = contexts::read(&surroundings.docker_config, name)?;
        let endpoint = Self::of_url(&context.url, context.tls)?;
        match endpoint {
            Self::Tcp { .. } if context.skips_verification => {
                Err(Unresolved::Unverified(format!("docker's context `{name}`")))
            }
            endpoint => Ok(endpoint),
        }
    }

    fn local() -> Self {
        if cfg!(windows) {
            Self::Npipe("//./pipe/docker_engine".into())
        } else {
            Self::Unix(LOCAL_SOCKET.into())
        }
    }

    fn of_url(url: &str, tls: Option<Tls>) -> Result<Self, Unresolved> {
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
            LOCAL_SOCKET
        };
        if !is_forwardable(socket) {
            return Err("expected the path of a socket behind the host");
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
        _ => Err("expected a port from 1 to 65535 behind the `:`"),
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
        if self.socket != LOCAL_SOCKET {
            f.write_str(&self.socket)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Surroundings, Unresolved};

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables.iter();
        Surroundings {
            variables: variables
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            docker_config: "/nowhere".into(),
        }
    }

    fn resolve(text: &str, variables: &[(&str, &str)]) -> Result<String, Unresolved> {
        Endpoint::resolve(text, &surroundings(variables)).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn urls() {
        for (url, expected) in [
            ("unix:///run/d.sock", "unix:///run/d.sock"),
            ("tcp://10.0.0.5", "tcp://10.0.0.5:2375"),
            ("tcp://[::1]:2376/", "tcp://[::1]:2376"),
            ("ssh://box", "ssh://box"),
            ("ssh://me@box:2222", "ssh://me@box:2222"),
            (
                "ssh://me@[fe80::1]:22/run/d.sock",
                "ssh://me@[fe80::1]:22/run/d.sock",
            ),
            ("ssh://box/var/run/docker.sock", "ssh://box"),
            (
                "ssh://CORP\\me@my_box-1.corp",
                "ssh://CORP\\me@my_box-1.corp",
            ),
            ("ssh://me@corp@box", "ssh://me@corp@box"),
            ("ssh://[fe80::1%eth0]:22", "ssh://[fe80::1%eth0]:22"),
        ] {
            assert_eq!(resolve(url, &[]).as_deref(), Ok(expected));
        }
        for url in [
            "",
            "box",
            "unix://run/d.sock",
            "tcp://",
            "tcp://box:0",
            "tcp://box:http",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-l@box",
            "ssh://me:secret@box",
            "ssh://box:99999",
            "ssh://box\nProxyCommand=x",
            "ssh://$(touch x)",
            "ssh://box;id",
            "ssh://me%r@box",
            "ssh://`id`@box",
            "ssh://me\\@box",
            "ssh://box/run/d.sock:/etc/passwd",
            "ssh://box/run/%r.sock",
            "ssh://box/run/${HOME}.sock",
            "ssh://box/run/d\n.sock",
            "ssh://box/run/\u{9b}d.sock",
            "ssh://box/run/d\\.sock",
            "ssh://[box",
            "ssh://box]",
            "ssh://[-oProxyCommand]",
            "ssh://fe80::1",
            "ssh://b%6fx",
            "tcp://box/path",
            "tcp://me@box",
            "tcp://box?x:2375",
            "tcp://box#x:2375",
            "tcp://bo x",
            "tcp://-box",
            "http://box",
        ] {
            assert!(resolve(url, &[]).is_err(), "{url}");
        }
    }

    #[test]
    fn a_named_host_never_asks_another_engine() {
        let elsewhere = [("DOCKER_HOST", "unix:///elsewhere.sock")];
        assert_eq!(resolve("ssh://box", &elsewhere).as_deref(), Ok("ssh://box"));
        assert_eq!(
            resolve("default", &elsewhere).as_deref(),
            Ok("unix:///elsewhere.sock")
        );
        assert!(matches!(
            resolve("context:gone", &elsewhere),
            Err(Unresolved::NoContext { .. })
        ));
        assert!(resolve("default", &[("DOCKER_CONTEXT", "gone")]).is_err());
    }

    #[test]
    fn tls_is_verified_or_refused() {
        let asked = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")];
        let endpoint = Endpoint::resolve("tcp://box", &surroundings(&asked));
        let Ok(Endpoint::Tcp {
            address,
            tls: Some(tls),
        }) = endpoint
        else {
            panic!("{endpoint:?}");
        };
        assert_eq!(
            (address.as_str(), tls.ca.to_str()),
            ("box:2376", Some("/certs/ca.pem"))
        );
        assert!(resolve("tcp://box", &[("DOCKER_TLS", "1")]).is_err());
    }
}
