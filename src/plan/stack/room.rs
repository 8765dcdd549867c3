//! Whether the nodes of a swarm have room for new tasks (moby/swarmkit, `manager/scheduler`): which nodes take them, how many
//! of a service each may run, and what is left of their processors and memory.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Fate, StackDifference, StackInput};
use crate::fields::Values;
use crate::finding::Severity;
use crate::state::{Reserved, StackService, Swarm, SwarmNode};
use crate::text::plural::{counted, noun};

/// The nodes of a swarm, and what is taken of each.
pub(super) struct Room<'a> {
    live: Option<&'a Swarm>,
    /// What others reserve of each node, by its ID: services of other stacks, and those of this one that stay as they are. A
    /// node of which that is not known is missing.
    taken: BTreeMap<&'a str, Reserved>,
}

/// Tasks for which there is no place on the nodes.
pub(super) struct Crowded {
    pub(super) message: String,
    /// Whether no new task gets a place, as old ones keep theirs.
    pub(super) is_whole: bool,
}

impl<'a> Room<'a> {
    pub(super) fn of(input: StackInput<'a>) -> Self {
        let live = input
            .deployed
            .live
            .as_ref()
            .filter(|live| !live.nodes.is_empty());
        let differ: BTreeSet<&str> = input
            .found
            .iter()
            .filter(|one| one.severity != Severity::Notice)
            .filter_map(StackDifference::service)
            .collect();
        let prefix = format!("{}_", input.expected.project);
        // What becomes of the tasks of a service that differs, and on which nodes, is not known.
        let stays = |name: &str| {
            let own = name.strip_prefix(&prefix);
            !own.is_some_and(|own| differ.contains(own))
        };
        let nodes = live.into_iter().flat_map(|live| &live.nodes);
        let taken = nodes.filter_map(|node| {
            let others = node
                .reserved
                .as_ref()?
                .iter()
                .filter(|(name, _)| stays(name));
            let sum = others.fold(Reserved::default(), |sum, (_, one)| sum.and(*one));
            Some((node.id.as_str(), sum))
        });
        Self {
            live,
            taken: taken.collect(),
        }
    }

    /// Why no new task of a service would run; nothing where a node may run one, or where no nodes are known.
    pub(super) fn pending(&self, wanted: &StackService) -> Option<String> {
        let live = self.live?;
        let constraints = wanted.fields.list("deploy.placement.constraints");
        let what = if wanted.is_global() {
            "no task starts"
        } else {
            "new tasks stay pending"
        };
        let nodes: Vec<&SwarmNode> = live.nodes_for(constraints).collect();
        if nodes.is_empty() {
            let constraints: Vec<String> =
                constraints.iter().map(|one| format!("`{one}`")).collect();
            return Some(match constraints.as_slice() {
                [] => format!("{what}: no node takes tasks"),
                _ => format!(
                    "{what}: no node that takes tasks meets {}",
                    constraints.join(", ")
                ),
            });
        }
        let reserved = wanted.reserved();
        if nodes
            .iter()
            .all(|node| places(node, reserved, Reserved::default()) == Some(0))
        {
            return Some(format!(
                "{what}: no node has the processors and the memory that it reserves"
            ));
        }
        let is_full = nodes
            .iter()
            .all(|node| self.places(node, reserved) == Some(0));
        is_full.then(|| {
            format!("{what}: other services leave no node with the processors and the memory that it reserves")
        })
    }

    /// How many tasks that reserve this a node has places for beside those of others; nothing where that has no limit, or is
    /// not known.
    fn places(&self, node: &SwarmNode, reserved: Reserved) -> Option<u64> {
        places(node, reserved, *self.taken.get(node.id.as_str())?)
    }

    /// Why tasks of a service stay pending because only so many may run on each node. The tasks of an
    /// `old` spec keep their places until new ones run.
    pub(super) fn crowded(
        &self,
        wanted: &StackService,
        old: Option<&StackService>,
    ) -> Option<Crowded> {
        let fields = &wanted.fields;
        let number = |path| u64::try_from(fields.number(path)?).ok();
        let tasks = number("deploy.replicas").unwrap_or(1);
        if wanted.is_global() || wanted.is_job() || tasks == 0 {
            return None;
        }
        let constraints = fields.list("deploy.placement.constraints");
        let nodes: Vec<&SwarmNode> = self.live?.nodes_for(constraints).collect();
        let of_nodes = counted(nodes.len(), "node", "nodes");
        let most_replicas =
            number("deploy.placement.max_replicas_per_node").filter(|most| *most > 0);
        let (most, limit) = match most_replicas {
            _ if wanted.publishes_on_nodes() => {
                (Some(1), format!("each of {of_nodes} publishes a port once"))
            }
            Some(most) => (
                Some(most),
                format!("at most {most} run on each of {of_nodes}"),
            ),
            None => (None, String::new()),
        };
        let reserved = wanted.reserved();
        let sum = |of: &dyn Fn(&SwarmNode) -> Option<u64>| {
            let places = nodes.iter().map(|node| of(node));
            places.sum::<Option<u64>>().filter(|_| !nodes.is_empty())
        };
        let allowed = sum(&|_| most);
        let roomy = sum(&|node| match (most, self.places(node, reserved)) {
            (Some(most), Some(room)) => Some(most.min(room)),
            (most, room) => most.or(room),
        });
        let places = roomy?;
        let is_full = allowed.is_none_or(|allowed| places < allowed);
        let limit = if is_full {
            let have = noun(nodes.len(), "has", "have");
            format!("{of_nodes} {have} room for {places} beside other services")
        } else {
            limit
        };
        // Those that reserve as much keep as much, and those that publish other ports are not in the way.
        let keeps = |old: &StackService| {
            if is_full {
                old.reserved() == reserved
            } else {
                most_replicas.is_some() || old.shares_port_of_nodes(wanted)
            }
        };
        if old.is_some_and(keeps) && tasks >= places {
            return Some(Crowded {
                message: format!(
                    "new tasks stay pending: {limit}, and old tasks keep their places (start-first)"
                ),
                is_whole: true,
            });
        }
        let left = tasks.saturating_sub(places);
        (left > 0).then(|| {
            let all = usize::try_from(tasks).unwrap_or(usize::MAX);
            Crowded {
                message: format!(
                    "{left} of {} pending: {limit}",
                    counted(all, "task stays", "tasks stay")
                ),
                is_whole: false,
            }
        })
    }

    /// The services that are created or updated and of which it is not known whether nodes have room for what they reserve:
    /// where it is not known what others do, and where several are to share it.
    pub(super) fn unsure(&self, input: StackInput<'_>, fates: &[Fate]) -> Option<String> {
        let both = input.found.iter().zip(fates);
        let done = both.filter(|(_, fate)| matches!(fate.effect, Effect::Create | Effect::Update));
        let names: BTreeSet<&str> = done.filter_map(|(found, _)| found.service()).collect();
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| {
                let mut fields = input
                    .declared
                    .services
                    .get(*name)
                    .map(|one| &one.fields)
                    .into_iter()
                    .flat_map(Values::iter);
                fields.any(|(path, _)| path.starts_with("deploy.resources.reservations."))
            })
            .collect();
        let is_other = |name: &str| {
            let service = input.declared.services.get(name);
            let path = "deploy.resources.reservations.generic_resources";
            service.is_some_and(|service| service.fields.get(path).is_some())
        };
        let nodes = self.live.map_or(0, |live| live.nodes.len());
        let is_known = nodes > 0 && nodes == self.taken.len();
        match names.as_slice() {
            [] => None,
            [one] if is_known && !is_other(one) => None,
            names => {
                let names = names.iter().map(|name| format!("`{name}`"));
                Some(names.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// How many tasks that reserve this a node has places for beside what is taken of it; nothing where that has no limit, or is
/// not known.
fn places(node: &SwarmNode, reserved: Reserved, taken: Reserved) -> Option<u64> {
    let traits = node.traits.as_ref()?;
    let of = |has: Option<i64>, taken: i64, reserved: i64| {
        let left = has?.saturating_sub(taken).max(0);
        u64::try_from(left.checked_div(reserved)?).ok()
    };
    let cpus = of(traits.cpus, taken.cpus, reserved.cpus);
    let memory = of(traits.memory, taken.memory, reserved.memory);
    match (cpus, memory) {
        (Some(cpus), Some(memory)) => Some(cpus.min(memory)),
        (cpus, memory) => cpus.or(memory),
    }
}
