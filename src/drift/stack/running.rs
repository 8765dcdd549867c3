//! How the services of a stack run.

use std::fmt::Write as _;

use serde_json::json;

use super::{Stacks, at_service};
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::finding::{Code, Severity};
use crate::state::{Running, SwarmNode};

/// How every service of the file runs that the swarm has.
pub(super) fn running(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences: Vec<Difference> = stacks.live.nodes.iter().filter_map(node).collect();
    for (name, running) in &stacks.live.running {
        if stacks.wanted.services.contains_key(name) {
            coverage.count(true);
            differences.extend(update(name, running));
            differences.extend(tasks(name, running));
        }
    }
    differences
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
            "service `NAME` was rolled back to what it was before its last update",
        ),
        "rollback_started" => (Severity::Notice, "service `NAME` is being rolled back"),
        "updating" => (Severity::Notice, "service `NAME` is being updated"),
        _ => return None,
    };
    let mut message = what.replace("NAME", name);
    if let Some(why) = &running.update_message {
        message.push_str(": ");
        message.push_str(why);
    }
    let update = Difference::new(Code::ServiceUpdate, name, message)
        .severity(severity)
        .values("update_status", "completed", state);
    Some(at_service(update, name, "update_status"))
}

/// Whether fewer tasks of a service run than are to.
fn tasks(name: &str, running: &Running) -> Option<Difference> {
    if running.running >= running.desired {
        return None;
    }
    let mut message = format!(
        "{} of {} tasks of service `{name}` run",
        running.running, running.desired
    );
    for trouble in &running.troubles {
        let _ = write!(message, "; {}: {}", trouble.state, trouble.why);
    }
    let tasks = Difference::new(Code::ServiceTasks, name, message).values(
        "tasks",
        json!(running.desired),
        json!(running.running),
    );
    Some(at_service(tasks, name, "tasks"))
}
