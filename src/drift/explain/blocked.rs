//! What `up` does not get to, as it fails before: it starts no service whose dependency it cannot
//! start, and nothing at all where a network or a volume is not one that it may use, or a required variable has no value.

use crate::drift::states::States;
use crate::finding::{AfterUp, Code, Finding};

/// Corrects findings that `up` would fix and does not get to.
pub(in crate::drift) fn blocked(findings: &mut [Finding], states: &States<'_>) {
    let plan = &states.plan;
    let is_moved = |finding: &Finding| finding.code == Code::ProjectMoved;
    let is_refused = plan.is_refused();
    let failures = plan.failures();
    let has_moved = findings.iter().any(is_moved);
    for finding in findings {
        if plan.is_unread() {
            finding.after_up = AfterUp::Fails;
        }
        let is_blocked = match finding.code {
            Code::ProjectMissing => plan.fails(),
            _ => is_of_a_service(finding) && (is_refused || plan.is_blocked(&finding.resource)),
        };
        let is_fixed = finding.after_up == AfterUp::Heals;
        if is_fixed && is_blocked {
            finding.after_up = AfterUp::Fails;
        }
        // What makes `up` fail has to be fixed first, and so does what else still runs of the project.
        if is_fixed_by_up(finding, states) && (is_refused || has_moved || is_fixed && is_blocked) {
            finding.help = None;
        }
        if finding.after_up == AfterUp::Fails && !says_why(finding) {
            finding.failure = failures.of(&finding.resource);
        }
    }
}

/// Whether the message of a finding says why `up` fails.
fn says_why(finding: &Finding) -> bool {
    let is_held = matches!(finding.code, Code::NameTaken | Code::PortTaken);
    is_held || !is_of_a_service(finding) && finding.code != Code::ProjectMissing
}

/// Whether the command that fixes a finding is `docker compose up`.
fn is_fixed_by_up(finding: &Finding, states: &States<'_>) -> bool {
    let resource = &finding.resource;
    let expected = states.expected;
    match finding.code {
        Code::NetworkMissing => expected.networks.get(resource).is_some_and(|n| !n.external),
        Code::VolumeMissing => expected.volumes.get(resource).is_some_and(|v| !v.external),
        Code::ProjectMissing
        | Code::NetworkDetached
        | Code::NetworkAlias
        | Code::NetworkChanged
        | Code::PortExtra
        | Code::PortChanged
        | Code::PortMissing
        | Code::MountChanged
        | Code::ServiceMissing
        | Code::ServiceReplicas
        | Code::ServiceConfig
        | Code::ConfigContent
        | Code::ServiceImage
        | Code::ServiceOrphan => true,
        _ => false,
    }
}

/// Whether a finding is about a service, rather than a network or volume of its own.
fn is_of_a_service(finding: &Finding) -> bool {
    match finding.code {
        Code::NameTaken
        | Code::PortTaken
        | Code::NetworkDetached
        | Code::NetworkAttached
        | Code::NetworkAlias
        | Code::PortExtra
        | Code::PortChanged
        | Code::PortMissing
        | Code::MountChanged
        | Code::ServiceMissing
        | Code::ServiceReplicas
        | Code::ServiceConfig
        | Code::ConfigContent
        | Code::ServiceImage
        | Code::ServiceStopped
        | Code::ServiceUnhealthy => true,
        // That of a network has the path of a field of the network.
        Code::NetworkChanged => finding
            .field
            .as_ref()
            .is_some_and(|field| field.starts_with("networks.")),
        _ => false,
    }
}
