//! A project that does not exist on the engine: one finding, instead of one for each of its services,
//! networks and volumes.

use serde_json::Value;

use super::resource::Resource as _;
use super::states::States;
use crate::finding::{AfterUp, Code, Finding, Severity};

/// Replaces the findings that follow from the project's not being there.
pub(super) fn fold(findings: &mut Vec<Finding>, states: &States<'_>) {
    let is_moved = |finding: &Finding| finding.code == Code::ProjectMoved;
    if !is_missing(states) || findings.iter().any(is_moved) {
        return;
    }
    let mut folded = Vec::new();
    findings.retain(|finding| {
        let follows = follows(finding, states);
        if follows {
            folded.push(finding.after_up);
        }
        !follows
    });
    let after_up = if folded.contains(&AfterUp::DestroysData) {
        AfterUp::DestroysData
    } else {
        AfterUp::Heals
    };
    let project = states.expected.project.as_str();
    let message = format!("the engine has no container, network or volume of project `{project}`");
    let finding = Finding::new(Code::ProjectMissing, Severity::Drift, project, message);
    findings.push(Finding {
        after_up,
        help: states.context.commands.compose(&["up", "-d"]),
        place: vec!["services".to_owned()],
        ..finding.field("project", project, Value::Null)
    });
}

/// Whether the engine has no container, network or volume of the project, and is to have some.
fn is_missing(states: &States<'_>) -> bool {
    let (expected, observed) = (states.expected, states.observed);
    let is_own = |owner: Option<&str>| owner == Some(expected.project.as_str());
    let networks = &expected.networks;
    let volumes = &expected.volumes;
    let is_there = networks
        .values()
        .any(|network| !network.external && states.index.network(&network.name).is_some())
        || volumes
            .values()
            .any(|volume| !volume.external && states.index.volume(&volume.name).is_some())
        || observed.networks.values().any(|one| is_own(one.owner()))
        || observed.volumes.values().any(|one| is_own(one.owner()));
    let is_to_run = expected
        .services
        .values()
        .any(|service| service.replicas > 0);
    states.live.containers.is_empty() && is_to_run && !is_there
}

/// Whether a finding says no more than that a part of the project is missing. What is external is not
/// part of it: it has to be there before.
fn follows(finding: &Finding, states: &States<'_>) -> bool {
    let resource = &finding.resource;
    let (networks, volumes) = (&states.expected.networks, &states.expected.volumes);
    match finding.code {
        Code::ServiceMissing => true,
        Code::NetworkMissing => networks.get(resource).is_some_and(|one| !one.external),
        Code::VolumeMissing => volumes.get(resource).is_some_and(|one| !one.external),
        _ => false,
    }
}
