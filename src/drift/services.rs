//! The project's services: whether they are there, run, and are well.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::Comparer;
use super::cause::recreation;
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::state::{Container, Service, image_name};

/// A service of the file, and one of its containers.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) service: &'a Service,
    pub(super) container: &'a Container,
    /// Why the container differs, where it does.
    pub(super) cause: Cause,
    /// What `up` would do about a difference that it can only mend by making the container anew.
    pub(super) after_up: AfterUp,
}

impl Pair<'_> {
    /// How to mend what only a new container mends.
    pub(super) fn remedy(&self) -> String {
        let name = self.name;
        match self.after_up {
            AfterUp::Heals => format!("apply it: docker compose up -d {name}"),
            _ => format!("make it anew: docker compose up -d --force-recreate {name}"),
        }
    }
}

impl<'a> Comparer<'a> {
    /// Compares every service with its containers, and looks for containers without a service.
    pub(super) fn services(&mut self) {
        let moved_from = self.moved_from();
        if let Some(old) = &moved_from {
            self.note(
                Finding::new(
                    Code::ProjectMoved,
                    Severity::Drift,
                    &self.expected.project,
                    format!("the project's services run as the project `{old}`"),
                )
                .field("project", self.expected.project.as_str(), old.as_str())
                .after_up(AfterUp::Fails)
                .help(format!("take the old project down first: docker compose -p {old} down (its volumes stay)")),
            );
        }
        let (expected, live) = (self.expected, self.live);
        for (name, service) in &expected.services {
            let containers = self.index.containers(name).to_vec();
            let is_in_the_way =
                self.taken_names(name, service, &containers) || moved_from.is_some();
            self.count(name, service, containers.len(), is_in_the_way);
            for container in containers {
                self.container(name, service, container);
            }
        }
        for container in &live.containers {
            self.without_a_service(container);
        }
    }

    /// Another project of the engine that runs this one's services, while this one has no
    /// container at all: what is left where a project is renamed.
    fn moved_from(&self) -> Option<String> {
        if !self.live.containers.is_empty() {
            return None;
        }
        // The services of the file that each other project runs, and whether it is from its files.
        let mut others: BTreeMap<&String, (BTreeSet<&String>, bool)> = BTreeMap::new();
        for container in &self.live.foreign {
            let Some(project) = &container.project else {
                continue;
            };
            let (resembling, is_from_these_files) = others.entry(project).or_default();
            let own = container.config_files.as_deref().unwrap_or_default();
            *is_from_these_files |= match &self.context.files {
                Some(files) => own.split(',').any(|file| files.contains(file)),
                None => true,
            };
            let service = container.service.as_ref();
            let service = service.and_then(|name| self.expected.services.get_key_value(name));
            if let Some((name, service)) = service
                && let Some(image) = &service.image
                && image_name(image) == image_name(&container.image)
            {
                resembling.insert(name);
            }
        }
        let others = others
            .into_iter()
            .filter(|(other, _)| !self.context.knows(other));
        others
            .filter(|(_, (_, is_from_these_files))| *is_from_these_files)
            .map(|(project, (resembling, _))| (resembling.len(), project))
            // From the same files, half of its services: some may have been added, dropped or moved
            // to another image since. Where nobody knows the files, all of them.
            .filter(|(count, _)| {
                let least = match &self.context.files {
                    Some(_) => self.expected.services.len().div_ceil(2),
                    None => self.expected.services.len(),
                };
                *count > 0 && *count >= least
            })
            .max_by_key(|(count, _)| *count)
            .map(|(_, project)| project.clone())
    }

    /// Notes containers of others that bear the names which the service's missing containers need;
    /// whether there are any.
    fn taken_names(&mut self, name: &str, service: &Service, containers: &[&Container]) -> bool {
        let mut is_taken = false;
        let lacking = usize::try_from(service.replicas).unwrap_or(usize::MAX);
        if containers.len() >= lacking {
            return false;
        }
        let numbers: HashSet<u32> = containers.iter().filter_map(|one| one.number).collect();
        for number in 1..=service.replicas.min(1000) {
            if numbers.contains(&number) {
                continue;
            }
            let wanted = self.container_names(name, service, number);
            let Some(thief) = self.index.foreign_of(&wanted) else {
                continue;
            };
            is_taken = true;
            self.note(
                Finding::new(
                    Code::NameTaken,
                    Severity::Drift,
                    name,
                    format!("service `{name}` cannot start: the name `{}` is taken by a container that is not the project's", thief.name),
                )
                .field("container_name", thief.name.as_str(), short_id(&thief.id))
                .cause(Cause::OutOfBand)
                .after_up(AfterUp::Fails)
                .help(format!("rename or remove it: docker rename {0} {0}-old", thief.name)),
            );
        }
        is_taken
    }

    /// The names that Compose may give to a container (docker/compose, `getContainerName`): with
    /// dashes, or in compatibility mode with underscores.
    fn container_names(&self, name: &str, service: &Service, number: u32) -> Vec<String> {
        if let Some(own) = &service.config.container_name {
            return vec![own.clone()];
        }
        let project = &self.expected.project;
        ["-", "_"]
            .map(|dash| format!("{project}{dash}{name}{dash}{number}"))
            .into()
    }

    fn count(&mut self, name: &str, service: &Service, count: usize, is_in_the_way: bool) {
        let replicas = usize::try_from(service.replicas).unwrap_or(usize::MAX);
        if count == replicas || self.cannot_tell("services", name, "replicas") {
            return;
        }
        let (code, message) = if count == 0 {
            (
                Code::ServiceMissing,
                format!("service `{name}` has no container"),
            )
        } else {
            let message =
                format!("service `{name}` has {count} containers, and was to have {replicas}");
            (Code::ServiceReplicas, message)
        };
        let after_up = if is_in_the_way {
            AfterUp::Fails
        } else {
            AfterUp::Heals
        };
        self.note(
            Finding::new(code, Severity::Drift, name, message)
                .field("replicas", service.replicas, count)
                .after_up(after_up),
        );
    }

    /// Compares a service with one of its containers.
    fn container(&mut self, name: &'a str, service: &'a Service, container: &'a Container) {
        let (now, then) = (&service.config.definition, &container.config.definition);
        let cause = self.cause(now.as_deref(), then.as_deref(), &container.created);
        let mut pair = Pair {
            name,
            service,
            container,
            cause,
            after_up: recreation(cause),
        };
        if self.is_made_anew(pair) {
            pair.after_up = AfterUp::Heals;
        }
        let before = self.findings.len();
        self.attachments(pair);
        self.ports(pair);
        self.mounts(pair);
        self.config(pair);
        self.image(pair);
        let is_explained = self.findings.len() > before;
        self.state(pair);
        self.name(pair);
        if cause == Cause::Unapplied && !is_explained {
            self.definition(pair);
        }
    }

    /// Whether Compose makes a container anew whose definition is the same, and so mends all of it
    /// (docker/compose, `mustRecreate`).
    fn is_made_anew(&self, pair: Pair<'_>) -> bool {
        let Pair {
            service, container, ..
        } = pair;
        // The name of the image stands for another one than when Compose made the container.
        let now = service.image.as_ref().and_then(|i| self.live.images.get(i));
        let then = container.made_of.as_ref();
        let has_new_image = now.zip(then).is_some_and(|(now, then)| !same_id(now, then));
        has_new_image
            || is_running(container) && self.has_lost_a_network(pair)
            || self.has_lost_a_volume(pair)
            || self.has_lost_its_parent(pair)
    }

    /// Something of the definition changed that is not compared: how its log is kept, say.
    fn definition(&mut self, pair: Pair<'_>) {
        let now = pair.service.config.definition.clone();
        let then = pair.container.config.definition.clone();
        if now.is_none() || then.is_none() {
            return;
        }
        self.note(
            Finding::new(
                Code::ServiceConfig,
                Severity::Notice,
                pair.name,
                format!("the definition of service `{}` changed since it was started, in something that is not compared", pair.name),
            )
            .field("definition", now, then)
            .cause(pair.cause)
            .after_up(AfterUp::Heals)
            .help("apply it: docker compose up -d"),
        );
    }

    fn image(&mut self, pair: Pair<'_>) {
        let pair = self.by_variables(pair, "image");
        let Pair {
            name,
            service,
            container,
            cause,
            after_up,
        } = pair;
        let Some(image) = &service.image else { return };
        if self.is_unset(&format!("services.{name}.image")) {
            return;
        }
        if image_name(image) != image_name(&container.image) && !same_id(image, &container.image_id)
        {
            self.note(
                Finding::new(
                    Code::ServiceImage,
                    Severity::Drift,
                    name,
                    format!("service `{name}` runs another image"),
                )
                .field("image", image.as_str(), container.image.as_str())
                .cause(cause)
                .after_up(after_up),
            );
            return;
        }
        let Some(id) = self.live.images.get(image) else {
            self.cannot_check(
                format!("whether service `{name}` runs the image that `{image}` names now"),
                "the engine has no image of this name any more",
            );
            return;
        };
        if !same_id(id, &container.image_id) {
            // A container that was made by hand may say that it is of the image of now.
            let remedy = pair.remedy();
            self.note(
                Finding::new(
                    Code::ServiceImage,
                    Severity::Drift,
                    name,
                    format!(
                        "service `{name}` runs an older image: `{image}` names another one by now"
                    ),
                )
                .field("image", id.as_str(), container.image_id.as_str())
                .cause(Cause::OutOfBand)
                .after_up(after_up)
                .help(remedy),
            );
        }
    }

    fn state(&mut self, pair: Pair<'_>) {
        let Pair {
            name,
            service,
            container,
            ..
        } = pair;
        // The health of a container that does not run is that of a time when it did.
        let is_unhealthy =
            is_running(container) && container.health.as_deref() == Some("unhealthy");
        if is_unhealthy || container.state == "restarting" {
            let (field, wanted, is) = if is_unhealthy {
                ("health", "healthy", "unhealthy")
            } else {
                ("state", "running", "restarting")
            };
            self.note(
                Finding::new(
                    Code::ServiceUnhealthy,
                    Severity::Notice,
                    name,
                    match self.one_of_many(pair) {
                        Some(one) => format!("{one} is {is}"),
                        None => format!("service `{name}` is {is}"),
                    },
                )
                .field(field, wanted, is)
                // Where another service waits for its health, `up` gives up.
                .after_up(
                    if is_unhealthy && self.index.is_waited_for(name, "service_healthy") {
                        AfterUp::Fails
                    } else {
                        AfterUp::Ignores
                    },
                )
                .help(format!("see what it says: docker logs {}", container.name)),
            );
            return;
        }
        if is_running(container) || self.has_done_its_work(name, container) {
            return;
        }
        let is_broken = service.networks.keys().any(|key| {
            let network = self.expected.networks.get(key);
            network.is_some_and(|network| self.index.network(&network.name).is_none())
        });
        // A container that is made anew is started on the networks of now.
        let is_broken =
            pair.after_up != AfterUp::Heals && (is_broken || self.is_on_a_gone_network(pair));
        let fails = container.state == "paused" || is_broken || self.is_port_taken(pair);
        // It is done once more, and may fail once more.
        let is_failed_work = container.exit_code != Some(0)
            && container.state == "exited"
            && pair.after_up != AfterUp::Heals
            && self.is_work(name);
        let state = if container.state.is_empty() {
            "unknown"
        } else {
            &container.state
        };
        self.note(
            Finding::new(
                Code::ServiceStopped,
                Severity::Drift,
                name,
                match self.one_of_many(pair) {
                    Some(one) => format!("{one} does not run: it is {state}"),
                    None => format!("service `{name}` does not run: its container is {state}"),
                },
            )
            .field("state", "running", state)
            .after_up(if fails {
                AfterUp::Fails
            } else if is_failed_work {
                AfterUp::Unknown
            } else {
                AfterUp::Heals
            })
            .help(match state {
                "paused" => format!("docker unpause {}", container.name),
                _ => format!("see why: docker logs {}", container.name),
            }),
        );
    }

    /// The words for a container that is not the only one of its service: the others may be well.
    pub(super) fn one_of_many(&self, pair: Pair<'_>) -> Option<String> {
        let own = self.index.containers(pair.name);
        let (name, container) = (pair.name, &pair.container.name);
        (own.len() > 1).then(|| format!("`{container}` of service `{name}`"))
    }

    /// Whether a container ended well, and others of the file wait for just that.
    fn has_done_its_work(&self, name: &str, container: &Container) -> bool {
        container.exit_code == Some(0) && container.state == "exited" && self.is_work(name)
    }

    /// Whether others of the file wait for the end of a service.
    fn is_work(&self, name: &str) -> bool {
        self.index
            .is_waited_for(name, "service_completed_successfully")
    }

    fn name(&mut self, pair: Pair<'_>) {
        let Pair {
            name,
            service,
            container,
            ..
        } = pair;
        let wanted = self.container_names(name, service, container.number.unwrap_or(1));
        // A container that Compose is just replacing bears its ID before its name.
        if wanted.contains(&container.name) {
            return;
        }
        self.note(
            Finding::new(
                Code::ServiceRenamed,
                Severity::Notice,
                name,
                format!(
                    "the container of service `{name}` is called `{}`",
                    container.name
                ),
            )
            .field("name", wanted.first().cloned(), container.name.as_str())
            .cause(Cause::OutOfBand)
            .help(format!(
                "docker rename {} {}",
                container.name,
                wanted.first().cloned().unwrap_or_default()
            )),
        );
    }

    fn without_a_service(&mut self, container: &Container) {
        let service = container.service.as_deref().unwrap_or(&container.name);
        let name = container.name.as_str();
        if container.is_oneoff {
            self.note(
                Finding::new(
                    Code::ServiceOneoff,
                    Severity::Notice,
                    service,
                    format!("`{name}` is left of a `docker compose run`"),
                )
                .field("containers", Value::Null, name)
                .help(format!("docker rm {name}")),
            );
        } else if !self.expected.services.contains_key(service)
            // Compose leaves alone what runs by a profile that is not asked for.
            && !self.expected.unused.services.contains(service)
        {
            self.note(
                Finding::new(
                    Code::ServiceOrphan,
                    Severity::Drift,
                    service,
                    format!("`{name}` is of the service `{service}`, which is not in the file"),
                )
                .field("containers", Value::Null, name)
                .help("docker compose up -d --remove-orphans"),
            );
        }
    }
}

/// Whether a container runs; of a paused one the engine says something else.
pub(super) fn is_running(container: &Container) -> bool {
    matches!(container.state.as_str(), "running" | "restarting")
}

/// Docker writes `sha256:` before the digest of an image, Podman does not.
pub(super) fn same_id(a: &str, b: &str) -> bool {
    let bare = |id: &'_ str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
    bare(a) == bare(b)
}

/// An ID as people see it.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
