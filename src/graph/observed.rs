//! What really runs of a service on a live host, whatever was found about it: a finding may be suppressed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::state::{
    Bound, CONTAINER, Container, MountKind, Port, SERVICE, Stack, State, described,
    is_port_of_nodes, port_of_stack, scoped_name,
};

/// What is there of a service.
pub(super) struct There<'a> {
    /// Its image.
    pub(super) image: Option<&'a str>,
    /// How many containers or tasks it has.
    pub(super) replicas: usize,
    /// What it has instead of networks of its own, in the words of a Compose file.
    pub(super) mode: Option<String>,
    /// The names on the engine of the networks that it is attached to.
    pub(super) networks: BTreeSet<&'a str>,
    /// What it mounts.
    mounts: Vec<Mounted<'a>>,
    /// The ports that are published now; nothing while it does not run.
    pub(super) bound: Option<Vec<Bound>>,
}

/// What is mounted, and where.
struct Mounted<'a> {
    kind: MountKind,
    target: &'a str,
    source: &'a str,
}

impl<'a> There<'a> {
    /// What is there of a service; nothing where it is not there, or where that is not known.
    pub(super) fn of(observed: Option<&'a State>, service: &str) -> Option<Self> {
        Self::with(observed, service, Container::serves)
    }

    /// What runs of a service that is not in the file, with the containers that do not count as its own.
    pub(super) fn of_orphan(observed: Option<&'a State>, service: &str) -> Option<Self> {
        Self::with(observed, service, |container| container.service.as_deref())
    }

    fn with(
        observed: Option<&'a State>,
        service: &str,
        service_of: fn(&Container) -> Option<&str>,
    ) -> Option<Self> {
        let observed = observed?;
        if let Some(stack) = &observed.stack {
            return Self::of_stack(stack, &observed.project, service);
        }
        let all = &observed.live.as_ref()?.containers;
        let is_own = |container: &&Container| service_of(container) == Some(service);
        Self::of_containers(&all.iter().filter(is_own).collect::<Vec<_>>(), all)
    }

    fn of_containers(own: &[&'a Container], all: &[Container]) -> Option<Self> {
        let first = own.first()?;
        let mounts = own.iter().flat_map(|one| &one.mounts).filter_map(|mount| {
            let source = mount.source.as_deref()?;
            let (kind, target) = (mount.kind, mount.target.as_str());
            Some(Mounted {
                kind,
                target,
                source,
            })
        });
        let networks = own.iter().flat_map(|one| one.networks.keys());
        let bound = || own.iter().flat_map(|one| one.bound.iter().copied());
        Some(Self {
            image: Some(&first.image),
            replicas: own.len(),
            mode: mode(own, all),
            networks: networks.map(String::as_str).collect(),
            mounts: mounts.collect(),
            bound: own
                .iter()
                .any(|one| one.is_running())
                .then(|| bound().collect()),
        })
    }

    fn of_stack(stack: &'a Stack, project: &str, service: &str) -> Option<Self> {
        let is = stack.services.get(service)?;
        let live = stack.live.as_ref();
        let running = live.and_then(|live| live.running.get(service));
        let tasks = running.map_or(0, |running| running.running);
        // The container of a task publishes its ports before it is healthy.
        let is_up = tasks > 0 || running.is_some_and(|running| running.starting.is_some());
        let whole = |path| {
            is.fields
                .map(path)
                .iter()
                .filter(|(key, _)| !key.contains(','))
        };
        let networks: BTreeSet<&str> = whole("networks").map(|(name, _)| name.as_str()).collect();
        let mounts = whole("volumes").filter_map(|(target, what)| {
            let (kind, source) = described(what.as_ref()?.revealed())?;
            Some(Mounted {
                kind,
                target,
                source: source?,
            })
        });
        let chosen = live.and_then(|live| live.ports.get(&scoped_name(project, service)));
        let ports = is
            .fields
            .list("ports")
            .iter()
            .chain(chosen.into_iter().flatten());
        Some(Self {
            image: is.image.as_deref(),
            replicas: usize::try_from(tasks).unwrap_or(usize::MAX),
            mode: networks.contains("host").then(|| "host".to_owned()),
            networks,
            mounts: mounts.collect(),
            bound: Some(ports.filter_map(|port| on_nodes(port, is_up)).collect()),
        })
    }

    /// The sources of what it mounts of a kind, but for what is below a place.
    pub(super) fn sources(
        &self,
        kind: MountKind,
        except: &'static str,
    ) -> impl Iterator<Item = &'a str> {
        self.mounts
            .iter()
            .filter(move |mount| mount.kind == kind && !mount.target.starts_with(except))
            .map(|mount| mount.source)
    }
}

/// The ports that containers and services of others publish on a live host. A manager does not say whether tasks of others
/// run.
pub(super) fn published_by_others(observed: Option<&State>) -> BTreeMap<&str, Vec<Bound>> {
    let of_swarm = observed
        .and_then(|state| state.stack.as_ref()?.live.as_ref())
        .into_iter()
        .flat_map(|live| &live.ports)
        .map(|(name, ports)| {
            let ports = ports.iter().filter_map(|port| on_nodes(port, true));
            (name.as_str(), ports.collect())
        });
    let live = observed.and_then(|state| state.live.as_ref());
    let containers = live
        .into_iter()
        .flat_map(|live| &live.foreign)
        .map(|one| (one.name.as_str(), one.bound.clone()));
    of_swarm.chain(containers).collect()
}

/// A port of a service of a stack, which every node publishes; or the nodes of its tasks alone, while they run.
fn on_nodes(port: &str, runs: bool) -> Option<Bound> {
    if is_port_of_nodes(port) && !runs {
        return None;
    }
    let port = port_of_stack(port)?;
    Some(Bound {
        target: port.target,
        protocol: port.protocol,
        host_ip: Ipv4Addr::UNSPECIFIED.into(),
        published: port.published?.bounds().0,
    })
}

/// What containers have instead of networks of their own.
fn mode(own: &[&Container], all: &[Container]) -> Option<String> {
    let modes: BTreeSet<&str> = own
        .iter()
        .filter_map(|container| container.network_mode.as_deref())
        .collect();
    // That of the host reaches furthest.
    let mode = modes.get("host").or_else(|| modes.first())?;
    let shared = mode.strip_prefix(CONTAINER);
    let of = shared.and_then(|id| all.iter().find(|one| one.id == id || one.name == id));
    let service = of.and_then(|container| container.service.as_deref());
    Some(service.map_or_else(
        || (*mode).to_owned(),
        |service| format!("{SERVICE}{service}"),
    ))
}

/// Whether a published port is one that a file asks for.
pub(super) fn covers(port: &Port, bound: &Bound) -> bool {
    let is_published = port.published.is_none_or(|range| {
        let (first, last) = range.bounds();
        (first..=last).contains(&bound.published)
    });
    port.target == bound.target
        && port.protocol == bound.protocol
        && port.host_ip.is_none_or(|address| address == bound.host_ip)
        && is_published
}
