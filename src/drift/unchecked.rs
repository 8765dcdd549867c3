//! What no comparison of the two states can tell.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage::CoverageTracker;
use super::states::States;
use crate::fields::NOT_SHOWN;
use crate::state::{MountKind, State, why_unset};
use crate::text::plural::counted;

/// What is not compared because a variable has no value.
pub(super) fn unset(expected: &State, coverage: &mut CoverageTracker) {
    for (path, variables) in &expected.unset {
        let mut why = why_unset(variables);
        if !variables.is_empty() {
            let is_required = variables
                .iter()
                .any(|name| expected.required.contains_key(name));
            let then = if is_required {
                "; without it, nothing is deployed"
            } else {
                ""
            };
            why = format!("the {why}; set it, or use --env-file{then}");
        }
        coverage.unchecked(path.clone(), why);
    }
}

/// What no answer of an engine shows, and what was not asked for.
pub(super) fn not_shown(states: &States<'_>, coverage: &mut CoverageTracker) {
    let expected = states.expected;
    let mut note = |what: String, why: String| {
        coverage.unchecked(what, why);
    };
    let (mut binds, mut volumes) = (BTreeSet::new(), BTreeSet::new());
    let services = expected.services.values();
    let mounts = services.flat_map(|service| {
        service
            .mounts
            .iter()
            .map(|mount| (mount, service.bound.contains_key(&mount.target)))
    });
    for (mount, is_compared) in mounts {
        let Some(source) = &mount.source else {
            continue;
        };
        match mount.kind {
            MountKind::Bind if is_compared => continue,
            MountKind::Bind => binds.insert(source),
            MountKind::Volume => volumes.insert(source),
            _ => continue,
        };
    }
    if !binds.is_empty() {
        let binds = counted(binds.len(), "bind mount", "bind mounts");
        let what = format!("the content of {binds}");
        note(what, looked_at(states, "--content"));
    }
    if !volumes.is_empty() {
        let what = format!(
            "the data in {}",
            counted(volumes.len(), "volume", "volumes")
        );
        note(what, "an engine does not show what volumes hold".into());
    }
    // A live host lists what was changed where that was asked for.
    let unread = states
        .pairs()
        .filter(|pair| states.observed.salt.is_some() && pair.container.changes.is_none())
        .count();
    if unread > 0 {
        let what = format!(
            "what was changed in {}",
            counted(unread, "container", "containers")
        );
        note(what, looked_at(states, "--changes"));
    }
    let mut not_compared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, service) in &expected.services {
        for key in &service.not_shown {
            not_compared.entry(key).or_default().push(name);
        }
    }
    for (key, why) in NOT_SHOWN {
        if let Some(services) = not_compared.get(key) {
            let whose = match services.as_slice() {
                [one] => format!("service `{one}`"),
                more => counted(more.len(), "service", "services"),
            };
            note(format!("`{key}` of {whose}"), (*why).into());
        }
    }
}

/// Why something was not looked at that is only looked at with this option.
pub(super) fn looked_at(states: &States<'_>, option: &str) -> String {
    // Only a snapshot has digests with a salt.
    if states.observed.salt.is_some() {
        format!("the snapshot was taken without {option}")
    } else {
        format!("use {option}")
    }
}
