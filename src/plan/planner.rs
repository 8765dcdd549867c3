//! A plan as it is made: each step knows what was done before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::order::Order;
use super::policy::Absent;
use super::published::{Published, ending};
use super::{Action, Input, Operation, Outcome, Plan, Rule};
use crate::finding::ResourceKind;
use crate::state::{CONTAINER, Container, Network, Service, Volume};

/// A plan as it is made.
pub(super) struct Planner<'a> {
    pub(super) input: Input<'a>,
    pub(super) order: Order<'a>,
    pub(super) plan: Plan,
    /// The containers of each service but for one-off ones, the newest first, as Compose lists them.
    pub(super) own: HashMap<&'a str, Vec<&'a Container>>,
    /// The containers of each service that Compose does not list, but starts.
    pub(super) unlisted: HashMap<&'a str, Vec<&'a Container>>,
    /// The containers of the project that share the process namespace of another one, by its ID.
    sharing: HashMap<&'a str, Vec<&'a Container>>,
    /// All containers that are known, by their names.
    pub(super) names: HashMap<&'a str, &'a Container>,
    pub(super) networks: HashMap<&'a str, &'a Network>,
    /// The names that several networks have.
    pub(super) ambiguous: HashSet<&'a str>,
    pub(super) volumes: HashMap<&'a str, &'a Volume>,
    /// The containers that are stopped and stay, by their IDs, each with why.
    pub(super) stopped: BTreeMap<&'a str, String>,
    /// The containers that are removed, by their IDs.
    pub(super) removed: HashSet<&'a str>,
    /// The networks and volumes that are created, by their keys.
    pub(super) created_networks: BTreeSet<&'a str>,
    pub(super) created_volumes: BTreeSet<&'a str>,
    /// The containers that are attached to a network again, by their IDs, each with its keys.
    pub(super) attached: BTreeMap<&'a str, Vec<&'a str>>,
    /// The services whose containers are new, and whether that is certain.
    pub(super) renewed: BTreeMap<&'a str, bool>,
    /// The new containers of each service, by their names.
    pub(super) created: BTreeMap<&'a str, Vec<String>>,
    /// The ports that the services of the file publish so far.
    pub(super) published: Published<'a>,
    /// The services that others wait for until they have ended.
    pub(super) ending: BTreeSet<&'a str>,
    /// The services whose images the engine does not have.
    pub(super) absent: BTreeMap<&'a str, Absent>,
    /// The services of which a container cannot be created, and all that depend on one.
    pub(super) failed: BTreeSet<&'a str>,
    pub(super) unreached: BTreeSet<&'a str>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        let live = input.live;
        let mut own: HashMap<&str, Vec<&Container>> = HashMap::new();
        let mut unlisted: HashMap<&str, Vec<&Container>> = HashMap::new();
        for container in &live.containers {
            if let Some(service) = container.serves() {
                own.entry(service).or_default().push(container);
            } else if let Some(service) = container.service.as_deref()
                && container.is_unlisted
                && !container.is_oneoff
            {
                unlisted.entry(service).or_default().push(container);
            }
        }
        for containers in own.values_mut() {
            containers.sort_by(|a, b| b.created.cmp(&a.created).then(b.number.cmp(&a.number)));
        }
        let mut sharing: HashMap<&str, Vec<&Container>> = HashMap::new();
        for container in &live.containers {
            let pid = container.config.fields.text("pid");
            if let Some(id) = pid.and_then(|pid| pid.strip_prefix(CONTAINER)) {
                sharing.entry(id).or_default().push(container);
            }
        }
        let order = Order::of(input.expected, input.options);
        let all = live.containers.iter().chain(&live.foreign);
        Self {
            plan: Plan {
                compose: input.options.compose.clone(),
                services: order.services.iter().map(|&name| name.to_owned()).collect(),
                ..Plan::default()
            },
            order,
            own,
            unlisted,
            sharing,
            names: all.map(|one| (one.name.as_str(), one)).collect(),
            networks: by_name(input.observed.networks.values(), |one| &one.name),
            ambiguous: repeated(input.observed.networks.values()),
            volumes: by_name(input.observed.volumes.values(), |one| &one.name),
            input,
            stopped: BTreeMap::new(),
            removed: HashSet::new(),
            created_networks: BTreeSet::new(),
            created_volumes: BTreeSet::new(),
            attached: BTreeMap::new(),
            renewed: BTreeMap::new(),
            created: BTreeMap::new(),
            published: Published::default(),
            ending: ending(input.expected),
            absent: BTreeMap::new(),
            failed: BTreeSet::new(),
            unreached: BTreeSet::new(),
        }
    }

    pub(super) fn run(&mut self) {
        self.required();
        if self.plan.is_unread {
            return;
        }
        let reconciles = self.reconciles();
        self.images();
        self.all_networks();
        self.all_volumes();
        if !self.plan.is_refused {
            if !reconciles {
                self.orphans();
            }
            self.all_containers();
            if reconciles {
                self.orphans();
            }
            if self.failed.is_empty() {
                self.start_all();
            } else {
                self.abort();
            }
            self.lost_on_the_way();
        }
    }

    /// Gives up before anything is looked at where a variable has no value without which Compose does not read the file.
    fn required(&mut self) {
        let (expected, facts) = (self.input.expected, self.input.facts);
        if facts.required.is_empty() {
            return;
        }
        if !facts.knows_variables {
            let required: Vec<&str> = facts.required.iter().map(String::as_str).collect();
            self.plan.unknown.push(format!(
                "whether `up` has every required variable, and fails if not: {}; set it, or use --env-file",
                required.join("; ")
            ));
            return;
        }
        self.plan.is_unread = true;
        for why in &facts.required {
            let project = &expected.project;
            self.refuse(ResourceKind::Project, project, Rule::Required, why.clone());
        }
    }

    /// Whether Compose plans all changes before it makes any.
    pub(super) fn reconciles(&self) -> bool {
        self.input.options.compose.reconciles()
    }

    pub(super) fn push(&mut self, operation: Operation) {
        self.plan.operations.push(operation);
    }

    /// Gives up before any service is looked at.
    pub(super) fn refuse(&mut self, kind: ResourceKind, key: &str, rule: Rule, cause: String) {
        self.plan.is_refused = true;
        self.push(Operation::new(Action::Fail, kind, key, rule, cause));
    }

    /// Gives up on a service, and so on all that depend on it.
    pub(super) fn fails(&mut self, service: &'a str) {
        if self.failed.insert(service) {
            self.unreached.extend(self.order.dependents(service));
        }
    }

    pub(super) fn service(&self, name: &str) -> Option<&'a Service> {
        self.input.expected.services.get(name)
    }

    /// How many containers a service is to have.
    pub(super) fn replicas(&self, name: &str) -> usize {
        let replicas = self
            .input
            .options
            .scale
            .get(name)
            .copied()
            .or_else(|| Some(self.service(name)?.replicas));
        usize::try_from(replicas.unwrap_or_default()).unwrap_or(usize::MAX)
    }

    /// The containers of a service that are there and are not removed by the plan.
    pub(super) fn containers(&self, service: &str) -> Vec<&'a Container> {
        self.own
            .get(service)
            .into_iter()
            .flatten()
            .copied()
            .filter(|one| !self.removed.contains(one.id.as_str()))
            .collect()
    }

    pub(super) fn is_running(&self, container: &Container) -> bool {
        container.is_running() && !self.stopped.contains_key(container.id.as_str())
    }

    pub(super) fn becomes(&mut self, container: &'a Container, outcome: Outcome) {
        self.plan.containers.insert(container.id.clone(), outcome);
    }

    /// Stops a container that is to be started again, once.
    pub(super) fn stop(&mut self, service: &str, container: &'a Container, rule: Rule, why: &str) {
        if container.is_alive() && !self.stopped.contains_key(container.id.as_str()) {
            self.push(
                Operation::new(Action::Stop, ResourceKind::Service, service, rule, why)
                    .container(&container.name),
            );
            self.stopped.insert(&container.id, why.to_owned());
            self.stop_with(container);
        }
    }

    /// Stops what shares the process namespace of a container that stops: the kernel ends it too. What
    /// is recreated with that container does not matter.
    pub(super) fn stop_with(&mut self, parent: &'a Container) {
        let Some(sharing) = self.sharing.get(parent.id.as_str()).cloned() else {
            return;
        };
        let why = format!(
            "shares the process namespace of `{}`, which is stopped",
            parent.name
        );
        let is_replaced = !self.stopped.contains_key(parent.id.as_str());
        for container in sharing {
            let Some(service) = container.service.as_deref() else {
                continue;
            };
            if self.is_running(container) && !(is_replaced && self.order.contains(service)) {
                self.stop(service, container, Rule::Shared, &why);
            }
        }
    }

    /// Removes a container, and says what that leaves behind.
    pub(super) fn remove(
        &mut self,
        service: &str,
        container: &'a Container,
        rule: Rule,
        why: String,
    ) {
        let left = super::losses::left_by(container);
        self.push(
            Operation::new(Action::Remove, ResourceKind::Service, service, rule, why)
                .container(&container.name)
                .loses(left),
        );
        self.removed.insert(&container.id);
        self.stop_with(container);
        self.becomes(container, Outcome::Removed);
    }

    fn orphans(&mut self) {
        if !self.input.options.remove_orphans {
            return;
        }
        for container in &self.input.live.containers {
            if let Some(why) = self.why_orphan(container) {
                let service = container.service.as_deref().unwrap_or(&container.name);
                self.remove(service, container, Rule::Orphan, why.to_owned());
            }
        }
    }

    /// Why a container counts as an orphan.
    fn why_orphan(&self, container: &Container) -> Option<&'static str> {
        let expected = self.input.expected;
        if container.is_unlisted {
            return None;
        }
        if container.is_oneoff {
            let has_ended = matches!(container.state.as_str(), "exited" | "dead");
            return has_ended.then_some("one-off container that has ended");
        }
        let service = container.service.as_deref().unwrap_or_default();
        let is_known =
            expected.services.contains_key(service) || expected.unused.services.contains(service);
        (!is_known).then_some("its service is not in the Compose file")
    }
}

/// The names that several networks have.
fn repeated<'a>(networks: impl Iterator<Item = &'a Network>) -> HashSet<&'a str> {
    let mut known = HashSet::new();
    let names = networks.map(|network| network.name.as_str());
    names.filter(|name| !known.insert(*name)).collect()
}

/// Things by their names, the first of each name.
fn by_name<'a, T>(
    all: impl Iterator<Item = &'a T>,
    name: impl Fn(&'a T) -> &'a String,
) -> HashMap<&'a str, &'a T> {
    let mut found = HashMap::new();
    for one in all {
        found.entry(name(one).as_str()).or_insert(one);
    }
    found
}
