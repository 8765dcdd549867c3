//! The project's services: whether each has its containers, and which containers have no service.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::difference::Difference;
use super::names::short_id;
use super::states::States;
use crate::finding::{Code, Severity};
use crate::state::{Bound, Container, Service, image_name};

/// Whether every service has its containers, under the names that they need.
pub(super) fn services(states: &States<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    differences.extend(moved(states));
    for (name, service) in &states.expected.services {
        let containers = states.index.containers(name);
        differences.extend(names_taken(name, service, containers, states));
        differences.extend(replicas(name, service, containers.len(), states));
    }
    let own = states.live.containers.iter();
    differences.extend(own.filter_map(|container| without_service(container, states)));
    differences
}

fn moved(states: &States<'_>) -> Option<Difference> {
    let old = moved_from(states)?;
    let project = &*states.expected.project;
    let message = format!("the project's services run under the project name `{old}`");
    Some(
        Difference::new(Code::ProjectMoved, project, message)
            .values("project", project, old)
            .at(&["project"]),
    )
}

/// Another project of the engine that runs this one's services, while this one has no container at
/// all: what is left where a project is renamed.
pub(super) fn moved_from<'a>(states: &States<'a>) -> Option<&'a str> {
    if !states.live.containers.is_empty() {
        return None;
    }
    let files = states.context.files.as_ref();
    // The services of the file that each other project runs, and whether it is from its files.
    let mut others: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for container in &states.live.foreign {
        let Some(project) = container.project.as_deref() else {
            continue;
        };
        if states.context.knows(project) {
            continue;
        }
        let (resembling, is_from_these_files) = others.entry(project).or_default();
        let own = container.config_files.as_deref().unwrap_or_default();
        *is_from_these_files |=
            files.is_none_or(|files| own.split(',').any(|file| files.contains(file)));
        let service = container.service.as_ref();
        if let Some((name, service)) =
            service.and_then(|name| states.expected.services.get_key_value(name))
            && let Some(image) = &service.image
            && image_name(image) == image_name(&container.image)
        {
            resembling.insert(name);
        }
    }
    // From the same files, half of its services: some may have been added, dropped or moved to
    // another image since. Where the files are not known, all of them.
    let least = match files {
        Some(_) => states.expected.services.len().div_ceil(2),
        None => states.expected.services.len(),
    };
    others
        .into_iter()
        .filter(|(_, (_, is_from_these_files))| *is_from_these_files)
        .map(|(project, (resembling, _))| (resembling.len(), project))
        .filter(|(count, _)| *count > 0 && *count >= least)
        .max_by_key(|(count, _)| *count)
        .map(|(_, project)| project)
}

/// Containers of others with the names that the service's missing containers need.
fn names_taken(
    name: &str,
    service: &Service,
    containers: &[&Container],
    states: &States<'_>,
) -> Vec<Difference> {
    if containers.len() >= replicas_of(service) {
        return Vec::new();
    }
    let numbers: HashSet<u32> = containers.iter().filter_map(|one| one.number).collect();
    let missing = (1..=service.replicas.min(1000)).filter(|number| !numbers.contains(number));
    missing
        .filter_map(|number| {
            let wanted = service.container_names(&states.expected.project, name, number);
            states.index.foreign_of(&wanted)
        })
        .map(|conflicting| {
            let taken = &*conflicting.name;
            let whose = if conflicting.is_unlisted {
                "a container that Compose does not find"
            } else {
                "a container outside the project"
            };
            let message = format!("service `{name}` cannot start: {whose} has the name `{taken}`");
            Difference::new(Code::NameTaken, name, message)
                .values("container_name", taken, short_id(&conflicting.id))
                .container(taken)
                .by_hand()
                .at(&["services", name, "container_name"])
        })
        .collect()
}

fn replicas(
    name: &str,
    service: &Service,
    count: usize,
    states: &States<'_>,
) -> Option<Difference> {
    if count == replicas_of(service) || states.is_unset("services", name, "replicas") {
        return None;
    }
    let expected = service.replicas;
    let replicas = if expected == 1 { "replica" } else { "replicas" };
    let (code, message) = match count {
        0 => (
            Code::ServiceMissing,
            format!("service `{name}` has no container"),
        ),
        1 => (
            Code::ServiceReplicas,
            format!("service `{name}` has 1 container; expected {expected} {replicas}"),
        ),
        _ => (
            Code::ServiceReplicas,
            format!("service `{name}` has {count} containers; expected {expected} {replicas}"),
        ),
    };
    Some(
        Difference::new(code, name, message)
            .values("replicas", expected, count)
            .at(&["services", name, "replicas"]),
    )
}

/// How many containers a service is to have.
pub(super) fn replicas_of(service: &Service) -> usize {
    usize::try_from(service.replicas).unwrap_or(usize::MAX)
}

fn without_service(container: &Container, states: &States<'_>) -> Option<Difference> {
    let service = container.service.as_deref().unwrap_or(&container.name);
    let name = container.name.as_str();
    let difference = if container.is_unlisted {
        let message = format!(
            "container `{name}` has the labels of service `{service}` without `com.docker.compose.config-hash`, so Compose does not find it"
        );
        Difference::new(Code::ServiceOrphan, service, message).by_hand()
    } else if container.is_oneoff {
        let message = format!("`{name}` is a leftover one-off container of `docker compose run`");
        Difference::new(Code::ServiceOneoff, service, message).severity(Severity::Notice)
    } else if states.expected.services.contains_key(service) {
        return None;
    } else if states.expected.unused.services.contains(service) {
        if !container.is_running() {
            return None;
        }
        let is_open = |bound: &Bound| !bound.host_ip.is_loopback();
        let message = format!(
            "container `{name}` of service `{service}` runs, but no profile of the service is enabled"
        );
        Difference::new(Code::ServiceProfile, service, message)
            .exposure_if(container.bound.iter().any(is_open))
    } else {
        let message = format!(
            "container `{name}` belongs to service `{service}`, which is not in the Compose file"
        );
        Difference::new(Code::ServiceOrphan, service, message)
    };
    Some(
        difference
            .values("containers", Value::Null, name)
            .container(name)
            .at(&["services", service, "containers"]),
    )
}
