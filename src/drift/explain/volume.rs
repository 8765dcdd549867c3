//! Differences of the project's volumes.

use super::Explanation;
use super::cause::cause_of;
use crate::drift::difference::Difference;
use crate::drift::resource::Resource as _;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause, Code};
use crate::redact::Sensitive;
use crate::state::Volume;

pub(super) fn explain(difference: &Difference, states: &States<'_>) -> Option<Explanation> {
    let expected = states.expected.volumes.get(&difference.resource)?;
    match difference.code {
        Code::VolumeMissing => Some(missing(&difference.resource, expected, states)),
        Code::VolumeChanged => Some(changed(expected, states)),
        _ => None,
    }
}

fn missing(key: &str, expected: &Volume, states: &States<'_>) -> Explanation {
    let commands = &states.context.commands;
    let (after_up, help) = if expected.external {
        let create = commands.docker(&["volume", "create", &expected.name]);
        (AfterUp::Fails, create)
    } else if holds_state(key, expected, states) {
        // Its data has to be restored before anything starts; no command can do that.
        (AfterUp::DestroysData, None)
    } else {
        (AfterUp::Heals, commands.compose(&["up", "-d"]))
    };
    Explanation {
        cause: Cause::Unknown,
        after_up,
        help,
    }
}

fn changed(expected: &Volume, states: &States<'_>) -> Explanation {
    let observed = states.index.volume(&expected.name);
    let cause = cause_of(expected, observed, states.context);
    // Compose asks whether to recreate a volume whose definition changed, and adopts one whose
    // labels do not say that it did.
    let after_up = match cause {
        _ if !observed.is_some_and(Volume::has_hash) => AfterUp::Ignores,
        Cause::Unapplied => AfterUp::DestroysData,
        Cause::OutOfBand => AfterUp::Ignores,
        Cause::Unknown => AfterUp::Unknown,
    };
    // Only removing it applies the definition, which no command does without losing its data.
    Explanation {
        cause,
        after_up,
        help: None,
    }
}

/// Whether a volume holds data that must not be lost.
fn holds_state(key: &str, volume: &Volume, states: &States<'_>) -> bool {
    let kind = volume.fields.map("driver_opts").get("type");
    let kind = kind.and_then(Option::as_ref).map(Sensitive::revealed);
    if kind == Some("tmpfs") {
        return false;
    }
    let Some(stateful) = &states.context.stateful else {
        return true;
    };
    let mut mounting = states.index.mounting(key).iter();
    mounting.any(|service| stateful.contains(*service))
}
