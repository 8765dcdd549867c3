//! Restart policies that an engine refuses.

use super::bad;
use crate::compose::{Restart, Service};
use crate::rules::prelude::*;
use crate::state::RestartPolicy;

/// What the engine refuses of the policy that Compose makes for a service (docker/compose, `getRestartPolicy`).
pub(super) fn refused(service: Service<'_>) -> Option<Found> {
    let restart = service.restart()?;
    let (condition, attempts) = match restart {
        Restart::Own(own) => (Some(own), Some(own)),
        Restart::Deploy(policy) => (policy.field("condition"), policy.field("max_attempts")),
    };
    let is_known = |text: &str| match restart {
        Restart::Own(_) => RestartPolicy::of(text).is_known(),
        Restart::Deploy(_) => RestartPolicy::of_condition(text).is_known(),
    };
    if let Some((text, at)) = bad(condition, is_known) {
        let message = format!("`{text}` is not a restart policy");
        let found = Found::new(service.name, message, at.place());
        return Some(
            found
                .label(RestartPolicy::expected())
                .did_you_mean(&text, RestartPolicy::CONDITIONS),
        );
    }
    // Compose takes what is not a number for none.
    let number = |text: &str| {
        let written = RestartPolicy::of(text).attempts.unwrap_or(text);
        written.parse::<i64>().unwrap_or_default()
    };
    let is_on_failure = condition.is_some_and(|at| {
        let text = at.text().unwrap_or_default();
        !at.is_known() || RestartPolicy::of(&text).is_on_failure()
    });
    let is_good = |text: &str| number(text) == 0 || is_on_failure && number(text) > 0;
    let (text, at) = bad(attempts, is_good)?;
    let message = format!(
        "the restart policy of `{}` cannot have `{text}`",
        service.name
    );
    Some(
        Found::new(service.name, message, at.place())
            .label("expected a number of attempts only with `on-failure`, and not a negative one"),
    )
}
