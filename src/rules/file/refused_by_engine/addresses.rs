//! Addresses: those of networks, and those that services have on them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use ipnet::IpNet;

use super::bad;
use crate::compose::{At, Service};
use crate::rules::prelude::*;

/// What the engine would refuse of a network that is not external.
pub(super) fn of_network(key: &str, network: At<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for config in configs(network) {
        for at in [config.get("subnet"), config.get("ip_range")] {
            found.extend(bad(at, is_subnet).map(|(text, at)| not_a_subnet(key, &text, at)));
        }
        for at in config.get("gateway").into_iter().chain(aux(config)) {
            let malformed = bad(Some(at), is_address);
            found.extend(malformed.map(|(text, at)| not_an_address(key, &text, at)));
        }
        if let Some(pool) = Pool::read(config) {
            found.extend(pool.refused(key, network));
        }
        if config.get("subnet").is_none() && has_default_ipam(network) {
            let message = format!("an entry in `ipam.config` of `{key}` has no subnet");
            let missing = Found::new(key, message, config.place());
            found.push(missing.label("expected a `subnet`"));
        }
    }
    found.extend(second_subnet(key, network));
    found
}

/// What the engine would refuse of the addresses that services have on their networks.
pub(super) fn of_services(deployed: &Deployed<'_>) -> Vec<Found> {
    let networks: HashMap<&str, At<'_>> = deployed.file.entries("networks").collect();
    let mut found = Vec::new();
    let mut taken: HashMap<(&str, IpAddr), Fixed<'_>> = HashMap::new();
    let running = deployed.file.services();
    for service in running.filter(|service| service.replicas() > 0) {
        for (key, attached) in service.networks() {
            let local = attached.get("link_local_ips");
            let local = local.into_iter().flat_map(At::items);
            let malformed = local.filter_map(|at| bad(Some(at), is_address));
            found.extend(malformed.map(|(text, at)| not_an_address(service.name, &text, at)));
            for field in ["ipv4_address", "ipv6_address"] {
                let parsed = |text: &str| text.parse::<IpAddr>().ok();
                let is_v4 = field == "ipv4_address";
                let is_good = |text: &str| parsed(text).is_some_and(|one| one.is_ipv4() == is_v4);
                if let Some((text, at)) = bad(attached.get(field), is_good) {
                    let message = format!("`{text}` is not an {} address", family(is_v4));
                    found.push(Found::new(service.name, message, at.place()));
                    continue;
                }
                let at = attached.get(field).filter(At::is_known);
                let fixed = at.and_then(|at| {
                    let address = parsed(&at.text()?)?;
                    Some(Fixed {
                        service,
                        address,
                        at,
                    })
                });
                let Some(fixed) = fixed else { continue };
                let network = networks
                    .get(key)
                    .filter(|network| !network.is_on("external"));
                found.extend(network.and_then(|network| fixed.refused_on(key, *network)));
                match taken.entry((key, fixed.address)) {
                    Entry::Vacant(free) => {
                        free.insert(fixed);
                    }
                    Entry::Occupied(first) => found.extend(fixed.taken_by(first.get(), key)),
                }
            }
        }
    }
    found
}

/// An address that a service always has.
struct Fixed<'a> {
    service: Service<'a>,
    address: IpAddr,
    at: At<'a>,
}

impl Fixed<'_> {
    fn found(&self, message: String) -> Found {
        Found::new(self.service.name, message, self.at.place())
    }

    /// What is wrong with it, if another service has it as well.
    fn taken_by(&self, first: &Self, key: &str) -> Option<Found> {
        let (name, other) = (self.service.name, first.service.name);
        let message = format!("`{other}` and `{name}` have the same address on `{key}`");
        let found = self.found(message).label("expected its own address");
        let found = found.related(first.at.place(), "the other one");
        (!first.service.replaces(self.service)).then_some(found)
    }

    /// What is wrong with it on a network (moby, `api/types/network`, `EndpointIPAMConfig`).
    fn refused_on(&self, key: &str, network: At<'_>) -> Option<Found> {
        if !has_default_ipam(network) {
            return None;
        }
        let address = self.address;
        // A subnet that is not known may be the one.
        let pools: Option<Vec<Pool<'_>>> = configs(network).map(Pool::read).collect();
        let mut pools = pools?;
        pools.retain(|pool| pool.is_v4() == address.is_ipv4());
        if pools.is_empty() {
            let family = family(address.is_ipv4());
            let message = format!("`{key}` has no {family} subnet of its own for `{address}`");
            let help = format!("give `{key}` a subnet in `ipam.config`, or remove the address");
            return Some(self.found(message).help(help));
        }
        let Some(pool) = pools.iter().find(|pool| pool.subnet.contains(&address)) else {
            let message = format!("`{address}` is in no subnet of `{key}`");
            let subnets: Vec<String> = pools
                .iter()
                .map(|pool| pool.subnet.trunc().to_string())
                .collect();
            let label = format!("expected an address in {}", subnets.join(" or "));
            return Some(self.found(message).label(label));
        };
        if let Some(whose) = pool.reserved(network, address) {
            let message = format!("`{address}` is {whose} of `{key}`");
            return Some(self.found(message).label("expected another address"));
        }
        let replicas = self.service.replicas();
        let name = self.service.name;
        let message = format!("{replicas} containers of `{name}` cannot have the same address");
        let found = self.found(message).label("expected no fixed address");
        (replicas > 1).then_some(found)
    }
}

/// The second of two IPv4 subnets, which the driver `bridge` refuses (moby, `libnetwork/drivers/bridge`).
fn second_subnet(key: &str, network: At<'_>) -> Option<Found> {
    if !is_bridge(network) {
        return None;
    }
    let mut pools = configs(network).filter_map(Pool::read).filter(Pool::is_v4);
    let (first, second) = (pools.next()?, pools.next()?);
    let message = format!("`{key}` has two IPv4 subnets, and the driver `bridge` supports one");
    let found = Found::new(key, message, second.at.place()).label("expected a single IPv4 subnet");
    Some(found.related(first.at.place(), "the first one"))
}

/// A subnet in `ipam.config`.
struct Pool<'a> {
    subnet: IpNet,
    at: At<'a>,
    config: At<'a>,
}

impl<'a> Pool<'a> {
    /// A subnet that is known and valid.
    fn read(config: At<'a>) -> Option<Self> {
        let at = config.get("subnet").filter(At::is_known)?;
        let subnet = at.text()?.parse().ok()?;
        Some(Self { subnet, at, config })
    }

    fn is_v4(&self) -> bool {
        self.subnet.addr().is_ipv4()
    }

    /// What does not fit into it, or is written in another way than the engine has it (moby, `api/types/network`, `ValidateIPAM`).
    fn refused(&self, key: &str, network: At<'_>) -> Vec<Found> {
        let subnet = self.subnet.trunc();
        // Docker looks at no other one.
        let is_used = self.is_v4() || network.is_on("enable_ipv6");
        if !is_used || !has_default_ipam(network) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let not_cut = |text: &IpNet, at: At<'_>| {
            let message = format!("`{text}` is an address in a subnet, not the subnet itself");
            let label = format!("expected {}", text.trunc());
            Found::new(key, message, at.place()).label(label)
        };
        if self.subnet != subnet {
            found.push(not_cut(&self.subnet, self.at));
        }
        if let Some((range, at)) = self.parsed::<IpNet>("ip_range") {
            if !subnet.contains(&range) {
                found.push(outside(key, &range.to_string(), subnet, at));
            } else if range != range.trunc() {
                found.push(not_cut(&range, at));
            }
        }
        let addresses = self
            .config
            .get("gateway")
            .into_iter()
            .chain(aux(self.config));
        for at in addresses.filter(At::is_known) {
            let address = at.text().and_then(|text| text.parse::<IpAddr>().ok());
            if let Some(address) = address.filter(|address| !subnet.contains(address)) {
                found.push(outside(key, &address.to_string(), subnet, at));
            }
        }
        found
    }

    fn parsed<T: std::str::FromStr>(&self, key: &str) -> Option<(T, At<'a>)> {
        let at = self.config.get(key).filter(At::is_known)?;
        Some((at.text()?.parse().ok()?, at))
    }

    /// Whose address it is, if no container can have it.
    fn reserved(&self, network: At<'_>, address: IpAddr) -> Option<&'static str> {
        let gateway = match self.config.get("gateway") {
            Some(_) => self.parsed::<IpAddr>("gateway").map(|(gateway, _)| gateway),
            // The engine chooses the first one, except with a range; other drivers may have none.
            None if may_have_gateway(network) && self.config.get("ip_range").is_none() => {
                let mut hosts = self.subnet.trunc().hosts();
                hosts.find(|host| *host != self.subnet.network())
            }
            None => None,
        };
        let is_pair = self.subnet.max_prefix_len() - self.subnet.prefix_len() < 2;
        if gateway == Some(address) && !(is_pair && self.config.get("gateway").is_none()) {
            Some("the address of the gateway")
        } else if !is_pair && self.is_v4() && address == self.subnet.network() {
            Some("the address of the subnet itself")
        } else if !is_pair && self.is_v4() && address == self.subnet.broadcast() {
            Some("the broadcast address")
        } else if aux(self.config)
            .any(|at| at.text().and_then(|text| text.parse().ok()) == Some(address))
        {
            Some("one of the `aux_addresses`")
        } else {
            None
        }
    }
}

fn configs(network: At<'_>) -> impl Iterator<Item = At<'_>> {
    network
        .dig(&["ipam", "config"])
        .into_iter()
        .flat_map(At::items)
}

fn aux(config: At<'_>) -> impl Iterator<Item = At<'_>> {
    let hosts = config
        .get("aux_addresses")
        .into_iter()
        .flat_map(At::entries);
    hosts.map(|(_, at)| at)
}

/// Whether the driver of a network is that of the engine for one machine.
fn is_bridge(network: At<'_>) -> bool {
    is_one_of(network.get("driver"), "bridge")
}

/// Whether the engine gives a network a gateway without being told to: options may prevent that (moby, `libnetwork/drivers/bridge`,
/// `GetSkipGwAlloc`).
fn may_have_gateway(network: At<'_>) -> bool {
    let options = ["gateway_mode_ipv4", "gateway_mode_ipv6", "inhibit_ipv4"];
    let mut options = options
        .iter()
        .map(|name| format!("com.docker.network.bridge.{name}"));
    is_bridge(network) && !options.any(|name| network.driver_option(&name).is_some())
}

/// Whether the engine assigns the addresses of a network.
fn has_default_ipam(network: At<'_>) -> bool {
    is_one_of(network.dig(&["ipam", "driver"]), "default")
}

/// Whether a name is missing, empty or this one.
fn is_one_of(at: Option<At<'_>>, name: &str) -> bool {
    let text = at.filter(|at| !at.is_null()).map(|at| at.text());
    text.is_none_or(|text| text.is_some_and(|text| text.is_empty() || text == name))
}

fn outside(key: &str, text: &str, subnet: IpNet, at: At<'_>) -> Found {
    let message = format!("`{text}` is not in the subnet {subnet}");
    let what = if text.contains('/') {
        "a part of"
    } else {
        "an address in"
    };
    Found::new(key, message, at.place()).label(format!("expected {what} {subnet}"))
}

pub(super) fn not_an_address(what: &str, text: &str, at: At<'_>) -> Found {
    let message = format!("`{text}` is not an address");
    Found::new(what, message, at.place()).label("expected an IP address such as 10.0.0.9")
}

fn not_a_subnet(what: &str, text: &str, at: At<'_>) -> Found {
    let message = format!("`{text}` is not a subnet");
    Found::new(what, message, at.place()).label("expected a subnet such as 10.0.0.0/24")
}

fn family(is_v4: bool) -> &'static str {
    if is_v4 { "IPv4" } else { "IPv6" }
}

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_subnet(text: &str) -> bool {
    text.parse::<IpNet>().is_ok()
}
