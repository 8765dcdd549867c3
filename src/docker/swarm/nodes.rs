//! Nodes, as `GET /nodes` lists them (Engine API, `Node`).

use std::collections::BTreeMap;

use super::super::answer::Answer;
use crate::redact::is_secret;
use crate::state::{NodeTraits, SwarmNode};

const REACHABLE: &str = "reachable";
const UNREACHABLE: &str = "unreachable";

/// A node of the list. A manager that the others cannot reach may still be called ready.
pub(super) fn listed(answer: &Answer<'_>) -> Result<SwarmNode, String> {
    let description = answer.must("Description");
    let manager = answer.at("ManagerStatus");
    let reachability = manager.at("Reachability");
    let is_unreachable =
        reachability.word(&["unknown", REACHABLE, UNREACHABLE]) == Some(UNREACHABLE);
    let state = answer.must("Status").must("State").string();
    Ok(SwarmNode {
        id: answer.must("ID").demand_id("a node")?.to_owned(),
        hostname: description.at("Hostname").string(),
        state: if is_unreachable && state == "ready" {
            UNREACHABLE.to_owned()
        } else {
            state
        },
        availability: answer.must("Spec").must("Availability").string(),
        manager: (!manager.is_null()).then_some(!is_unreachable),
        traits: Some(traits(answer)),
        reserved: None,
    })
}

fn traits(answer: &Answer<'_>) -> NodeTraits {
    let description = answer.at("Description");
    let platform = description.at("Platform");
    let resources = description.at("Resources");
    NodeTraits {
        cpus: resources.at("NanoCPUs").number(),
        memory: resources.at("MemoryBytes").number(),
        role: answer.at("Spec").at("Role").string(),
        address: answer.at("Status").at("Addr").string(),
        os: platform.at("OS").string(),
        architecture: platform.at("Architecture").string(),
        labels: labels(&answer.at("Spec").at("Labels")),
        engine_labels: labels(&description.at("Engine").at("Labels")),
    }
}

fn labels(answer: &Answer<'_>) -> BTreeMap<String, Option<String>> {
    let kept = answer.map().into_iter().map(|(name, value)| {
        let is_shown = !is_secret(&name, &value);
        (name, is_shown.then_some(value))
    });
    kept.collect()
}

/// Whether more than half of the managers can be reached. Without them, others may have gone on alone, and what is left of
/// the swarm answers for a while from what it knew before (swarmkit, `manager/state/raft`).
pub(super) fn has_quorum(nodes: &[SwarmNode]) -> Result<(), String> {
    let managers = nodes.iter().filter_map(|node| node.manager);
    let (all, reached) = (managers.clone().count(), managers.filter(|is| *is).count());
    if all == 0 || reached * 2 > all {
        return Ok(());
    }
    Err(format!(
        "{} of the {all} managers of the swarm are unreachable, so what it says may be outdated; ask another manager",
        all - reached
    ))
}
