//! Why an engine could not be asked.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use bollard::errors::Error as BollardError;

/// Why an engine could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The engine.
    pub endpoint: String,
    /// What was being done: `connect`, or the path of a request.
    pub doing: String,
    /// What kept it from being done.
    pub why: String,
    /// Whether there was an answer.
    pub kind: FailureKind,
}

/// Whether an engine that could not be asked gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// It gave none, or none that is complete.
    Unanswered,
    /// It answered with this status, which is not a success.
    Status(u16),
    /// It answered, and the answer cannot be used.
    Unusable,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            doing,
            why,
            ..
        } = self;
        write!(f, "{endpoint} cannot be reached ({doing}): {why}")
    }
}

impl Error for Failure {}

pub(super) fn no_answer(timeout: Duration) -> String {
    format!("no complete answer within {} s", timeout.as_secs_f32())
}

pub(super) fn kind_of(error: &BollardError) -> FailureKind {
    match error {
        BollardError::DockerResponseServerError { status_code, .. } => {
            FailureKind::Status(*status_code)
        }
        BollardError::HttpHeaderNotFoundError(_)
        | BollardError::HttpHeaderToStrError { .. }
        | BollardError::Base64DecodeError { .. }
        | BollardError::JsonSerdeError { .. } => FailureKind::Unusable,
        _ => FailureKind::Unanswered,
    }
}

/// Why a socket on this machine refuses its user.
pub(super) const DENIED: &str = "permission denied: add yourself to the docker group and log in again \
                                 (sudo usermod -aG docker $USER)";

/// Whether the system refused what was tried.
pub(super) fn is_denied(error: &BollardError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = match error {
        // The library's own error gives the causes of this one, and not it.
        BollardError::IOError { err } => Some(err),
        other => Some(other),
    };
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::PermissionDenied
        {
            return true;
        }
        cause = error.source();
    }
    false
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
        if brief.is_empty() {
            return format!("the engine answered {status_code}");
        }
        return format!("the engine answered {status_code}: {brief}");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_socket_is_distinguished_from_other_failures() {
        let error = |kind| BollardError::from(io::Error::from(kind));
        assert!(is_denied(&error(io::ErrorKind::PermissionDenied)));
        assert!(!is_denied(&error(io::ErrorKind::ConnectionRefused)));
    }
}
