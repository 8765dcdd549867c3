//! The ports of the host that the services of a file publish: of two with one port, the second cannot start.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use crate::state::{COMPLETED, Port, PortRange, Protocol, Service, State};

/// The services that others wait for until they have ended.
pub(super) fn ending(expected: &State) -> BTreeSet<&str> {
    let services = expected.services.values();
    let needed = services.flat_map(|service| &service.depends_on);
    needed
        .filter(|(_, condition)| *condition == COMPLETED)
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Single ports of the host, each with the addresses and services that have it.
#[derive(Debug, Default)]
pub(super) struct Published<'a> {
    held: HashMap<(u16, Protocol), Vec<Holder<'a>>>,
}

/// The address on which a port is published, and the service.
type Holder<'a> = (Option<IpAddr>, &'a str);

impl<'a> Published<'a> {
    /// Adds a port of a service. Of a range, the engine chooses one that is free.
    pub(super) fn add(&mut self, service: &'a str, port: &Port) {
        if let Some(number) = port.fixed() {
            let held = self.held.entry((number, port.protocol)).or_default();
            held.push((port.host_ip, service));
        }
    }

    /// Another service that has a port.
    pub(super) fn holder(&self, port: &Port, but: &str) -> Option<&'a str> {
        let held = self.held.get(&(port.fixed()?, port.protocol))?.iter();
        let mut others = held.filter(|(address, _)| meet(*address, port.host_ip));
        others
            .find(|(_, service)| *service != but)
            .map(|(_, service)| *service)
    }
}

/// A port that only one of several containers can publish.
pub(super) fn fixed(service: &Service, containers: usize) -> Option<String> {
    let is_fixed = |port: &&Port| {
        let range = port.published.map(PortRange::bounds);
        range.is_some_and(|(from, to)| usize::from(to - from) + 1 < containers)
    };
    let port = service.ports.iter().find(is_fixed)?;
    Some(format!(
        "port `{port}` can be published by one container, and the service has {containers}"
    ))
}

/// Whether one port cannot be bound to both addresses; without one, it is bound to all.
fn meet(a: Option<IpAddr>, b: Option<IpAddr>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return true;
    };
    a == b || a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified())
}
