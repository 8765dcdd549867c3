//! An engine whose answers were recorded, for tests and fuzz targets; in no other build.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::failure::{Failure, FailureKind};
use super::intake::{Intake, Source, Stat, Take};
use super::observe::observe_from;
use super::scope::ProjectScope;
use super::transport::Server;
use crate::state::State;

/// Recorded answers, by the paths of their requests.
#[derive(Debug)]
pub struct Answers<'a, T = Vec<u8>> {
    /// The answers.
    pub answers: &'a BTreeMap<String, T>,
    /// How many bytes of an answer come at once.
    pub chunk: usize,
}

/// A recorded answer.
pub trait Recorded {
    /// Its bytes.
    fn bytes(&self) -> Cow<'_, [u8]>;
}

impl Recorded for Vec<u8> {
    fn bytes(&self) -> Cow<'_, [u8]> {
        self.into()
    }
}

impl Recorded for serde_json::Value {
    fn bytes(&self) -> Cow<'_, [u8]> {
        self.to_string().into_bytes().into()
    }
}

impl<T: Recorded> Source for Answers<'_, T> {
    fn name(&self) -> &'static str {
        "recorded"
    }

    /// No headers are recorded.
    fn server(&self) -> Option<&Server> {
        None
    }

    async fn get(&self, path: &str, take: Take<'_>) -> Result<(), Failure> {
        let answer = self
            .answers
            .get(path)
            .ok_or_else(|| self.failure(path, FailureKind::Status(404)))?;
        for chunk in answer.bytes().chunks(self.chunk.max(1)) {
            take(chunk).map_err(|why| Failure {
                why,
                ..self.failure(path, FailureKind::Unusable)
            })?;
        }
        Ok(())
    }

    /// Nothing is recorded of single places.
    async fn stat(&self, path: &str) -> Result<Stat, Failure> {
        Err(self.failure(path, FailureKind::Status(404)))
    }
}

impl<T: Recorded> Answers<'_, T> {
    fn failure(&self, path: &str, kind: FailureKind) -> Failure {
        Failure {
            endpoint: self.name().to_owned(),
            doing: path.to_owned(),
            why: "no such thing".to_owned(),
            kind,
        }
    }
}

/// What [`observe`](super::observe) makes of these answers.
///
/// # Errors
/// As [`observe`](super::observe), in words.
#[cfg(any(test, fuzzing))]
pub fn observe<T: Recorded>(
    answers: &Answers<'_, T>,
    scope: &ProjectScope,
) -> Result<State, String> {
    through(&Intake::new(answers), scope)
}

/// Observes recorded answers through an intake of the caller's.
pub(super) fn through<T: Recorded>(
    intake: &Intake<'_, Answers<'_, T>>,
    scope: &ProjectScope,
) -> Result<State, String> {
    finish(observe_from(intake, scope))
}

/// What is observed. Recorded answers are always ready: a future that is pending only lets others go first.
pub(super) fn finish(
    observing: impl Future<Output = Result<State, Failure>>,
) -> Result<State, String> {
    let mut observing = pin!(observing);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(observed) = observing.as_mut().poll(&mut context) {
            return observed.map_err(|failure| failure.to_string());
        }
    }
}
