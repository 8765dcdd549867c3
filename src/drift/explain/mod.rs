//! What a difference means: why it is there, what `docker compose up -d` would do about it, and the
//! command that fixes it.

mod blocked;
mod container;
mod network;
mod other;
mod volume;

use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use crate::finding::{AfterUp, Cause, Finding, ResourceKind};
use crate::orchestrator::Orchestrator;

pub(super) use blocked::blocked;

/// What is added to a difference.
struct Explanation {
    cause: Cause,
    after_up: AfterUp,
    /// The command that fixes it, or shows more.
    help: Option<String>,
}

/// Explains a difference of a container of the project.
pub(super) fn of_container(difference: Difference, pair: Pair<'_>, states: &States<'_>) -> Finding {
    let explanation = container::explain(&difference, pair, states);
    finding(difference, explanation)
}

/// Explains any other difference.
pub(super) fn other(difference: Difference, states: &States<'_>) -> Finding {
    let explanation = match difference.code.kind() {
        ResourceKind::Network => network::explain(&difference, states),
        ResourceKind::Volume => volume::explain(&difference, states),
        _ => None,
    };
    let explanation = explanation.unwrap_or_else(|| other::explain(&difference, states));
    finding(difference, explanation)
}

fn finding(difference: Difference, explanation: Explanation) -> Finding {
    let Explanation {
        cause,
        after_up,
        help,
    } = explanation;
    Finding {
        code: difference.code,
        severity: difference.severity,
        kind: difference.code.kind(),
        resource: difference.resource,
        container: None,
        field: difference.field,
        expected: difference.expected,
        observed: difference.observed,
        cause,
        after_up,
        failure: None,
        message: difference.message,
        help,
        subject: difference.subject,
        orchestrator: Orchestrator::Docker,
        place: difference.place,
        whole: difference.whole,
    }
}
