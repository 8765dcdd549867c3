//! What really runs of a service on a live host, whatever was found about it: a finding may be suppressed.

use std::collections::BTreeSet;

use crate::state::{Bound, Container, MountKind, Port, State};

/// The containers of a service.
pub(super) struct There<'a> {
    own: Vec<&'a Container>,
    all: &'a [Container],
}

impl<'a> There<'a> {
    /// Those of a service; nothing where there are none, or where that is not known.
    pub(super) fn of(observed: Option<&'a State>, service: &str) -> Option<Self> {
        let all = observed?.live.as_ref()?.containers.as_slice();
        let is_own = |container: &&Container| container.serves() == Some(service);
        let own: Vec<_> = all.iter().filter(is_own).collect();
        (!own.is_empty()).then_some(Self { own, all })
    }

    /// What they have instead of networks of their own, in the words of a Compose file.
    pub(super) fn mode(&self) -> Option<String> {
        let modes = self.own.iter();
        let modes: BTreeSet<&str> = modes
            .filter_map(|container| container.network_mode.as_deref())
            .collect();
        // That of the host reaches furthest.
        let mode = modes.get("host").or_else(|| modes.first())?;
        let shared = mode.strip_prefix(crate::state::CONTAINER);
        let of = shared.and_then(|id| self.all.iter().find(|one| one.id == id || one.name == id));
        let service = of.and_then(|container| container.service.as_deref());
        Some(service.map_or_else(
            || (*mode).to_owned(),
            |service| format!("service:{service}"),
        ))
    }

    /// The names on the engine of the networks that they are attached to.
    pub(super) fn networks(&self) -> BTreeSet<&'a str> {
        let networks = self.own.iter().flat_map(|one| one.networks.keys());
        networks.map(String::as_str).collect()
    }

    /// The sources of what they mount of a kind, but for what is below a place; with the directory on the host that
    /// Compose was started in.
    pub(super) fn sources(
        &self,
        kind: MountKind,
        except: &'static str,
    ) -> impl Iterator<Item = &'a str> {
        let mounts = self.own.iter().flat_map(|one| &one.mounts);
        mounts
            .filter(move |mount| mount.kind == kind && !mount.target.starts_with(except))
            .filter_map(|mount| mount.source.as_deref())
    }

    /// Whether one of them runs: only then its ports are published.
    pub(super) fn is_running(&self) -> bool {
        self.own.iter().any(|one| one.is_running())
    }

    /// The ports that are published now.
    pub(super) fn bound(&self) -> impl Iterator<Item = &'a Bound> {
        self.own.iter().flat_map(|one| &one.bound)
    }
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
