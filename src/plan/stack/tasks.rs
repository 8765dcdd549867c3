//! What becomes of the tasks of a service that is updated (moby/swarmkit, `manager/orchestrator/task.go`: `IsTaskDirty`).

use std::collections::BTreeSet;

use super::room::{Crowded, Room};
use super::{StackDifference, StackInput};
use crate::fields::{STACK, STACK_PARTS, stack_default};
use crate::finding::Code;
use crate::state::StackService;
use crate::text::plural::{counted, noun};

/// Whether the tasks of a service are replaced by new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    No,
    /// Those whose node does not meet the new constraints.
    Moved,
    Yes,
}

/// How many tasks are added, removed or replaced, for people; nothing where none are.
fn are(count: usize, verb: &str) -> Option<String> {
    let tasks = counted(count, "task", "tasks");
    (count > 0).then(|| format!("{tasks} {} {verb}", noun(count, "is", "are")))
}

/// A service that is updated.
pub(super) struct Updated<'a> {
    pub(super) wanted: &'a StackService,
    pub(super) is: &'a StackService,
    pub(super) replaced: Replaced,
    /// How many of its tasks run.
    pub(super) running: u64,
    /// How many are to run.
    desired: u64,
    /// How many run after it; unknown where each node has one.
    replicas: Option<u64>,
    /// How many more, or fewer, are to run.
    change: i64,
    /// Where each node has one, and other nodes meet its constraints now.
    moved: Option<Moved>,
}

/// On how many nodes the tasks of a global service are started, stopped, and replaced.
#[derive(Debug, Clone, Copy)]
struct Moved {
    started: usize,
    stopped: usize,
    kept: usize,
}

impl Moved {
    /// `None` where the nodes are the same, or are not known.
    fn of(wanted: &StackService, is: &StackService, input: StackInput<'_>) -> Option<Self> {
        if !wanted.is_global() || wanted.is_job() {
            return None;
        }
        let live = input.deployed.live.as_ref()?;
        let nodes = |service: &StackService| -> BTreeSet<String> {
            let constraints = service.fields.list("deploy.placement.constraints");
            let nodes = live.nodes_for(constraints);
            nodes.map(|node| node.id.clone()).collect()
        };
        let (before, after) = (nodes(is), nodes(wanted));
        (before != after).then(|| Self {
            started: after.difference(&before).count(),
            stopped: before.difference(&after).count(),
            kept: before.intersection(&after).count(),
        })
    }

    /// What is not an update, for people: the swarm stops and starts these at once.
    fn words(self) -> String {
        let parts = [are(self.started, "added"), are(self.stopped, "removed")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl<'a> Updated<'a> {
    pub(super) fn of(
        name: &str,
        wanted: &'a StackService,
        is: &'a StackService,
        found: &[StackDifference<'_>],
        input: StackInput<'_>,
    ) -> Self {
        let live = input.deployed.live.as_ref();
        let running = live.and_then(|live| live.running.get(name));
        let replicas = |service: &StackService| {
            let replicas = service.fields.number("deploy.replicas");
            (!service.is_job() && !service.is_global()).then_some(replicas.unwrap_or(1))
        };
        let change = match (replicas(wanted), replicas(is)) {
            (Some(wanted), Some(is)) => wanted.saturating_sub(is),
            _ => 0,
        };
        Self {
            wanted,
            is,
            replaced: replaced(found),
            running: running.map(|running| running.running).unwrap_or_default(),
            desired: running.map(|running| running.desired).unwrap_or_default(),
            replicas: replicas(wanted).map(|replicas| u64::try_from(replicas).unwrap_or_default()),
            change,
            moved: Moved::of(wanted, is, input),
        }
    }

    /// Whether some of its tasks are removed.
    pub(super) fn shrinks(&self) -> bool {
        self.change < 0
    }

    /// Whether some tasks are added.
    pub(super) fn grows(&self) -> bool {
        self.change > 0
    }

    /// Why new tasks have no place on the nodes.
    pub(super) fn crowded(&self, room: &Room<'_>) -> Option<Crowded> {
        let starts_first = self.replaced == Replaced::Yes && self.order() == "start-first";
        room.crowded(
            self.wanted,
            (starts_first && self.running > 0).then_some(self.is),
        )
    }

    /// How many tasks are replaced at once; all where it is 0.
    fn parallelism(&self) -> u64 {
        const PATH: &str = "deploy.update_config.parallelism";
        let number = self.wanted.fields.number(PATH);
        let default = || stack_default(PATH)?.parse().ok();
        u64::try_from(number.or_else(default).unwrap_or_default()).unwrap_or_default()
    }

    fn order(&self) -> &str {
        const PATH: &str = "deploy.update_config.order";
        let order = self.wanted.fields.text(PATH);
        order.or_else(|| stack_default(PATH)).unwrap_or_default()
    }

    /// How many of the tasks are replaced, and not removed.
    fn kept(&self) -> u64 {
        if let Some(moved) = self.moved {
            return u64::try_from(moved.kept).unwrap_or(u64::MAX);
        }
        self.replicas
            .map_or(self.desired, |replicas| replicas.min(self.desired))
    }

    fn is_all_at_once(&self) -> bool {
        let parallelism = self.parallelism();
        parallelism == 0 || parallelism >= self.kept()
    }

    /// What becomes of its tasks, for people.
    pub(super) fn tasks(&self) -> String {
        let change = self.change.unsigned_abs();
        let change = usize::try_from(change).unwrap_or(usize::MAX);
        let verb = if self.shrinks() { "removed" } else { "added" };
        let scaled = match self.moved.filter(|_| self.replaced == Replaced::Yes) {
            Some(moved) => Some(moved.words()),
            None => are(change, verb),
        };
        let kept = usize::try_from(self.kept()).unwrap_or(usize::MAX);
        let replaced = match self.replaced {
            Replaced::No => (scaled.is_none()).then(|| "no task is replaced".to_owned()),
            Replaced::Moved => Some(
                "tasks on nodes that do not meet the new constraints are replaced, others keep running"
                    .to_owned(),
            ),
            Replaced::Yes if kept == 0 => {
                (scaled.is_none()).then(|| "no task is running".to_owned())
            }
            Replaced::Yes => Some(format!(
                "{} {} replaced{} ({})",
                counted(kept, "task", "tasks"),
                noun(kept, "is", "are"),
                match self.parallelism() {
                    _ if kept == 1 => String::new(),
                    _ if self.is_all_at_once() => ", all at once".to_owned(),
                    parallelism => format!(", {parallelism} at a time"),
                },
                self.order()
            )),
        };
        [scaled, replaced]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// How long it does not answer, for people. `is_stuck` says that its new tasks stay pending.
    pub(super) fn how_long(&self, is_stuck: bool) -> Option<String> {
        if self.running == 0 {
            return None;
        }
        if self.replicas == Some(0) {
            return Some("for good: scaled to 0".to_owned());
        }
        match self.replaced {
            Replaced::No => None,
            Replaced::Yes if !is_stuck && self.moved.is_some_and(|moved| moved.stopped > 0) => Some(
                "unknown: tasks on nodes that do not meet the new constraints are stopped at once, whatever the order"
                    .to_owned(),
            ),
            // Where no node is left, all are replaced.
            Replaced::Moved if !is_stuck => Some(
                "unknown: tasks whose nodes do not meet the new constraints are moved".to_owned(),
            ),
            // A swarm gives no task to a node that does not meet them.
            _ if is_stuck && self.wanted.is_global() => Some(FOR_GOOD.to_owned()),
            _ if is_stuck && (self.order() == "start-first" || !self.is_all_at_once()) => {
                Some(UNTIL_THEN.to_owned())
            }
            _ if self.order() == "start-first"
                && self.wanted.is_global()
                && self.wanted.shares_port_of_nodes(self.is) =>
            {
                Some(
                    "unknown: a node publishes a port once, so its old task is in the way of the new one (start-first)"
                        .to_owned(),
                )
            }
            _ if self.order() == "start-first" => Some(
                "not down: a new task runs before the old one is stopped (start-first)".to_owned(),
            ),
            _ if is_stuck => Some(FOR_GOOD.to_owned()),
            _ if self.is_all_at_once() => {
                let tasks = if self.kept() == 1 {
                    "its only task is"
                } else {
                    "all of its tasks are"
                };
                Some(format!(
                    "until a new task runs: {tasks} stopped first (stop-first)"
                ))
            }
            _ => Some(format!(
                "not down: {} of its {} tasks keep running (stop-first)",
                self.kept().saturating_sub(self.parallelism()),
                self.kept()
            )),
        }
    }
}

/// How long a service is down whose old tasks are stopped, and whose new ones no node runs.
const FOR_GOOD: &str = "for good: no node takes its new tasks";

/// The downtime where old tasks are stopped only after new ones run, or a few at a time. Since Docker 23 the swarm stops them
/// when something of their nodes changes (swarmkit, `constraintenforcer`: `rejectNoncompliantTasks`).
const UNTIL_THEN: &str = "not down at first: old tasks keep running, until their nodes are changed";

/// The downtime where old tasks keep the places that new ones need.
pub(super) const KEPT: &str = "not down: old tasks keep running, and are not replaced";

/// Whether the tasks are replaced where these fields of a service change.
fn replaced(found: &[StackDifference<'_>]) -> Replaced {
    // How the last update ended is in no spec.
    let found = found.iter().filter(|one| one.code != Code::ServiceUpdate);
    let paths = found.map(|one| {
        let field = one.field().unwrap_or_default();
        let mut rows = STACK.iter().chain(STACK_PARTS);
        let row = rows.find(|row| row.name() == field);
        // The image is not a row of the table.
        row.map_or("Spec.TaskTemplate.ContainerSpec.Image", |row| row.engine)
    });
    let paths: Vec<&str> = paths.collect();
    let any = |is: &dyn Fn(&str) -> bool| paths.iter().any(|path| is(path));
    let is_placement = |path: &str| path.starts_with("Spec.TaskTemplate.Placement");
    if any(&|path| path.starts_with("Spec.TaskTemplate") && !is_placement(path)) {
        Replaced::Yes
    } else if any(&|path| path == "Spec.TaskTemplate.Placement.Constraints") {
        Replaced::Moved
    } else if any(&is_placement) {
        // Even if ports change too.
        Replaced::No
    } else if any(&|path| path.starts_with("Spec.EndpointSpec")) {
        Replaced::Yes
    } else {
        Replaced::No
    }
}
