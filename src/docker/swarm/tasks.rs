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

/// Why tasks do not run, by the IDs of their services. Of each place, the newest task with an error counts, unless one
/// runs there.
pub(super) fn troubles(mut tasks: Vec<Task>) -> BTreeMap<String, BTreeSet<Trouble>> {
    tasks.sort_by(|a, b| b.created.cmp(&a.created));
    let mut places: BTreeMap<(String, String), Option<Trouble>> = BTreeMap::new();
    for task in tasks {
        let place = places
            .entry((task.service.clone(), task.slot.clone()))
            .or_default();
        let runs = task.state == "running" && task.desired == "running";
        if place.is_some() {
            continue;
        }
        // Empty, it says that the place is well.
        *place = match task.error {
            _ if runs => Some(Trouble::default()),
            Some(why) => Some(Trouble {
                state: task.state,
                why,
            }),
            None => None,
        };
    }
    let mut troubles: BTreeMap<String, BTreeSet<Trouble>> = BTreeMap::new();
    for ((service, _), trouble) in places {
        if let Some(trouble) = trouble.filter(|trouble| *trouble != Trouble::default()) {
            troubles.entry(service).or_default().insert(trouble);
        }
    }
    troubles
}
