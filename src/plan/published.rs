//! The ports of the host that the services of a file publish: of two with one port, the second cannot start.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Outcome;
use super::planner::Planner;
use crate::state::{Network, Port, PortRange, Protocol, Service};

/// Single ports of the host, each with the addresses and services that have it.
#[derive(Debug, Default)]
pub(super) struct Published<'a> {
    held: HashMap<(u16, Protocol), Vec<Holder<'a>>>,
}

/// The address on which a port is published, and the service.
type Holder<'a> = (Option<IpAddr>, &'a str);

impl<'a> Published<'a> {
    /// Adds a port of a service. Of a range, the engine chooses one that is free.
    fn add(&mut self, service: &'a str, port: &Port) {
        if let Some(number) = only(port) {
            let held = self.held.entry((number, port.protocol)).or_default();
            held.push((port.host_ip, service));
        }
    }

    /// Another service that has a port.
    fn holder(&self, port: &Port, but: &str) -> Option<&'a str> {
        let held = self.held.get(&(only(port)?, port.protocol))?.iter();
        let mut others = held.filter(|(address, _)| meet(*address, port.host_ip));
        others
            .find(|(_, service)| *service != but)
            .map(|(_, service)| *service)
    }
}

impl<'a> Planner<'a> {
    /// Notes what the containers that stay publish.
    pub(super) fn note_published(&mut self) {
        for (name, service) in &self.input.expected.services {
            if !self.publishes(service) {
                continue;
            }
            for container in self.containers(name) {
                let stays = self.plan.container(&container.id) == Outcome::Kept;
                if stays && self.is_running(container) {
                    for bound in &container.bound {
                        self.published.add(name, &bound.as_port());
                    }
                }
            }
        }
    }

    /// Notes what a service publishes once it is started.
    pub(super) fn publish(&mut self, name: &'a str, service: &'a Service) {
        if self.publishes(service) {
            for port in &service.ports {
                self.published.add(name, port);
            }
        }
    }

    /// Why a service cannot publish its ports beside the other services of the file.
    pub(super) fn published_twice(&self, name: &str) -> Option<String> {
        let service = self
            .service(name)
            .filter(|service| self.publishes(service))?;
        service.ports.iter().find_map(|port| {
            let other = self.published.holder(port, name)?;
            Some(format!(
                "port `{port}` is published by service `{other}` as well"
            ))
        })
    }

    /// Whether ports of a service are published: not on internal networks alone.
    fn publishes(&self, service: &Service) -> bool {
        let networks = &self.input.expected.networks;
        let is_internal = |key: &String| networks.get(key).is_some_and(Network::is_internal);
        let are_internal = !service.networks.is_empty() && service.networks.keys().all(is_internal);
        service.network_mode.is_none() && !are_internal
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

/// The number of a port on the host, if it is fixed.
fn only(port: &Port) -> Option<u16> {
    let (from, to) = port.published?.bounds();
    (from == to).then_some(from)
}

/// Whether one port cannot be bound to both addresses; without one, it is bound to all.
fn meet(a: Option<IpAddr>, b: Option<IpAddr>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return true;
    };
    a == b || a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified())
}
