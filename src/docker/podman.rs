//! What only Podman's own API shows.

use super::answer::Answer;
use super::dialect::{PODMAN_INFO, is_podman, logging_driver, podman_image};
use super::failure::{Failure, FailureKind};
use super::intake::{Intake, Read, Source};
use super::setup;
use crate::fields::Values;
use crate::state::Engine;

/// The capabilities and the logging driver of a container for which none are set, where the engine is Podman. A
/// proxy may refuse the request.
pub(super) async fn info<S: Source>(
    intake: &Intake<'_, S>,
    engine: &Engine,
) -> Result<Option<Read<(Vec<String>, Option<String>)>>, Failure> {
    if !is_podman(engine) {
        return Ok(None);
    }
    let read = |answer: &Answer<'_>| {
        let host = answer.must("host");
        let capabilities = host.must("security").must("capabilities");
        let driver = host.at("logDriver").text().map(logging_driver);
        Ok((setup::capabilities_in(&capabilities), driver))
    };
    unless_refused(intake.get(PODMAN_INFO, "the engine", read).await)
}

/// Adds the health check of an image. A proxy may refuse the request.
pub(super) async fn add_health_check<S: Source>(
    intake: &Intake<'_, S>,
    id: &str,
    fields: &mut Values,
) -> Result<Option<Read<()>>, Failure> {
    let read = |answer: &Answer<'_>| {
        setup::add_health_check(fields, answer);
        Ok(())
    };
    unless_refused(intake.get(&podman_image(id), "an image", read).await)
}

/// What was asked for, or nothing where the request was refused.
fn unless_refused<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Failure {
            kind: FailureKind::Status(_),
            ..
        }) => Ok(None),
        Err(failure) => Err(failure),
    }
}
