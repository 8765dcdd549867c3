//! Containers of others that touch the project, or conflict with it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::attachments::is_of_a_gone_network;
use super::difference::Difference;
use super::names::short_id;
use super::services::replicas_of;
use super::states::States;
use crate::finding::{Code, Severity};
use crate::plan::Taken;
use crate::state::{Container, Mount, MountKind, Port, PortRange, Service};

/// Looks at every container that does not belong to the project.
pub(super) fn foreign(states: &States<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    for container in &states.live.foreign {
        differences.extend(on_own_networks(container, states));
        differences.extend(on_own_volumes(container, states));
        differences.extend(published(container, states));
    }
    for (name, service) in &states.expected.services {
        if states.index.running(name) < replicas_of(service) {
            differences.extend(taken_ports(name, service, states));
        }
    }
    differences
}

fn of(container: &Container, code: Code, message: String) -> Difference {
    Difference::new(code, &container.name, message)
        .container(&container.name)
        .by_hand()
}

fn on_own_networks(container: &Container, states: &States<'_>) -> Vec<Difference> {
    let name = container.name.as_str();
    let keys: BTreeSet<&str> = container
        .networks
        .iter()
        // It may be attached to another network of the same name.
        .filter(|(network, attached)| !is_of_a_gone_network(network, attached, states))
        .flat_map(|(network, _)| states.index.network_keys(network))
        .copied()
        .collect();
    // To share an external network is what it is for, and one of a stack is that of its tasks.
    let is_own = |key: &&str| {
        let network = states.expected.networks.get(*key);
        network.is_some_and(|network| {
            let is = states.index.network(&network.name);
            !network.external && is.is_none_or(|is| is.stack().is_none())
        })
    };
    keys.into_iter()
        .filter(is_own)
        .map(|key| {
            let through = match container.joined() {
                Some(id) => {
                    let other = states.index.container(id);
                    let other = other.map_or(short_id(id), |other| &other.name);
                    format!("shares the network of container `{other}`, which is attached")
                }
                None => "is attached".to_owned(),
            };
            let message = format!(
                "`{name}`{} {through} to network `{key}` of this project",
                whose(container)
            );
            of(container, Code::NetworkForeign, message)
                .severity(while_it_runs(container))
                .values("networks", Value::Null, key)
                .at(&["foreign", name, "networks", key])
        })
        .collect()
}

fn on_own_volumes(container: &Container, states: &States<'_>) -> Vec<Difference> {
    let name = container.name.as_str();
    let mut found: BTreeMap<&str, &Mount> = BTreeMap::new();
    for mount in &container.mounts {
        if let (MountKind::Volume, Some(volume)) = (mount.kind, &mount.source) {
            for key in states.index.volume_keys(volume) {
                found.entry(key).or_insert(mount);
            }
        }
    }
    let is_own = |key: &str| {
        let volume = states.expected.volumes.get(key);
        volume.is_some_and(|volume| !volume.external)
    };
    found
        .into_iter()
        .filter(|(key, _)| is_own(key))
        .map(|(key, mount)| {
            let how = match (container.is_running(), mount.is_read_only()) {
                (true, true) => "reads",
                (true, false) => "reads and writes",
                (false, true) => "is not running, but can read",
                (false, false) => "is not running, but can read and write",
            };
            let message = format!(
                "`{name}`{} {how} volume `{key}` of this project",
                whose(container)
            );
            of(container, Code::VolumeForeign, message)
                .severity(while_it_runs(container))
                .values("mounts", Value::Null, key)
                .at(&["foreign", name, "mounts", key])
        })
        .collect()
}

fn published(container: &Container, states: &States<'_>) -> Vec<Difference> {
    let project = container.project.as_ref();
    if project.is_some_and(|project| states.context.knows(project)) {
        return Vec::new();
    }
    let name = container.name.as_str();
    let severity = if states.context.is_exclusive {
        Severity::Exposure
    } else {
        Severity::Notice
    };
    let mut seen = HashSet::new();
    let mut differences = Vec::new();
    for bound in &container.bound {
        if bound.host_ip.is_loopback() {
            continue;
        }
        // Every IPv4 and every IPv6 address are one port to a person.
        let is_new = seen.insert((bound.published, bound.target, bound.protocol));
        if !is_new && bound.host_ip.is_unspecified() {
            continue;
        }
        let port = bound.as_port().to_string();
        let message = format!(
            "`{name}`{} publishes `{port}` on this host",
            whose(container)
        );
        differences.push(
            of(container, Code::PortForeign, message)
                .severity(severity)
                .at(&["foreign", name, "ports", &port])
                .values("ports", Value::Null, port),
        );
    }
    differences
}

/// Ports of a service that does not run and that another container holds.
fn taken_ports(name: &str, service: &Service, states: &States<'_>) -> Vec<Difference> {
    let ports = service.ports.iter();
    ports
        .filter_map(|port| {
            let conflicting = conflicting(port, states)?;
            let (port, holder) = (port.to_string(), conflicting.name.as_str());
            let message = format!(
                "service `{name}` cannot start: `{holder}`{} already publishes `{port}`",
                whose(conflicting)
            );
            Some(
                Difference::new(Code::PortTaken, name, message)
                    .container(holder)
                    .by_hand()
                    .at(&["services", name, "ports", &port])
                    .values("ports", port, holder),
            )
        })
        .collect()
}

/// The ports of a service that are held by containers outside of the file's services.
pub(super) fn holders(service: &Service, states: &States<'_>) -> Vec<Taken> {
    service
        .ports
        .iter()
        .filter_map(|port| {
            let holder = conflicting(port, states)?.name.clone();
            let port = port.to_string();
            Some(Taken { port, holder })
        })
        .collect()
}

fn conflicting<'a>(port: &Port, states: &States<'a>) -> Option<&'a Container> {
    let (from, to) = port.published.map(PortRange::bounds)?;
    (from == to).then(|| states.index.conflicting.holder(port, from, None))?
}

/// What does not run touches nothing until it does.
fn while_it_runs(container: &Container) -> Severity {
    if container.is_alive() {
        Severity::Exposure
    } else {
        Severity::Notice
    }
}

fn whose(container: &Container) -> String {
    match &container.project {
        Some(project) => format!(" (of the project `{project}`)"),
        None => String::new(),
    }
}
