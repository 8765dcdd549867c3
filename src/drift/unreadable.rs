//! What the engine answered and could not be read: it is never taken for what was expected.

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::states::States;
use crate::finding::{Code, Severity};
use crate::state::{Answered, Unreadable};

/// Every field of an answer that could not be read. It may differ, so it is drift where it is about
/// the project or the engine, and a notice where it is about something of others.
pub(super) fn unreadable(states: &States<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    states
        .live
        .unreadable
        .iter()
        .map(|unreadable| found(unreadable, in_the_file(unreadable, states), coverage))
        .collect()
}

/// A field of `resource`, as the file calls it, that could not be read, if it is there.
pub(super) fn found(
    unreadable: &Unreadable,
    resource: Option<String>,
    coverage: &mut CoverageTracker,
) -> Difference {
    let Unreadable {
        kind,
        name,
        field,
        expected,
        found,
    } = unreadable;
    let (resource, severity) = match resource {
        Some(resource) => (resource, Severity::Drift),
        None => (name.clone(), Severity::Notice),
    };
    let of = match kind {
        Answered::Engine => format!("the answer to `{name}`"),
        kind => format!("{} `{name}`", kind.as_str()),
    };
    let why = format!("expected {expected}, found {found}");
    coverage.unchecked(
        format!("`{field}` of {of}"),
        format!("the engine's answer cannot be read: {why}"),
    );
    if severity == Severity::Drift {
        coverage.count_misread();
    }
    let message = format!("`{field}` of {of} cannot be read and was not compared: {why}");
    Difference::new(Code::AnswerUnreadable, &resource, message)
        .severity(severity)
        .values(field, expected.as_str(), found.as_str())
        .at(&["unreadable", &resource, field])
}

/// What a thing is called in the Compose file, where it belongs to the project or is the engine.
fn in_the_file(unreadable: &Unreadable, states: &States<'_>) -> Option<String> {
    let name = &unreadable.name;
    let own = &states.live.containers;
    match unreadable.kind {
        Answered::Container => own
            .iter()
            .find(|own| own.name == *name || own.id == *name)
            .map(|own| own.service.clone().unwrap_or_else(|| name.clone())),
        Answered::Network => {
            let known = states
                .observed
                .networks
                .iter()
                .find(|(_, network)| network.name == *name);
            known.map(|(key, _)| key.clone())
        }
        Answered::Volume => {
            let known = states
                .observed
                .volumes
                .iter()
                .find(|(_, volume)| volume.name == *name);
            known.map(|(key, _)| key.clone())
        }
        Answered::Image => own
            .iter()
            .any(|container| container.image_id == *name)
            .then(|| name.clone()),
        // They are not asked of an engine.
        Answered::Service
        | Answered::Task
        | Answered::Node
        | Answered::Config
        | Answered::Secret => None,
        Answered::Engine => Some(states.observed.project.clone()),
    }
}
