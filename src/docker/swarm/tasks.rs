//! Tasks, as `GET /tasks` lists them (Engine API, `Task`): why services do not run as they are to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::Answer;
use crate::state::Trouble;

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
    /// What the swarm says of it.
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

/// What is known of the tasks of a service.
#[derive(Default)]
pub(super) struct Tasks {
    /// How many places have a newest task that is done.
    pub(super) completed: u64,
    /// Why others do not run.
    pub(super) troubles: BTreeSet<Trouble>,
}

/// The tasks of all services, by the IDs of these. Of each place the newest task counts; where it has no error, the newest
/// one that has.
pub(super) fn by_service(mut tasks: Vec<Task>) -> BTreeMap<String, Tasks> {
    tasks.sort_by(|a, b| b.created.cmp(&a.created));
    let mut services: BTreeMap<String, Tasks> = BTreeMap::new();
    let mut places: BTreeMap<(String, String), bool> = BTreeMap::new();
    for task in tasks {
        let place = (task.service.clone(), task.slot.clone());
        let is_newest = !places.contains_key(&place);
        let is_settled = places.entry(place).or_default();
        if *is_settled {
            continue;
        }
        let service = services.entry(task.service).or_default();
        if is_newest && task.state == "complete" {
            service.completed += 1;
            *is_settled = true;
        } else if task.state == "running" && task.desired == "running" {
            *is_settled = true;
        } else if let Some(why) = task.error {
            let state = task.state;
            service.troubles.insert(Trouble { state, why });
            *is_settled = true;
        }
    }
    services
}
