//! Why an endpoint could not be resolved.

use std::fmt;

use crate::diagnostic::no_such;

/// Why an endpoint could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// A host whose spec names no engine.
    NoEngine {
        /// Its name.
        host: String,
    },
    /// A URL that is not valid.
    Invalid {
        /// The URL.
        url: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A context that does not exist.
    NoContext {
        /// Its name.
        name: String,
        /// The contexts that exist.
        known: Vec<String>,
    },
    /// A context that cannot be read.
    BadContext {
        /// Its name.
        name: String,
        /// Why not.
        why: String,
    },
    /// The docker CLI's configuration cannot be read, so the engine that it would use is unknown.
    BadConfig {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// TLS that does not verify the engine's certificate.
    Unverified(String),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEngine { host } => write!(
                f,
                "the spec of `{host}` names no engine: add `docker: ssh://USER@MACHINE` (or `docker: \
                 default`, for the engine that the docker CLI uses), or give one with --docker"
            ),
            Self::Invalid { url, expected } => {
                write!(f, "`{url}` is not a valid Docker endpoint: {expected}")
            }
            Self::NoContext { name, known } => match known.as_slice() {
                [] => write!(f, "there is no Docker context `{name}`, only `default`"),
                known => f.write_str(&no_such("Docker context", name, known)),
            },
            Self::BadContext { name, why } => {
                write!(f, "the Docker context `{name}` cannot be read: {why}")
            }
            Self::BadConfig { path, why } => {
                write!(
                    f,
                    "the docker CLI's configuration `{path}` cannot be read: {why}"
                )
            }
            Self::Unverified(who) => write!(
                f,
                "{who} turns off the verification of the engine's certificate, which is not supported: \
                 set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or store a ca.pem with the context"
            ),
        }
    }
}

impl std::error::Error for Unresolved {}
