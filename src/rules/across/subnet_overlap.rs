//! Subnets that overlap on one machine.

use std::net::IpAddr;

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{items, text};
use crate::rules::{Deployed, Found, Subject};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "subnet-overlap",
    severity: Severity::Error,
    title: "Two networks of one machine have no address in common",
    why: "An engine refuses the second of two networks that overlap, so one of them does not start.",
    origin: "",
    bad: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: 10.1.0.0/16 }] } } }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\n",
    ]),
    good: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: 10.1.1.0/24 }] } } }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\n",
    ]),
    check: Check::Across(check),
};

/// A network's name on the engine, its subnet, and where that is written.
type Network = (String, String, Place);

/// The subnets of a file.
fn subnets(deployed: &Deployed<'_>) -> Vec<Network> {
    let mut found = Vec::new();
    for network in deployed.file.networks() {
        let ipam = network.at.as_ref().and_then(|at| at.get("ipam"));
        let config = ipam.and_then(|ipam| ipam.get("config"));
        for item in config.map(|at| items(&at)).unwrap_or_default() {
            let Some(at) = item.get("subnet") else {
                continue;
            };
            let Some(subnet) = text(&at) else { continue };
            let declared = deployed.of.and_then(|(_, host)| {
                let mut networks = host.networks.iter();
                let own = networks.find(|(key, _)| key.as_str() == network.key)?;
                Some(own.1.subnet.as_ref()?.place.clone())
            });
            found.push((
                network.name.clone(),
                subnet,
                declared.unwrap_or_else(|| at.place()),
            ));
        }
    }
    found
}

/// The first bits of an address that two networks have in common decide whether they overlap.
fn overlap(a: &str, b: &str) -> bool {
    let read = |text: &str| -> Option<(IpAddr, u32)> {
        let (address, length) = text.split_once('/')?;
        Some((address.parse().ok()?, length.parse().ok()?))
    };
    let (Some((a, a_length)), Some((b, b_length))) = (read(a), read(b)) else {
        return false;
    };
    let length = a_length.min(b_length);
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            (a.to_bits() & mask) == (b.to_bits() & mask)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let mask = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            (a.to_bits() & mask) == (b.to_bits() & mask)
        }
        _ => false,
    }
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let all: Vec<_> = subject
        .deployed
        .iter()
        .flat_map(|deployed| {
            subnets(deployed)
                .into_iter()
                .map(move |one| (deployed, one))
        })
        .collect();
    let mut found = hidden(subject, &all);
    for (at, (second, (name, subnet, place))) in all.iter().enumerate() {
        for (first, (other_name, other, other_place)) in all.iter().take(at) {
            if first.machine() != second.machine() || name == other_name || !overlap(subnet, other)
            {
                continue;
            }
            let message = format!("`{name}` ({subnet}) and `{other_name}` ({other}) overlap");
            found.push(
                Found::new(name.as_str(), message, place.clone())
                    .label("expected a subnet of its own")
                    .related(other_place.clone(), "the other one")
                    .belonging(second)
                    .belonging(first),
            );
        }
    }
    found
}

/// Addresses of machines that a network hides: what its containers send there stays in it.
fn hidden(subject: &Subject<'_>, all: &[(&Deployed<'_>, Network)]) -> Vec<Found> {
    let machines = subject.catalog.iter().flat_map(|catalog| &catalog.machines);
    let addresses: Vec<_> = machines
        .flat_map(|(name, machine)| machine.addresses.values().map(move |one| (name, one)))
        .collect();
    let mut found = Vec::new();
    for (deployed, (name, subnet, place)) in all {
        for (machine, address) in &addresses {
            let length = if address.value.is_ipv4() { 32 } else { 128 };
            if !overlap(subnet, &format!("{}/{length}", address.value)) {
                continue;
            }
            let message = format!(
                "`{name}` ({subnet}) hides machine `{machine}` ({}) from its containers",
                address.value
            );
            found.push(
                Found::new(name.as_str(), message, place.clone())
                    .label("expected a subnet that no machine is in")
                    .related(address.place.clone(), "the machine's address")
                    .belonging(deployed),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn networks_overlap_where_one_holds_the_other() {
        assert!(overlap("10.0.0.0/8", "10.1.0.0/16"));
        assert!(overlap("0.0.0.0/0", "192.168.0.0/24"));
        assert!(overlap("fd00::/8", "fd01::/64"));
        assert!(!overlap("10.0.0.0/24", "10.0.1.0/24"));
        assert!(!overlap("10.0.0.0/8", "fd00::/8"));
    }
}
