//! The containers of each service: which are removed, recreated and created.

use std::collections::BTreeSet;

use super::losses::written_in;
use super::planner::Planner;
use super::policy::Absent;
use super::{Action, Operation, Outcome, Reason, Rule};
use crate::finding::ResourceKind;
use crate::state::{Container, SERVICE, Service, is_predefined};

/// Why a container is recreated.
struct Recreation {
    why: String,
    rule: Rule,
    is_certain: bool,
}

impl<'a> Planner<'a> {
    pub(super) fn all_containers(&mut self) {
        for name in self.order.services.clone() {
            if !self.unreached.contains(name)
                && let Some(service) = self.service(name)
            {
                self.one_service(name, service);
            }
        }
    }

    fn one_service(&mut self, name: &'a str, service: &'a Service) {
        let wanted = self.replicas(name);
        let containers = self.containers(name);
        let there = containers.len();
        let recreations = containers.into_iter().map(|container| {
            let recreation = self.recreation(name, service, container);
            (container, recreation)
        });
        let mut containers: Vec<_> = recreations.collect();
        // Those that stay come first, by their numbers; of the others Compose up to 5.1 removes the
        // oldest first.
        containers.sort_by_key(|(_, recreation)| recreation.is_some());
        let kept = containers.partition_point(|(_, recreation)| recreation.is_none());
        let (stay, replaced) = containers.split_at_mut(kept);
        stay.sort_by_key(|(container, _)| container.number);
        if self.reconciles() {
            replaced.sort_by_key(|(container, _)| container.number);
        }
        if !self.has_parents(name, service, wanted) {
            return;
        }
        if wanted > 0 && self.absent.get(name) == Some(&Absent::Never) {
            let container = containers.first().map(|(container, _)| *container);
            if container.is_some() {
                self.stop_dependents(name);
            }
            let why = "its image is not on the engine, and is not pulled".to_owned();
            self.fail(name, container, Rule::Pulled, why);
            return;
        }
        if let Some((rule, why)) = self.refusal(name, service) {
            let mut recreated = containers.iter().take(wanted);
            let recreated = recreated.find_map(|(container, recreation)| {
                let recreation = recreation.as_ref()?;
                recreation.is_certain.then_some(*container)
            });
            if recreated.is_some() || there < wanted {
                if recreated.is_some() {
                    self.stop_dependents(name);
                }
                self.fail(name, recreated, rule, why);
                return;
            }
        }
        for (index, (container, recreation)) in containers.iter().enumerate() {
            match recreation {
                _ if index >= wanted => {
                    let why = format!("scaled from {there} to {wanted}");
                    match self.input.facts.not_removed.get(&container.id) {
                        Some(held) => {
                            let whys = (why.as_str(), held.clone());
                            self.keep_held(name, container, Rule::Scaled, whys);
                        }
                        None => self.remove(name, container, Rule::Scaled, why),
                    }
                }
                Some(recreation) => {
                    self.stop_dependents(name);
                    self.recreate(name, service, container, recreation);
                }
                None if matches!(container.state.as_str(), "paused" | "dead" | "removing")
                    && !self.stopped.contains_key(container.id.as_str()) =>
                {
                    let why = format!("it is {}, and cannot be started", container.state);
                    self.fail(name, Some(container), Rule::Paused, why);
                }
                None => {}
            }
        }
        let numbers = containers.iter().filter_map(|(one, _)| one.number);
        let next = numbers.max().unwrap_or(0);
        let missing = u32::try_from(wanted.saturating_sub(there)).unwrap_or(u32::MAX);
        // What cannot be distinguished any more needs no line of its own.
        for number in (1..=missing.min(1000)).map(|number| next.saturating_add(number)) {
            self.create(name, service, number, there);
        }
    }

    /// Why no container of a service can be created, whatever there is.
    fn refusal(&self, name: &str, service: &Service) -> Option<(Rule, String)> {
        if let Some(network) = self.predefined(service) {
            let why = format!(
                "network `{network}` is one that every engine has and takes no aliases, and Compose gives each container one"
            );
            return Some((Rule::NetworkPredefined, why));
        }
        let why = self.input.facts.not_created.get(name)?;
        Some((Rule::Refused, why.clone()))
    }

    /// A network of a service that every engine has.
    fn predefined(&self, service: &Service) -> Option<&'a str> {
        let mut networks = service.networks.keys();
        networks.find_map(|key| {
            let name = self.input.expected.networks.get(key)?.name.as_str();
            is_predefined(name).then_some(name)
        })
    }

    /// A service shares a namespace or volumes of the first container of another.
    fn has_parents(&mut self, name: &'a str, service: &'a Service, wanted: usize) -> bool {
        if wanted == 0 {
            return true;
        }
        for parent in shared_with(service) {
            let is_there = !self.containers(parent).is_empty() || self.created.contains_key(parent);
            if self.order.contains(parent) && !is_there {
                let why = format!(
                    "it shares a namespace or volumes with service `{parent}`, which has no container"
                );
                self.fail(name, None, Rule::Shared, why);
                return false;
            }
        }
        true
    }

    /// Whether Compose recreates a container, and why.
    fn recreation(
        &self,
        name: &str,
        service: &'a Service,
        container: &Container,
    ) -> Option<Recreation> {
        let options = self.input.options;
        let is_named = options.services.is_empty() || options.services.contains(name);
        if options.force_recreate && is_named {
            return Some(Recreation {
                why: "--force-recreate".to_owned(),
                rule: Rule::Forced,
                is_certain: true,
            });
        }
        let mut why = Vec::new();
        let mut is_certain = false;
        let mut rule = Rule::Diverged;
        let reasons = self.input.facts.containers.get(&container.id);
        for reason in reasons.into_iter().flatten() {
            if self.sees(reason, container) {
                is_certain |= reason.is_certain();
                why.push(reason.text());
            }
        }
        for parent in shared_with(service) {
            if let Some(certain) = self.renewed.get(parent) {
                if why.is_empty() {
                    rule = Rule::Shared;
                }
                why.push(format!(
                    "shares a namespace or volumes with service `{parent}`, which is recreated"
                ));
                is_certain |= certain;
            }
        }
        if let Some(Absent::Fetched(verb)) = self.absent.get(name)
            && !is_certain
        {
            if why.is_empty() {
                rule = Rule::Pulled;
            }
            why.push(format!(
                "its image is not on the engine, and the one that `up` {verb} may be different"
            ));
        }
        (!why.is_empty()).then(|| Recreation {
            why: why.join("; "),
            rule,
            is_certain,
        })
    }

    /// Whether Compose looks for a reason. The reconciler does not know the IDs of what it has yet to create.
    fn sees(&self, reason: &Reason, container: &Container) -> bool {
        let is_created = |keys: &BTreeSet<&str>, key: &str| self.reconciles() && keys.contains(key);
        match reason {
            Reason::Network(key) | Reason::UnseenNetwork(key) => {
                self.is_running(container) && !is_created(&self.created_networks, key)
            }
            Reason::Volume(key) => !is_created(&self.created_volumes, key),
            Reason::Definition(_)
            | Reason::Image(_)
            | Reason::ImageLabel
            | Reason::Namespace(_) => true,
        }
    }

    /// Stops the containers that are to be restarted when a service is recreated.
    fn stop_dependents(&mut self, name: &'a str) {
        let why = format!("depends on `{name}`, which is recreated (restart: true)");
        for user in self.restarted_with(name) {
            for container in self.containers(user) {
                self.stop(user, container, Rule::Restarted, &why);
            }
        }
    }

    /// The services that are stopped before one is recreated.
    pub(super) fn restarted_with(&self, name: &str) -> Vec<&'a str> {
        let users = self.order.users(name).iter().copied();
        let restarts = |user: &&str| {
            let service = self.service(user);
            service.is_some_and(|service| service.restarts_with.contains(name))
        };
        users.filter(restarts).collect()
    }

    fn recreate(
        &mut self,
        name: &'a str,
        service: &'a Service,
        container: &'a Container,
        recreation: &Recreation,
    ) {
        let Recreation {
            why,
            rule,
            is_certain,
        } = recreation;
        let held = self.input.facts.not_removed.get(&container.id);
        if let Some(held) = held.filter(|_| *is_certain) {
            let held = format!("{held}: a new one keeps a temporary name and is not started");
            self.keep_held(name, container, *rule, (why, held));
            return;
        }
        let number = container.number.unwrap_or(1);
        let wanted = service.container_name(&self.input.expected.project, name, number);
        self.push(
            Operation::new(Action::Recreate, ResourceKind::Service, name, *rule, why)
                .container(&container.name)
                .loses(written_in(container))
                .certain(*is_certain),
        );
        self.becomes(
            container,
            if *is_certain {
                Outcome::Recreated
            } else {
                Outcome::Unknown
            },
        );
        if *is_certain {
            self.stopped.remove(container.id.as_str());
            self.stop_with(container);
        }
        *self.renewed.entry(name).or_default() |= is_certain;
        let holder = self.holder(&wanted, Some(container));
        if let Some(holder) = holder.filter(|_| *is_certain) {
            // The name is given last, when the old container is gone.
            let why = format!(
                "container name `{wanted}` is taken by {}: the new container keeps a temporary name and is not started",
                whose(holder)
            );
            self.push(
                Operation::new(Action::Fail, ResourceKind::Service, name, Rule::Taken, why)
                    .container(&container.name),
            );
            self.fails(name);
            return;
        }
        self.created.entry(name).or_default().push(wanted);
    }

    /// Stops a container that is to be removed, which the engine does not do: why it is to be, and why it is not.
    fn keep_held(
        &mut self,
        name: &'a str,
        container: &'a Container,
        rule: Rule,
        (why, held): (&str, String),
    ) {
        self.stop(name, container, rule, why);
        self.fail(name, Some(container), Rule::Held, held);
    }

    fn create(&mut self, name: &'a str, service: &'a Service, number: u32, there: usize) {
        let wanted = service.container_name(&self.input.expected.project, name, number);
        if let Some(holder) = self.holder(&wanted, None) {
            let why = format!("container name `{wanted}` is taken by {}", whose(holder));
            self.push(
                Operation::new(Action::Fail, ResourceKind::Service, name, Rule::Taken, why)
                    .container(&wanted),
            );
            self.fails(name);
            return;
        }
        let (rule, why) = if there == 0 {
            (Rule::Missing, "missing".to_owned())
        } else {
            let to = self.replicas(name);
            (Rule::Scaled, format!("scaled from {there} to {to}"))
        };
        self.push(
            Operation::new(Action::Create, ResourceKind::Service, name, rule, why)
                .container(&wanted),
        );
        // The children of a service share with its first container.
        if there == 0 {
            self.renewed.insert(name, true);
        }
        self.created.entry(name).or_default().push(wanted);
    }

    fn fail(&mut self, name: &'a str, container: Option<&'a Container>, rule: Rule, why: String) {
        let operation = Operation::new(Action::Fail, ResourceKind::Service, name, rule, why);
        self.push(match container {
            Some(container) => operation.container(&container.name),
            None => operation,
        });
        if let Some(container) = container {
            let outcome = match rule {
                Rule::Paused => Outcome::Fails,
                _ => Outcome::NotRecreated,
            };
            self.becomes(container, outcome);
        }
        self.fails(name);
    }

    /// Another container that has a name and keeps it.
    fn holder(&self, name: &str, but: Option<&Container>) -> Option<&'a Container> {
        let holder = self.names.get(name).copied()?;
        let is_same = but.is_some_and(|own| own.id == holder.id);
        (!is_same && !self.removed.contains(holder.id.as_str())).then_some(holder)
    }
}

/// The services with whose first containers a service shares a namespace or volumes: their IDs are part
/// of its definition. Each is named once.
fn shared_with(service: &Service) -> BTreeSet<&str> {
    let fields = &service.config.fields;
    let modes = [
        service.network_mode.as_deref(),
        fields.text("ipc"),
        fields.text("pid"),
    ];
    let parents = modes
        .into_iter()
        .flatten()
        .filter_map(|mode| mode.strip_prefix(SERVICE));
    let from = service.mounts_from.iter().map(String::as_str);
    parents.chain(from).collect()
}

/// A container, and whose it is.
fn whose(container: &Container) -> String {
    let name = &container.name;
    match &container.project {
        Some(project) => format!("`{name}` (of project `{project}`)"),
        None => format!("`{name}`"),
    }
}
