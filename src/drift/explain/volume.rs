//! Differences of the project's volumes.

use super::Explanation;
use crate::drift::cause::cause_of;
use crate::drift::difference::Difference;
use crate::drift::facts::holds_state;
use crate::drift::states::States;
use crate::finding::{AfterUp, Cause, Code};
use crate::plan::Outcome;
use crate::state::Volume;

pub(super) fn explain(difference: &Difference, states: &States<'_>) -> Option<Explanation> {
    let expected = states.expected.volumes.get(&difference.resource)?;
    match difference.code {
        Code::VolumeMissing => Some(missing(&difference.resource, expected, states)),
        Code::VolumeChanged => Some(changed(&difference.resource, expected, states)),
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

fn changed(key: &str, expected: &Volume, states: &States<'_>) -> Explanation {
    let observed = states.index.volume(&expected.name);
    let cause = cause_of(expected, observed, states.context);
    // Compose asks whether to recreate a volume whose definition changed, and adopts one whose
    // labels do not say that it did.
    let after_up = match states.plan.volume(key) {
        Outcome::Asked => AfterUp::Asks,
        Outcome::Recreated => AfterUp::DestroysData,
        Outcome::Unknown => AfterUp::Unknown,
        Outcome::Fails | Outcome::NotRecreated => AfterUp::Fails,
        Outcome::Kept | Outcome::Removed => AfterUp::Ignores,
    };
    // Only removing it applies the definition, which no command does without losing its data.
    Explanation {
        cause,
        after_up,
        help: None,
    }
}
