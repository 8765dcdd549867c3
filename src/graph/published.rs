//! From where a service can be reached: the ports that it publishes, and the addresses that it has.

use std::ops::Bound;

use ipnet::IpNet;

use super::build::Builder;
use super::input::shown;
use super::model::{Drift, DriftKind, Port, Zone};
use super::observed::{There, covers};
use super::overlay::OverlayKey;
use super::ports::{Entry, addresses, ports, unset, zone};
use super::routes::callers;
use crate::state::{self, Exposed, PortRange};

impl<'a> Builder<'a> {
    /// The ports of a service, and the addresses at which others reach it.
    pub(super) fn ports(
        &self,
        name: &str,
        service: &state::Service,
        mode: Option<&str>,
        there: Option<&There<'_>>,
    ) -> Vec<Port> {
        if mode == Some("host") {
            return vec![Port {
                reach: Zone::Internet,
                from: "*:any".to_owned(),
                to: "any".to_owned(),
                callers: Vec::new(),
                drift: None,
            }];
        }
        let networks: Vec<&state::Network> = service
            .networks
            .keys()
            .filter_map(|key| self.input.expected.networks.get(key))
            .collect();
        // A swarm publishes every port on all addresses of its nodes, by a network of its own.
        let mut published = service.ports.clone();
        if self.is_stack() {
            for port in &mut published {
                port.host_ip = None;
            }
        }
        let mut entries = self.overlay.ports(OverlayKey::service(name), &published);
        let cannot_publish =
            |network: &&state::Network| network.is_internal() || network.is_of_interface();
        let is_within = !networks.is_empty() && networks.iter().all(cannot_publish);
        let of_nodes = self.ports_of_nodes(name);
        let has_unset_network = self.has_unset_network(name, there);
        let is_shut = |port: &state::Port| {
            if has_unset_network {
                false
            } else if self.is_stack() {
                is_within && of_nodes.contains(port)
            } else {
                is_within || mode.is_some_and(|mode| !state::is_default_network(mode))
            }
        };
        let bound = there.and_then(|there| there.bound.as_deref());
        for bound in bound.into_iter().flatten() {
            if !entries.iter().any(|entry| covers(&entry.port, bound)) {
                entries.push(Entry::of(bound.as_port()));
            }
        }
        for entry in &mut entries {
            entry.callers = self
                .input
                .spec
                .map_or_else(Vec::new, |spec| callers(spec, &entry.port));
        }
        let (open, shut): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| {
            // What is bound on the live host is published, whatever the file says, and nothing else is.
            if let Some(bound) = bound {
                let is_bound = bound.iter().any(|bound| covers(&entry.port, bound));
                return is_bound && !(self.is_stack() && is_shut(&entry.port));
            }
            let extra = |drift: &Drift| drift.change == DriftKind::Extra;
            !is_shut(&entry.port) || entry.drift.as_ref().is_some_and(extra)
        });
        let default = networks
            .iter()
            .find_map(|network| network.port_address())
            .filter(|_| !self.is_stack());
        let of_address = |address| match zone(address, &self.private) {
            Zone::Internet | Zone::PrivateNetwork if has_unset_network => Zone::Unknown,
            zone => zone,
        };
        let mut all = ports(open, default, &of_address);
        all.extend(ports(shut, default, &|_| Zone::Nowhere));
        // On a live host, what is bound is known.
        if bound.is_none() {
            let is_shut = is_within || mode.is_some_and(|mode| !state::is_default_network(mode));
            let reach = if has_unset_network {
                Some(Zone::Unknown)
            } else {
                (is_shut && !self.is_stack()).then_some(Zone::Nowhere)
            };
            let unset_ports = service.unset_ports.iter();
            all.extend(unset_ports.map(|port| unset(port, default, reach, &self.private)));
        }
        all.extend(self.own_addresses(service));
        all.sort_by_key(|port| port.reach);
        all
    }

    /// The ports of what is not a service of the file, with from where each is reached. A swarm publishes them on every
    /// address.
    pub(super) fn zoned(&self, mut entries: Vec<Entry>) -> Vec<Port> {
        if self.is_stack() {
            for entry in &mut entries {
                entry.port.host_ip = None;
            }
        }
        ports(entries, None, &|address| zone(address, &self.private))
    }

    /// The ports of a service of a stack that its containers publish, and not the swarm: no internal network lets them.
    fn ports_of_nodes(&self, service: &str) -> Vec<state::Port> {
        let stack = self.input.expected.stack.as_ref();
        let service = stack.and_then(|stack| stack.services.get(service));
        let ports = service.map_or(&[][..], |service| service.fields.list("ports"));
        ports
            .iter()
            .filter(|port| state::is_port_of_nodes(port))
            .filter_map(|port| state::port_of_stack(port))
            .collect()
    }

    /// Whether a variable without a value decides what a service is attached to.
    pub(super) fn has_unset_network(&self, service: &str, there: Option<&There<'_>>) -> bool {
        let unset = &self.input.expected.unset;
        if there.is_some() || unset.is_empty() {
            return false;
        }
        let is_mode = || unset.contains_key(&format!("services.{service}.network_mode"));
        let networks = format!("services.{service}.networks");
        let from = unset.range::<str, _>((Bound::Included(networks.as_str()), Bound::Unbounded));
        let is_network = |(path, _): (&String, _)| {
            let rest = path.strip_prefix(&networks);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        // `networks` itself is first, and `[` comes after `.`, below which are options.
        !self.is_stack() && is_mode()
            || from
                .take_while(|(path, _)| path.starts_with(&networks))
                .any(is_network)
    }

    /// A network of the file as it is on the live host, where it is there.
    fn network(&self, key: &str) -> Option<&'a state::Network> {
        let expected = self.input.expected.networks.get(key)?;
        let there = self
            .observed
            .map(|state| &state.networks)
            .into_iter()
            .flatten()
            .find(|(_, network)| network.name == expected.name);
        Some(there.map_or(expected, |(_, network)| network))
    }

    /// What of a service other machines reach at its own addresses, past all published ports.
    fn own_addresses(&self, service: &state::Service) -> Vec<Port> {
        let mut own = Vec::new();
        for (key, attachment) in &service.networks {
            let network = self.network(key);
            let Some((network, exposed)) = network.and_then(|one| Some((one, one.exposed()?)))
            else {
                continue;
            };
            let fixed = ["ipv4_address", "ipv6_address"];
            let fixed = fixed.map(|family| attachment.fields.text(family)?.parse().ok());
            let subnets = network.fields.list("ipam.config.subnet").iter();
            let subnets = subnets.filter_map(|subnet| subnet.parse().ok());
            let known = addresses(fixed, subnets).into_iter();
            let mut places: Vec<(Zone, String)> = known
                .map(|own| (zone(Some(own.addr()), &self.private), text_of(own)))
                .collect();
            if places.is_empty() {
                places.push((Zone::PrivateNetwork, shown(key)));
            }
            for (reach, at) in places {
                own.extend(at_own_address(service, exposed, reach, &at));
            }
        }
        own
    }
}

/// An address, or a subnet, in front of a port.
fn text_of(own: IpNet) -> String {
    let is_alone = own.prefix_len() == own.max_prefix_len();
    match own {
        IpNet::V6(own) if is_alone => format!("[{}]", own.addr()),
        IpNet::V6(own) => format!("[{own}]"),
        IpNet::V4(own) if is_alone => own.addr().to_string(),
        IpNet::V4(own) => own.to_string(),
    }
}

/// What of a service other machines reach at an address of its own.
fn at_own_address(service: &state::Service, exposed: Exposed, reach: Zone, at: &str) -> Vec<Port> {
    let port = |number: String, to: String| Port {
        reach,
        from: format!("{at}:{number}"),
        to,
        callers: Vec::new(),
        drift: None,
    };
    if exposed == Exposed::All {
        return vec![port("any".to_owned(), "any".to_owned())];
    }
    let entries = service.ports.iter().map(|port| {
        Entry::of(state::Port {
            host_ip: None,
            published: PortRange::one(port.target),
            ..*port
        })
    });
    let rows = ports(entries.collect(), None, &|_| reach);
    let known = rows.into_iter().map(|row| {
        let number = row.from.trim_start_matches("*:").to_owned();
        port(number, row.to)
    });
    let unset = service.unset_ports.iter();
    let unset = unset.map(|unset| port(shown(&unset.target), shown(&unset.target)));
    known.chain(unset).collect()
}
