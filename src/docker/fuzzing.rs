//! A door for the fuzz targets; it exists with `--cfg fuzzing` only.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::intake::{Intake, Source, Take};
use super::observe::take_in;
use super::{Failure, Interest};
use crate::state::State;

/// An engine whose answers are known: bytes by the paths of the requests.
#[derive(Debug)]
pub struct Answers<'a> {
    /// The answers.
    pub answers: &'a BTreeMap<String, Vec<u8>>,
    /// How many bytes of an answer come at once.
    pub chunk: usize,
}

impl Source for Answers<'_> {
    fn name(&self) -> &'static str {
        "recorded"
    }

    async fn get(&self, path: &str, take: Take<'_>) -> Result<(), Failure> {
        let failure = |why: String, status| Failure {
            endpoint: self.name().to_owned(),
            doing: path.to_owned(),
            why,
            status,
        };
        let answer = self.answers.get(path);
        let answer = answer.ok_or_else(|| failure("no such thing".into(), Some(404)))?;
        for chunk in answer.chunks(self.chunk.max(1)) {
            take(chunk).map_err(|why| failure(why, None))?;
        }
        Ok(())
    }
}

/// What [`observe`](super::observe) makes of these answers.
///
/// # Errors
/// As [`observe`](super::observe), in words.
pub fn observe(answers: &Answers<'_>, interest: &Interest) -> Result<State, String> {
    let intake = Intake::new(answers);
    let mut observing = pin!(take_in(&intake, interest));
    let mut context = Context::from_waker(Waker::noop());
    // Nothing is waited for: it only lets others go first.
    loop {
        if let Poll::Ready(observed) = observing.as_mut().poll(&mut context) {
            return observed.map_err(|failure| failure.to_string());
        }
    }
}
