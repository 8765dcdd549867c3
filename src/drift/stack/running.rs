//! How the services of a stack run.

use std::fmt::Write as _;

use serde_json::json;

use super::{Stacks, at_service};
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::fields::Values;
use crate::finding::{Code, Severity};
use crate::state::{Constraint, DeployMode, Running, Swarm, SwarmNode};
use crate::text::plural::noun;

/// How every service of the file runs that the swarm has.
pub(super) fn running(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences: Vec<Difference> = stacks.live.nodes.iter().filter_map(node).collect();
    for (name, running) in &stacks.live.running {
        if stacks.declared.services.contains_key(name) {
            coverage.count(true);
            differences.extend(update(name, running));
            let nothing = Values::default();
            let is = stacks
                .deployed
                .services
                .get(name)
                .map_or(&nothing, |service| &service.fields);
            let running = with_nodes(running, is, stacks.live);
            differences.extend(tasks(name, &running, is));
        }
    }
    differences
}

/// What runs of a service, where a global one is to run on every node that it may run on: the swarm counts no task that was rejected or
/// failed as one that is to run.
fn with_nodes(running: &Running, is: &Values, live: &Swarm) -> Running {
    let mut running = running.clone();
    // The digest of an image says for which platforms it is.
    let is_anywhere = is.get("platforms").is_none();
    let mode = DeployMode::of(is.text("deploy.mode"));
    if mode == DeployMode::Global && is_anywhere {
        let constraints = is.list("deploy.placement.constraints");
        let nodes = live.nodes_for(constraints).filter(|node| {
            let mut constraints = constraints.iter().map(|text| Constraint::parse(text));
            constraints.all(|one| one.is_some_and(|one| one.is_met_by(node) == Some(true)))
        });
        let nodes = u64::try_from(nodes.count()).unwrap_or(u64::MAX);
        running.desired = running.desired.max(nodes);
    }
    running
}

/// Whether a node is one that is not ready.
fn node(node: &SwarmNode) -> Option<Difference> {
    let SwarmNode {
        id,
        hostname,
        state,
        ..
    } = node;
    if state == "ready" {
        return None;
    }
    let message = format!("node `{hostname}` ({id}) is {state}: what runs there is not known");
    let down = Difference::new(Code::NodeDown, hostname, message).subject(id.as_str());
    Some(down.values("state", "ready", state.as_str()))
}

/// Whether the last update of a service ended otherwise than it was to.
fn update(name: &str, running: &Running) -> Option<Difference> {
    let state = running.update.as_deref()?;
    let (severity, what) = match state {
        "paused" => (
            Severity::Drift,
            "the last update of service `NAME` is paused",
        ),
        "rollback_paused" => (Severity::Drift, "the rollback of service `NAME` is paused"),
        "rollback_completed" => (
            Severity::Drift,
            "service `NAME` was rolled back to its state before the last update",
        ),
        "rollback_started" => (Severity::Notice, "service `NAME` is being rolled back"),
        "updating" => (Severity::Notice, "service `NAME` is being updated"),
        _ => return None,
    };
    // New tasks that do not run while old ones do: the swarm waits for them without end.
    let is_stuck = severity == Severity::Notice && !running.troubles.is_empty();
    let severity = if is_stuck { Severity::Drift } else { severity };
    let mut message = what.replace("NAME", name);
    if let Some(why) = &running.update_message {
        message.push_str(": ");
        message.push_str(why);
    }
    for trouble in running.troubles.iter().filter(|_| is_stuck) {
        let _ = write!(message, "; {}: {}", trouble.state, trouble.why);
    }
    let update = Difference::new(Code::ServiceUpdate, name, message)
        .severity(severity)
        .values("update_status", "completed", state);
    Some(at_service(update, name, "update_status"))
}

/// Whether fewer tasks of a service are running than expected. Those that are done are not started again where the service is a job, or
/// its restart policy says so.
fn tasks(name: &str, running: &Running, is: &Values) -> Option<Difference> {
    let done = running.completed;
    let number = |path: &str| {
        is.number(path)
            .and_then(|number| u64::try_from(number).ok())
    };
    let restarts = is.text("deploy.restart_policy.condition");
    // How many are to be done or to run, of how many; and how many run at once.
    let (total, at_once) = match DeployMode::of(is.text("deploy.mode")) {
        DeployMode::ReplicatedJob => {
            let total = number("deploy.replicas").unwrap_or(running.desired);
            (total, number("max_concurrent").unwrap_or(total))
        }
        // The swarm counts those that are done no more.
        DeployMode::GlobalJob => (running.desired + done, u64::MAX),
        _ if matches!(restarts, Some("none" | "on-failure")) => (running.desired, u64::MAX),
        _ => return shortage(name, running, running.desired, None),
    };
    let expected = total.saturating_sub(done).min(at_once);
    shortage(name, running, expected, (done > 0).then_some((done, total)))
}

/// Fewer tasks than expected.
fn shortage(
    name: &str,
    running: &Running,
    expected: u64,
    done: Option<(u64, u64)>,
) -> Option<Difference> {
    if running.running >= expected {
        return None;
    }
    let mut message = format!(
        "{} of {expected} tasks of service `{name}` run",
        running.running
    );
    if let Some((done, total)) = done {
        let _ = write!(message, ", and {done} of {total} are done");
    }
    for trouble in &running.troubles {
        let _ = write!(message, "; {}: {}", trouble.state, trouble.why);
    }
    for (state, tasks) in &running.waiting {
        let _ = write!(message, "; {tasks} {} {state}", noun(*tasks, "is", "are"));
    }
    let tasks = Difference::new(Code::ServiceTasks, name, message).values(
        "tasks",
        json!(expected),
        json!(running.running),
    );
    Some(at_service(tasks, name, "tasks"))
}
