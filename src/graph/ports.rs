//! Published ports: from where each can be reached, and several in a row as one.

use std::fmt::Write as _;
use std::net::IpAddr;

use ipnet::IpNet;

use super::input::shown;
use super::model::{Caller, Drift, Port, Zone};
use crate::state::{self, HostIp, PortRange, UnsetPort};

/// From where an address of a machine can be reached. `private` are those that the specs say are on private networks.
pub(crate) fn zone(address: Option<IpAddr>, private: &[IpAddr]) -> Zone {
    let Some(address) = address.map(|address| address.to_canonical()) else {
        return Zone::Internet;
    };
    let is_private = match address {
        _ if private.contains(&address) => true,
        IpAddr::V4(v4) => {
            // Shared address space (RFC 6598), which overlay networks such as Tailscale use.
            let is_shared = matches!(v4.octets(), [100, second, ..] if second & 0xC0 == 64);
            v4.is_private() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    if address.is_loopback() {
        Zone::Loopback
    } else if is_private {
        Zone::PrivateNetwork
    } else {
        Zone::Internet
    }
}

/// The addresses that a container can have on a network: of each family the one that is fixed, or those of the subnets.
pub(crate) fn addresses(
    fixed: [Option<IpAddr>; 2],
    subnets: impl IntoIterator<Item = IpNet>,
) -> Vec<IpNet> {
    let fixed = fixed.into_iter().flatten();
    let mut all: Vec<IpNet> = fixed.map(IpNet::from).collect();
    let has_fixed = [true, false].map(|is_v4| all.iter().any(|own| own.addr().is_ipv4() == is_v4));
    let [has_v4, has_v6] = has_fixed;
    let subnets = subnets.into_iter();
    all.extend(subnets.filter(|subnet| match subnet {
        IpNet::V4(_) => !has_v4,
        IpNet::V6(_) => !has_v6,
    }));
    all
}

/// A published port, and what of it differs on the live host.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) port: state::Port,
    pub(super) drift: Option<Drift>,
    pub(super) callers: Vec<Caller>,
}

impl Entry {
    /// A port of which nothing differs.
    pub(super) fn of(port: state::Port) -> Self {
        Self {
            port,
            drift: None,
            callers: Vec::new(),
        }
    }
}

/// Ports in a row: the first, and the numbers of the last.
struct Run {
    entry: Entry,
    last_published: Option<PortRange>,
    last_target: u16,
    /// Whether it is on every address of both families.
    is_everywhere: bool,
}

/// The ports in the order of their numbers. Those that differ only in consecutive numbers are one, and so
/// are those on every IPv4 and every IPv6 address.
pub(super) fn ports(
    mut entries: Vec<Entry>,
    default: Option<IpAddr>,
    zone_of: &dyn Fn(Option<IpAddr>) -> Zone,
) -> Vec<Port> {
    for entry in &mut entries {
        entry.port.host_ip = entry.port.host_ip.or(default);
    }
    let key = |port: &state::Port| {
        let family = port.host_ip.filter(|ip| !ip.is_unspecified());
        (
            family,
            port.protocol,
            port.published.map(PortRange::bounds),
            port.target,
            port.host_ip,
        )
    };
    entries.sort_by_key(|entry| key(&entry.port));
    let mut runs: Vec<Run> = Vec::new();
    for entry in entries {
        if let Some(run) = runs.last_mut()
            && run.takes(&entry)
        {
            continue;
        }
        runs.push(Run {
            last_published: entry.port.published,
            last_target: entry.port.target,
            is_everywhere: entry.port.host_ip.is_none(),
            entry,
        });
    }
    let mut ports: Vec<Port> = runs
        .into_iter()
        .map(|run| Port {
            reach: zone_of(run.entry.port.host_ip),
            from: run.from(),
            to: run.to(),
            drift: run.entry.drift,
            callers: run.entry.callers,
        })
        .collect();
    ports.sort_by_key(|port| port.reach);
    ports
}

impl Run {
    /// Whether a port continues the row; it is then a part of it.
    fn takes(&mut self, next: &Entry) -> bool {
        let (first, port) = (&self.entry.port, &next.port);
        let is_alike = first.protocol == port.protocol
            && self.entry.drift == next.drift
            && self.entry.callers == next.callers;
        if !is_alike {
            return false;
        }
        let is_same = port.published == self.last_published && port.target == self.last_target;
        if is_same && first.is_everywhere() && port.is_everywhere() {
            self.is_everywhere |= first.host_ip != port.host_ip;
            return true;
        }
        let last = state::Port {
            published: self.last_published,
            target: self.last_target,
            ..*first
        };
        if last.precedes(port) {
            self.last_published = port.published;
            self.last_target = port.target;
            return true;
        }
        false
    }

    fn from(&self) -> String {
        let published = match (self.entry.port.published, self.last_published) {
            (Some(first), Some(last)) => {
                let (from, _) = first.bounds();
                let (_, to) = last.bounds();
                PortRange::new(from, to).map_or_else(String::new, |range| range.to_string())
            }
            _ => "random".to_owned(),
        };
        let address = self.entry.port.host_ip;
        format!(
            "{}:{published}",
            at(address.filter(|_| !self.is_everywhere))
        )
    }

    fn to(&self) -> String {
        let first = self.entry.port.target;
        let mut text = first.to_string();
        if self.last_target != first {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "-{}", self.last_target);
        }
        self.entry.port.protocol.of(&text)
    }
}

/// A port that depends on a variable without a value. `default` is the address of ports without one, and `reach` is set
/// where the address does not decide it.
pub(super) fn unset(
    port: &UnsetPort,
    default: Option<IpAddr>,
    reach: Option<Zone>,
    private: &[IpAddr],
) -> Port {
    let (zone, address) = match &port.host_ip {
        HostIp::Known(own) => {
            let address = own.or(default);
            (zone(address, private), at(address))
        }
        HostIp::Unset(written) if written.is_empty() => (Zone::Unknown, "?".to_owned()),
        HostIp::Unset(written) => (Zone::Unknown, written.clone()),
    };
    let published = if port.published.is_empty() {
        "random"
    } else {
        &port.published
    };
    Port {
        reach: reach.unwrap_or(zone),
        from: shown(&format!("{address}:{published}")),
        to: shown(&port.protocol.of(&port.target)),
        callers: Vec::new(),
        drift: None,
    }
}

/// An address of the host in front of a port.
fn at(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Entry {
        Entry::of(text.parse().unwrap())
    }

    fn texts(ports_of: &[&str]) -> Vec<String> {
        let entries = ports_of.iter().map(|text| entry(text)).collect();
        let ports = ports(entries, None, &|address| zone(address, &[]));
        ports.iter().map(Port::text).collect()
    }

    #[test]
    fn an_address_says_from_where_it_is_reached() {
        let own = ["203.0.113.9".parse().unwrap()];
        let zone = |address: &str| zone(address.parse().ok(), &own);
        for (address, expected) in [
            ("", Zone::Internet),
            ("0.0.0.0", Zone::Internet),
            ("::", Zone::Internet),
            ("198.51.100.7", Zone::Internet),
            ("2001:db8::1", Zone::Internet),
            ("10.20.0.5", Zone::PrivateNetwork),
            ("172.31.0.1", Zone::PrivateNetwork),
            ("100.64.0.1", Zone::PrivateNetwork),
            ("100.128.0.1", Zone::Internet),
            ("169.254.1.1", Zone::PrivateNetwork),
            ("fd00::1", Zone::PrivateNetwork),
            ("203.0.113.9", Zone::PrivateNetwork),
            ("::ffff:10.0.0.1", Zone::PrivateNetwork),
            ("127.0.0.2", Zone::Loopback),
            ("::1", Zone::Loopback),
            ("::ffff:127.0.0.1", Zone::Loopback),
        ] {
            assert_eq!(zone(address), expected, "{address}");
        }
    }

    #[test]
    fn ports_in_a_row_are_one() {
        let row = texts(&["8001:81/tcp", "8000:80/tcp", "8002:82/tcp", "9000:80/tcp"]);
        assert_eq!(row, ["*:8000-8002 → 80-82", "*:9000 → 80"]);
        let apart = texts(&["127.0.0.1:53:53/udp", "127.0.0.1:53:53/tcp"]);
        assert_eq!(apart, ["127.0.0.1:53 → 53", "127.0.0.1:53 → 53/udp"]);
    }

    #[test]
    fn every_address_of_both_families_is_one() {
        let both = texts(&["[::]:80:80/tcp", "0.0.0.0:80:80/tcp"]);
        assert_eq!(both, ["*:80 → 80"]);
        assert_eq!(texts(&["0.0.0.0:80:80/tcp"]), ["0.0.0.0:80 → 80"]);
    }

    #[test]
    fn a_range_and_a_random_port_stay_what_they_are() {
        let some = texts(&["127.0.0.1:20000-24999:3000/tcp", "127.0.0.1::3000/tcp"]);
        assert_eq!(
            some,
            ["127.0.0.1:random → 3000", "127.0.0.1:20000-24999 → 3000"]
        );
    }
}
