//! Tasks, as `GET /tasks` lists them (Engine API, `Task`): why services do not run as they are to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::Answer;
use crate::state::{Reserved, SwarmNode, Trouble};

/// A task.
pub(super) struct Task {
    pub(super) id: String,
    service: String,
    /// Its place among the tasks of the service: a number, or a node.
    slot: String,
    created: String,
    /// What it is, and what it is to be.
    state: String,
    desired: String,
    /// Its message from the swarm.
    error: Option<String>,
}

/// A task of the list.
pub(super) fn listed(answer: &Answer<'_>) -> Result<Task, String> {
    let status = answer.must("Status");
    let slot = answer.at("Slot").number().filter(|slot| *slot > 0);
    let node = || answer.at("NodeID").string();
    Ok(Task {
        id: answer.must("ID").demand_id("a task")?.to_owned(),
        service: answer.at("ServiceID").string(),
        slot: slot.map_or_else(node, |slot| slot.to_string()),
        created: answer.must("CreatedAt").time(),
        state: status.must("State").string(),
        desired: answer.must("DesiredState").string(),
        error: status.at("Err").text().map(str::to_owned),
    })
}

/// A task of any stack, or of none, and what it reserves.
pub(super) struct Reserving {
    pub(super) id: String,
    service: String,
    /// Its node; empty where it has none yet.
    node: String,
    is_done: bool,
    reserved: Reserved,
}

/// Reads a task of the list of those that are to run.
pub(super) fn reserving(answer: &Answer<'_>) -> Result<Reserving, String> {
    let reserved = answer.at("Spec").at("Resources").at("Reservations");
    let state = answer.must("Status").must("State").string();
    Ok(Reserving {
        id: answer.must("ID").demand_id("a task")?.to_owned(),
        service: answer.at("ServiceID").string(),
        node: answer.at("NodeID").string(),
        is_done: matches!(
            state.as_str(),
            "complete" | "shutdown" | "failed" | "rejected" | "remove" | "orphaned"
        ),
        reserved: Reserved {
            cpus: reserved.at("NanoCPUs").number().unwrap_or_default(),
            memory: reserved.at("MemoryBytes").number().unwrap_or_default(),
        },
    })
}

/// Adds up on each node what the tasks on it reserve. `names` has the names of services by their IDs.
pub(super) fn reserve(
    tasks: Vec<Reserving>,
    names: &BTreeMap<String, String>,
    nodes: &mut [SwarmNode],
) {
    let mut by_node: BTreeMap<String, BTreeMap<String, Reserved>> = BTreeMap::new();
    for task in tasks {
        if task.is_done || task.reserved == Reserved::default() {
            continue;
        }
        // One that was removed since the list was made.
        let name = names.get(&task.service).unwrap_or(&task.service).clone();
        let of_node = by_node.entry(task.node).or_default();
        let sum = of_node.entry(name).or_default();
        *sum = sum.and(task.reserved);
    }
    for node in nodes {
        node.reserved = Some(by_node.remove(&node.id).unwrap_or_default());
    }
}

/// What is known of the tasks of a service.
#[derive(Default)]
pub(super) struct Tasks {
    /// How many slots have a newest task that is done.
    pub(super) completed: u64,
    /// How many have a container that starts.
    pub(super) starting: Option<u64>,
    /// Why others do not run.
    pub(super) troubles: BTreeSet<Trouble>,
    /// How many do not run yet, by their states.
    pub(super) waiting: BTreeMap<String, usize>,
}

/// What is known of a slot of a service.
enum Slot {
    /// Its newest task has this state, and is to run.
    Waiting(String),
    /// Its newest task is to end.
    Ending,
    /// Nothing else counts.
    Settled,
}

/// The tasks of all services, by the IDs of these. Of each slot the newest task counts; where it has no error, the newest
/// one that has.
pub(super) fn by_service(mut tasks: Vec<Task>) -> BTreeMap<String, Tasks> {
    tasks.sort_by(|a, b| b.created.cmp(&a.created));
    let mut services: BTreeMap<String, Tasks> = BTreeMap::new();
    let mut slots: BTreeMap<(String, String), Slot> = BTreeMap::new();
    for task in tasks {
        let key = (task.service.clone(), task.slot);
        let slot = slots.get(&key);
        if matches!(slot, Some(Slot::Settled)) {
            continue;
        }
        let service = services.entry(task.service).or_default();
        if task.state == "starting" && task.desired == "running" {
            *service.starting.get_or_insert_default() += 1;
        }
        let slot = if slot.is_none() && task.state == "complete" {
            service.completed += 1;
            Slot::Settled
        } else if task.state == "running" && task.desired == "running" {
            Slot::Settled
        } else if let Some(why) = task.error {
            let state = task.state;
            service.troubles.insert(Trouble { state, why });
            Slot::Settled
        } else if slot.is_some() {
            continue;
        } else if matches!(task.desired.as_str(), "ready" | "running" | "complete") {
            Slot::Waiting(task.state)
        } else {
            Slot::Ending
        };
        slots.insert(key, slot);
    }
    for ((service, _), slot) in slots {
        if let (Some(service), Slot::Waiting(state)) = (services.get_mut(&service), slot) {
            *service.waiting.entry(state).or_default() += 1;
        }
    }
    services
}
