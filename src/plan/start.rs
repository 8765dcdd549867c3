//! Starting what is not running, each service after those that it depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::Planner;
use super::published::fixed;
use super::{Action, Operation, Outcome, Rule};
use crate::finding::ResourceKind;
use crate::state::{CONTAINER, Container, HEALTHY, SERVICE, Service};

impl<'a> Planner<'a> {
    pub(super) fn start_all(&mut self) {
        let mut failed: BTreeSet<&str> = BTreeSet::new();
        // Each service that depends on one that failed, with the first of those.
        let mut waiting: BTreeMap<&str, &str> = BTreeMap::new();
        let before = self.plan.operations.len();
        self.note_published();
        for name in self.order.services.clone() {
            if let Some(failed) = waiting.get(name) {
                self.not_started(
                    name,
                    &format!("waits for `{failed}`, which cannot be started"),
                );
                self.plan.blocked.insert(name.to_owned());
            } else if let Some(service) = self.service(name)
                && self.replicas(name) > 0
                && !self.start(name, service)
            {
                failed.insert(name);
                for dependent in self.order.dependents(name) {
                    let first = waiting.entry(dependent).or_insert(name);
                    *first = (*first).min(name);
                }
                self.plan.blocked.insert(name.to_owned());
            }
        }
        if !failed.is_empty() {
            self.are_in_parallel(before, &failed);
        }
    }

    /// The services that one waits for to be healthy.
    fn healthy_needs(&self, service: &'a Service) -> impl Iterator<Item = &'a str> {
        let needs = service.depends_on.iter().filter(|(need, condition)| {
            *condition == HEALTHY
                && self.order.contains(need)
                && !service.starts_without.contains(*need)
        });
        needs.map(|(need, _)| need.as_str())
    }

    /// The first new container that a service waits for to be healthy, and that has no health check.
    fn new_without_check(&self, service: &'a Service) -> Option<String> {
        let mut needs = self.healthy_needs(service);
        needs.find_map(|need| {
            let is_new = self.renewed.get(need) == Some(&true);
            let unchecked = &self.input.facts.unchecked;
            let is_unchecked = is_new && unchecked.contains(need);
            self.created
                .get(need)?
                .first()
                .filter(|_| is_unchecked)
                .cloned()
        })
    }

    /// The containers that a service waits for to be healthy, and that are neither created nor started, each with the name of
    /// its service.
    fn waited_for(&self, service: &'a Service) -> Vec<(&'a str, &'a Container)> {
        let containers = self.healthy_needs(service).flat_map(|need| {
            self.containers(need)
                .into_iter()
                .map(move |one| (need, one))
        });
        containers
            .filter(|(_, one)| self.is_kept(one) && self.is_running(one))
            .collect()
    }

    /// Notes that a service does not start. Always false, so that [`Self::start`] can return it.
    fn waits_in_vain(&mut self, name: &str, why: String) -> bool {
        self.push(Operation::new(
            Action::Fail,
            ResourceKind::Service,
            name,
            Rule::Waits,
            why,
        ));
        false
    }

    /// Waits for what a service depends on, and starts its containers. Whether that works.
    fn start(&mut self, name: &'a str, service: &'a Service) -> bool {
        if !self.can_wait(name, service) {
            return false;
        }
        let unlisted = self.unlisted.get(name).into_iter().flatten().copied();
        let kept: Vec<&'a Container> = self
            .containers(name)
            .into_iter()
            .chain(unlisted)
            .filter(|one| self.is_kept(one))
            .collect();
        let up = kept.iter().filter(|one| self.is_running(one)).count();
        let new = self.created.get(name).map_or(0, Vec::len);
        // Compose starts the newest first.
        if new > 0 && !self.can_start_new(name, service, up + new) {
            return false;
        }
        if !self.start_kept(name, service, &kept, up + new) {
            return false;
        }
        if up < kept.len() + new {
            self.publish(name, service);
        }
        true
    }

    /// Whether the new containers of a service can be started; `up` is how many it has then.
    fn can_start_new(&mut self, name: &str, service: &Service, up: usize) -> bool {
        let taken = || self.taken(name).or_else(|| fixed(service, up));
        let taken = || Some((Rule::Taken, taken()?));
        let Some((rule, why)) = self.refusal_to_start(name, service, true).or_else(taken) else {
            return true;
        };
        let created = self.created.get(name).and_then(|all| all.last().cloned());
        let operation = Operation::new(Action::Fail, ResourceKind::Service, name, rule, why);
        self.push(match created {
            Some(created) => operation.container(&created),
            None => operation,
        });
        false
    }

    /// Whether what a service waits for gets healthy, as far as is known.
    fn can_wait(&mut self, name: &'a str, service: &'a Service) -> bool {
        let waited_for = self.waited_for(service);
        let is_unhealthy = |one: &Container| one.health.as_deref() == Some("unhealthy");
        let unhealthy = waited_for.iter().find(|(_, one)| is_unhealthy(one));
        if let Some((need, unhealthy)) = unhealthy {
            self.becomes(unhealthy, Outcome::Fails);
            self.plan.blocked.insert((*need).to_owned());
            let why = format!("waits for `{}`, which is unhealthy", unhealthy.name);
            return self.waits_in_vain(name, why);
        }
        let has_check = |one: &Container| {
            one.health.is_some() || one.config.fields.has_health_check() == Some(true)
        };
        let unchecked = waited_for
            .iter()
            .find(|(_, one)| !has_check(one))
            .map(|(_, one)| one.name.clone());
        if let Some(unchecked) = unchecked.or_else(|| self.new_without_check(service)) {
            let why = format!("waits for `{unchecked}`, which has no health check");
            return self.waits_in_vain(name, why);
        }
        true
    }

    /// Starts the containers that are there and do not run. Whether that works.
    fn start_kept(
        &mut self,
        name: &'a str,
        service: &'a Service,
        kept: &[&'a Container],
        mut up: usize,
    ) -> bool {
        for &container in kept {
            if self.is_running(container) {
                continue;
            }
            let why = || self.why_unstartable(name, service, container, up);
            let why = || Some((Rule::Unstartable, why()?));
            if let Some((rule, why)) = self
                .refusal_to_start(name, service, !container.was_started())
                .or_else(why)
            {
                self.becomes(container, Outcome::Fails);
                self.push(
                    Operation::new(Action::Fail, ResourceKind::Service, name, rule, why)
                        .container(&container.name),
                );
                return false;
            }
            up += 1;
            let why = self.why_started(container);
            self.push(
                Operation::new(
                    Action::Start,
                    ResourceKind::Service,
                    name,
                    Rule::Stopped,
                    why,
                )
                .container(&container.name),
            );
        }
        true
    }

    /// Whether a container that is there stays.
    pub(super) fn is_kept(&self, container: &Container) -> bool {
        let outcome = self.plan.container(&container.id);
        !matches!(outcome, Outcome::Recreated | Outcome::Removed)
    }

    fn why_started(&self, container: &Container) -> String {
        if let Some(why) = self.stopped.get(container.id.as_str()) {
            return format!("was stopped: {why}");
        }
        match (container.state.as_str(), container.exit_code) {
            ("exited", Some(code)) => format!("not running (exited, code {code})"),
            (state, _) => format!("not running ({state})"),
        }
    }

    /// Why no container of a service is started: Compose copies nothing into a read-only one, and the engine looks for the
    /// networks of one that is started for the first time by their names.
    fn refusal_to_start(
        &self,
        name: &str,
        service: &Service,
        is_new: bool,
    ) -> Option<(Rule, String)> {
        if let Some(why) = self.input.facts.not_started.get(name) {
            return Some((Rule::Refused, why.clone()));
        }
        let keys = service.networks.keys().filter(|_| is_new);
        let mut networks = keys.filter_map(|key| self.input.expected.networks.get(key));
        let network = networks.find(|network| self.ambiguous.contains(network.name.as_str()))?;
        let why = format!("several networks have the name `{}`", network.name);
        Some((Rule::NetworkAmbiguous, why))
    }

    fn why_unstartable(
        &self,
        name: &str,
        service: &Service,
        container: &Container,
        running: usize,
    ) -> Option<String> {
        self.input
            .facts
            .unstartable
            .get(&container.id)
            .cloned()
            .or_else(|| self.taken(name))
            .or_else(|| fixed(service, running + 1))
    }

    /// A port of a service that another container has which stays or is started before.
    fn taken(&self, name: &str) -> Option<String> {
        self.held(name).or_else(|| self.published_twice(name))
    }

    /// A port of a service that is held by a container which stays.
    fn held(&self, name: &str) -> Option<String> {
        let mut taken = self.input.facts.ports.get(name)?.iter();
        let held = taken.find(|taken| {
            let holder = self.names.get(taken.holder.as_str());
            holder.is_none_or(|holder| !self.removed.contains(holder.id.as_str()))
        })?;
        let (port, holder) = (&held.port, &held.holder);
        Some(format!("port `{port}` is already published by `{holder}`"))
    }

    /// Leaves the containers of a service as they are, which are not running.
    fn not_started(&mut self, name: &str, why: &str) {
        let kept = self
            .containers(name)
            .into_iter()
            .filter(|one| self.is_kept(one) && !self.is_running(one));
        let mut left: Vec<String> = kept.map(|one| one.name.clone()).collect();
        left.extend(self.created.get(name).into_iter().flatten().cloned());
        for container in left {
            self.push(
                Operation::new(Action::Leave, ResourceKind::Service, name, Rule::Waits, why)
                    .container(&container),
            );
        }
    }

    /// Nothing is started: a container could not be created.
    pub(super) fn abort(&mut self) {
        let failed = self.failed.clone();
        let blocked = failed.union(&self.unreached);
        self.plan
            .blocked
            .extend(blocked.map(|&name| name.to_owned()));
        self.are_in_parallel(0, &failed);
        let why = "not started: `up` fails before it starts anything";
        for name in self.order.services.clone() {
            let mut left = self.created.get(name).cloned().unwrap_or_default();
            let stopped = self.containers(name).into_iter().filter(|one| {
                let outcome = self.plan.container(&one.id);
                outcome == Outcome::Kept && !self.is_running(one)
            });
            let stopped: Vec<String> = stopped.map(|one| one.name.clone()).collect();
            if !stopped.is_empty() {
                self.plan.blocked.insert(name.to_owned());
            }
            left.extend(stopped);
            for container in left {
                self.push(
                    Operation::new(
                        Action::Leave,
                        ResourceKind::Service,
                        name,
                        Rule::Aborted,
                        why,
                    )
                    .container(&container),
                );
            }
        }
    }

    /// What does not depend on a service that fails, and what it does not depend on, is done at the same
    /// time: nobody knows how far it gets.
    fn are_in_parallel(&mut self, from: usize, failed: &BTreeSet<&'a str>) {
        let mut before: BTreeSet<&str> = failed.clone();
        let mut ahead: Vec<&str> = failed.iter().copied().collect();
        while let Some(name) = ahead.pop() {
            let needs = self.service(name).map(|service| service.depends_on.keys());
            for need in needs.into_iter().flatten() {
                if before.insert(need) {
                    ahead.push(need);
                }
            }
        }
        // These are stopped before.
        let stopped = failed.iter().flat_map(|name| self.restarted_with(name));
        let stopped: BTreeSet<&str> = stopped.collect();
        for operation in self.plan.operations.iter_mut().skip(from) {
            if operation.rule == Some(Rule::Restarted)
                && stopped.contains(operation.resource.as_str())
            {
                continue;
            }
            let is_of_others = operation.kind == ResourceKind::Service
                && operation.rule != Some(Rule::Orphan)
                && !before.contains(operation.resource.as_str());
            if is_of_others && !matches!(operation.action, Action::Fail | Action::Leave) {
                operation.certain = false;
            }
        }
    }

    /// What the operations break: names on networks, and networks that are shared. Services that `up` is
    /// not for may share them too.
    pub(super) fn lost_on_the_way(&mut self) {
        for (name, service) in &self.input.expected.services {
            for container in self.containers(name) {
                if self.is_kept(container) {
                    self.lost_by(name, service, container);
                }
            }
        }
    }

    fn lost_by(&mut self, name: &'a str, service: &'a Service, container: &'a Container) {
        let attached = self.attached.get(container.id.as_str()).cloned();
        for key in attached.into_iter().flatten() {
            let why = format!(
                "attached to the new network `{key}` without its aliases: `{name}` is not found there by its name"
            );
            let rule = Rule::NetworkRecreated;
            self.push(
                Operation::new(Action::Leave, ResourceKind::Network, name, rule, why)
                    .container(&container.name),
            );
        }
        let mode = service.network_mode.as_deref().unwrap_or_default();
        let parent = mode.strip_prefix(SERVICE).unwrap_or_default();
        let own = container.network_mode.as_deref().unwrap_or_default();
        let shared = self
            .own
            .get(parent)
            .into_iter()
            .flatten()
            .copied()
            .find(|parent| own.strip_prefix(CONTAINER) == Some(&parent.id));
        let Some(shared) = shared.filter(|_| self.is_running(container)) else {
            return;
        };
        let (word, is_certain) = match self.plan.container(&shared.id) {
            Outcome::Recreated => ("recreated", true),
            Outcome::Unknown => ("recreated", false),
            Outcome::Removed => ("removed", true),
            _ if !self.is_running(shared) => ("restarted", true),
            _ => return,
        };
        let why = format!("loses its network: shares that of `{parent}`, which is {word}");
        self.push(
            Operation::new(
                Action::Leave,
                ResourceKind::Service,
                name,
                Rule::Shared,
                why,
            )
            .container(&container.name)
            .certain(is_certain),
        );
    }
}
