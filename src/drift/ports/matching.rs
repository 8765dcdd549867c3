//! Matching the ports that are expected with those that are there.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::state::{Port, PortRange, Protocol};

/// How two sets of ports differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    pub(super) missing: Vec<Port>,
    pub(super) extra: Vec<Port>,
    /// What is expected, and what is there instead.
    pub(super) changed: Vec<(Port, Port)>,
}

/// Pairs what is expected with what is there. `defaults` are the addresses that ports without one
/// may be bound to.
pub(super) fn matched(expected: &[Port], observed: &[Port], defaults: &[IpAddr]) -> Matched {
    let mut left = Left::of(observed);
    let mut unmet: Vec<Port> = Vec::new();
    // Those that leave the least to choose take theirs first.
    let mut expected: Vec<&Port> = expected.iter().collect();
    expected.sort_by_key(|port| {
        (
            port.published.map_or(u32::MAX, PortRange::count),
            port.host_ip.is_none(),
        )
    });
    for wanted in expected {
        let fits = |port: &Port| {
            same_service(wanted, port)
                && is_at_address(wanted, port, defaults)
                && is_in_range(wanted, port)
        };
        let at = match exactly(wanted, defaults) {
            Some(keys) => left.first_of(&keys),
            None => left.first_of_service(wanted, fits),
        };
        let Some(found) = at.and_then(|at| left.take(at)) else {
            unmet.push(*wanted);
            continue;
        };
        remove_twin(&mut left, wanted, &found);
    }
    let mut matched = Matched::default();
    for wanted in unmet {
        let at = left
            .first_of_service(&wanted, |port| is_in_range(&wanted, port))
            .or_else(|| left.first_of_service(&wanted, |_| true))
            .or_else(|| left.first_of_number(&wanted));
        let Some(found) = at.and_then(|at| left.take(at)) else {
            matched.missing.push(wanted);
            continue;
        };
        remove_twin(
            &mut left,
            &Port {
                host_ip: None,
                ..wanted
            },
            &found,
        );
        matched.changed.push((wanted, found));
    }
    matched.extra = without_twins(left.rest());
    matched
}

/// What a port is looked for by where it has one address and one number.
type Exact = (u16, Protocol, Option<IpAddr>, Option<(u16, u16)>);

fn exact(port: &Port) -> Exact {
    let published = port.published.map(PortRange::bounds);
    (port.target, port.protocol, port.host_ip, published)
}

/// The ports that fit one with a single number on the host; nothing where there may be any number.
fn exactly(wanted: &Port, defaults: &[IpAddr]) -> Option<Vec<Exact>> {
    let (first, last) = wanted.published?.bounds();
    let addresses = match wanted.host_ip {
        Some(address) => vec![Some(address)],
        None => [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
            .into_iter()
            .chain(defaults.iter().copied())
            .map(Some)
            .chain([None])
            .collect(),
    };
    let at = |host_ip| exact(&Port { host_ip, ..*wanted });
    (first == last).then(|| addresses.into_iter().map(at).collect())
}

/// The ports that are not paired yet, by what they are looked for by.
struct Left {
    ports: Vec<Option<Port>>,
    exact: HashMap<Exact, VecDeque<usize>>,
    services: HashMap<(u16, Protocol), VecDeque<usize>>,
    numbers: HashMap<(Protocol, (u16, u16)), VecDeque<usize>>,
}

impl Left {
    fn of(observed: &[Port]) -> Self {
        let mut left = Self {
            ports: observed.iter().copied().map(Some).collect(),
            exact: HashMap::new(),
            services: HashMap::new(),
            numbers: HashMap::new(),
        };
        for (at, port) in observed.iter().enumerate() {
            left.exact.entry(exact(port)).or_default().push_back(at);
            let service = (port.target, port.protocol);
            left.services.entry(service).or_default().push_back(at);
            if let Some(published) = port.published {
                let number = (port.protocol, published.bounds());
                left.numbers.entry(number).or_default().push_back(at);
            }
        }
        left
    }

    fn take(&mut self, at: usize) -> Option<Port> {
        self.ports.get_mut(at)?.take()
    }

    /// The first one of these.
    fn first_of(&mut self, keys: &[Exact]) -> Option<usize> {
        let ports = &self.ports;
        keys.iter()
            .filter_map(|key| first(ports, self.exact.get_mut(key)?))
            .min()
    }

    /// The first one of a port of the container that fits.
    fn first_of_service(&mut self, port: &Port, fits: impl Fn(&Port) -> bool) -> Option<usize> {
        let known = self.services.get_mut(&(port.target, port.protocol))?;
        first(&self.ports, known)?;
        known.iter().copied().find(|at| {
            self.ports
                .get(*at)
                .is_some_and(|port| port.as_ref().is_some_and(&fits))
        })
    }

    /// The first one with the same number on the host.
    fn first_of_number(&mut self, port: &Port) -> Option<usize> {
        let number = (port.protocol, port.published?.bounds());
        first(&self.ports, self.numbers.get_mut(&number)?)
    }

    fn rest(self) -> Vec<Port> {
        self.ports.into_iter().flatten().collect()
    }
}

/// The first of some ports that is left; those before it are not looked at again.
fn first(ports: &[Option<Port>], known: &mut VecDeque<usize>) -> Option<usize> {
    while let Some(at) = known.front().copied() {
        if ports.get(at).is_some_and(Option::is_some) {
            return Some(at);
        }
        known.pop_front();
    }
    None
}

/// A port without an address is bound once per family; with the port left to the engine, the two
/// may even differ in it.
fn remove_twin(left: &mut Left, wanted: &Port, found: &Port) {
    if wanted.host_ip.is_some() || !found.is_everywhere() {
        return;
    }
    let is_other_family = |ip: &IpAddr| found.host_ip.map(|ip| ip.is_ipv4()) != Some(ip.is_ipv4());
    let others: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    let others = others.into_iter().filter(is_other_family);
    let at = if wanted.published.is_some() {
        let keys = others.map(|ip| {
            exact(&Port {
                host_ip: Some(ip),
                ..*found
            })
        });
        left.first_of(&keys.collect::<Vec<_>>())
    } else {
        let others: Vec<IpAddr> = others.collect();
        left.first_of_service(found, |port| {
            port.host_ip.is_some_and(|ip| others.contains(&ip))
        })
    };
    at.and_then(|at| left.take(at));
}

/// One entry for what is bound once per family.
fn without_twins(mut ports: Vec<Port>) -> Vec<Port> {
    ports.sort();
    let mut seen = HashSet::new();
    ports.retain(|port| {
        let everywhere = port.host_ip.is_some_and(|ip| ip.is_unspecified());
        let (target, protocol, _, published) = exact(port);
        !everywhere || seen.insert((target, protocol, published))
    });
    ports
}

fn same_service(a: &Port, b: &Port) -> bool {
    a.target == b.target && a.protocol == b.protocol
}

pub(super) fn is_at_address(wanted: &Port, is: &Port, defaults: &[IpAddr]) -> bool {
    match wanted.host_ip {
        Some(address) => is.host_ip == Some(address),
        None => is
            .host_ip
            .is_none_or(|ip| ip.is_unspecified() || defaults.contains(&ip)),
    }
}

pub(super) fn is_in_range(wanted: &Port, is: &Port) -> bool {
    let Some(wanted) = wanted.published else {
        return true;
    };
    // What is only configured may still be a range.
    is.published.is_some_and(|is| {
        let ((from, to), (first, last)) = (wanted.bounds(), is.bounds());
        from <= first && last <= to
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Matched, matched};
    use crate::state::{Port, PortRange, Protocol};

    fn port(ip: &str, published: &str, target: u16) -> Port {
        Port {
            target,
            protocol: Protocol::Tcp,
            host_ip: (!ip.is_empty()).then(|| ip.parse().unwrap()),
            published: published.parse().ok(),
        }
    }

    fn differ(expected: &[Port], observed: &[Port]) -> Matched {
        matched(expected, observed, &[])
    }

    #[test]
    fn what_an_engine_fills_in_is_not_a_difference() {
        let (v4, v6) = ("0.0.0.0", "::");
        for (expected, observed) in [
            (
                vec![port("", "80", 80)],
                vec![port(v4, "80", 80), port(v6, "80", 80)],
            ),
            (vec![port("", "80", 80)], vec![port(v4, "80", 80)]),
            (vec![port(v4, "80", 80)], vec![port(v4, "80", 80)]),
            (
                vec![port("", "", 80)],
                vec![port(v4, "32768", 80), port(v6, "32769", 80)],
            ),
            (
                vec![port("127.0.0.1", "", 80)],
                vec![port("127.0.0.1", "32768", 80)],
            ),
            (
                vec![port("", "28095-28099", 80)],
                vec![port(v4, "28097", 80), port(v6, "28097", 80)],
            ),
            (
                vec![port("", "28095-28099", 80), port("", "28095", 80)],
                vec![port(v4, "28095", 80), port(v4, "28096", 80)],
            ),
        ] {
            assert_eq!(differ(&expected, &observed), Matched::default());
        }
    }

    #[test]
    fn every_address_is_not_every_ipv4_address() {
        let found = differ(
            &[port("0.0.0.0", "80", 80)],
            &[port("0.0.0.0", "80", 80), port("::", "80", 80)],
        );
        assert_eq!(found.extra, [port("::", "80", 80)]);
    }

    #[test]
    fn a_port_moved_is_one_change() {
        let loopback = port("127.0.0.1", "8080", 80);
        let open = port("0.0.0.0", "8080", 80);
        let found = differ(&[loopback], &[open, port("::", "8080", 80)]);
        assert_eq!(found.changed, [(loopback, open)]);
        assert!(found.missing.is_empty() && found.extra.is_empty());
        let found = differ(&[loopback], &[]);
        assert_eq!(found.missing, [loopback]);
        let found = differ(&[], &[open, port("::", "8080", 80)]);
        assert_eq!(found.extra, [open]);
    }

    fn any_port() -> impl Strategy<Value = Port> {
        let address = prop_oneof![
            Just(""),
            Just("127.0.0.1"),
            Just("0.0.0.0"),
            Just("10.0.0.5")
        ];
        (address, 1_u16..200, 0_u16..3, 1_u16..20).prop_map(|(ip, first, more, target)| Port {
            published: PortRange::new(first, first + more),
            ..port(ip, "", target)
        })
    }

    proptest! {
        /// What an engine makes of a file is not a difference to the file, in whatever order it is
        /// told; and one port fewer is one missing.
        #[test]
        fn what_is_as_expected_does_not_differ(ports in prop::collection::vec(any_port(), 0..8), seed in 0_usize..7) {
            let mut ports = ports;
            ports.sort();
            ports.dedup_by_key(|port| (port.target, port.protocol));
            let mut bound: Vec<Port> = ports
                .iter()
                .flat_map(|port| {
                    let published = port.published.and_then(|range| PortRange::one(range.bounds().1));
                    let at = |ip: &str| Port { host_ip: Some(ip.parse().unwrap()), published, ..*port };
                    match port.host_ip {
                        Some(_) => vec![Port { published, ..*port }],
                        None => vec![at("0.0.0.0"), at("::")],
                    }
                })
                .collect();
            let middle = if bound.is_empty() { 0 } else { seed % bound.len() };
            bound.rotate_left(middle);
            prop_assert_eq!(differ(&ports, &bound), Matched::default());
            if let Some(gone) = ports.first() {
                bound.retain(|port| port.target != gone.target);
                let found = differ(&ports, &bound);
                prop_assert!(found.missing.contains(gone) || !found.changed.is_empty());
            }
        }
    }
}
