//! Commands that Compose runs in a container that is already running.

use crate::compose::At;

/// Lifecycle hooks (Compose specification, `post_start` and `pre_stop`).
const LIFECYCLE: [&str; 2] = ["post_start", "pre_stop"];

/// The hooks of a service, each with the field that it is in: those of its lifecycle, and those that run when a watched file
/// changes.
pub(super) fn of(service: At<'_>) -> impl Iterator<Item = (&'static str, At<'_>)> {
    let lifecycle = LIFECYCLE.into_iter().flat_map(move |field| {
        let hooks = service.field(field).into_iter().flat_map(At::items);
        hooks.map(move |hook| (field, hook))
    });
    let watched = service.dig(&["develop", "watch"]);
    let watched = watched.into_iter().flat_map(At::items);
    lifecycle.chain(watched.filter_map(|rule| Some(("exec", rule.field("exec")?))))
}
