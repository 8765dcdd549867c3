//! What `up` does not get to, as it fails before: it starts no service whose dependency it cannot
//! start, and nothing at all where a network or a volume is not one that it may use.

use std::collections::{BTreeSet, HashMap};

use crate::drift::states::States;
use crate::finding::{AfterUp, Code, Finding};

/// Corrects findings that `up` would fix and does not get to.
pub(in crate::drift) fn blocked(findings: &mut [Finding], states: &States<'_>) {
    let expected = states.expected;
    let failing: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.after_up == AfterUp::Fails)
        .collect();
    let is_refused = failing.iter().any(|finding| {
        let (networks, volumes) = (&expected.networks, &expected.volumes);
        let resource = &finding.resource;
        match finding.code {
            Code::ProjectMoved | Code::NetworkUnlabelled => true,
            Code::NetworkMissing => networks.get(resource).is_some_and(|n| n.external),
            Code::VolumeMissing => volumes.get(resource).is_some_and(|v| v.external),
            _ => false,
        }
    });
    let mut blocked: BTreeSet<&str> = failing
        .iter()
        .filter(|finding| is_of_a_service(finding))
        .map(|finding| finding.resource.as_str())
        .collect();
    // Those that depend on one, on one of those, and so on.
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, service) in &expected.services {
        for dependency in service.depends_on.keys() {
            users.entry(dependency).or_default().push(name);
        }
    }
    let mut ahead: Vec<&str> = blocked.iter().copied().collect();
    while let Some(name) = ahead.pop() {
        let users = users.get(name).into_iter().flatten();
        ahead.extend(users.filter(|user| blocked.insert(user)));
    }
    let is_any_failing = !failing.is_empty();
    let blocked: BTreeSet<String> = blocked.into_iter().map(str::to_owned).collect();
    for finding in findings {
        let is_blocked = match finding.code {
            Code::ProjectMissing => is_any_failing,
            _ => is_of_a_service(finding) && (is_refused || blocked.contains(&finding.resource)),
        };
        let is_fixed = finding.after_up == AfterUp::Heals;
        if is_fixed && is_blocked {
            finding.after_up = AfterUp::Fails;
        }
        // What makes `up` fail has to be fixed first.
        if is_fixed_by_up(finding, states) && (is_refused || is_fixed && is_blocked) {
            finding.help = None;
        }
    }
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
