//! Subnets that overlap on one machine.

use std::collections::HashMap;

use ipnet::IpNet;

use super::nested::Nested;
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
    let specified = deployed.of.map(|(_, host)| host.networks.iter());
    let specified = specified.into_iter().flatten();
    let specified: HashMap<&str, &Place> = specified
        .filter_map(|(key, network)| Some((key.as_str(), &network.subnet.as_ref()?.place)))
        .collect();
    for network in deployed.file.networks() {
        let ipam = network.at.as_ref().and_then(|at| at.get("ipam"));
        let config = ipam.and_then(|ipam| ipam.get("config"));
        for item in config.map(|at| items(&at)).unwrap_or_default() {
            let Some(at) = item.get("subnet") else {
                continue;
            };
            let Some(subnet) = text(&at) else { continue };
            let declared = specified.get(network.key.as_str()).copied().cloned();
            found.push((
                network.name.clone(),
                subnet,
                declared.unwrap_or_else(|| at.place()),
            ));
        }
    }
    found
}

/// The networks that a network lies in, from the whole of its family down to itself.
fn path(network: IpNet) -> impl Iterator<Item = IpNet> {
    (0..=network.prefix_len())
        .filter_map(move |length| IpNet::new(network.addr(), length).ok())
        .map(|above| above.trunc())
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
    let mut machines: HashMap<&str, Nested<IpNet, &str>> = HashMap::new();
    for (at, (second, (name, subnet, place))) in all.iter().enumerate() {
        let Ok(network) = subnet.parse() else {
            continue;
        };
        let known = machines.entry(second.machine()).or_default();
        let touching = known.touching(path(network), |other| other != name);
        for (first, (other_name, other, other_place)) in
            touching.into_iter().filter_map(|at| all.get(at))
        {
            let message = format!("`{name}` ({subnet}) and `{other_name}` ({other}) overlap");
            found.push(
                Found::new(name.as_str(), message, place.clone())
                    .label("expected a subnet of its own")
                    .related(other_place.clone(), "the other one")
                    .belonging(second)
                    .belonging(first),
            );
        }
        known.add(path(network), name, at);
    }
    found
}

/// Addresses of machines that a network hides: what its containers send there stays in it.
fn hidden(subject: &Subject<'_>, all: &[(&Deployed<'_>, Network)]) -> Vec<Found> {
    let machines = subject.catalog.iter().flat_map(|catalog| &catalog.machines);
    let addresses: Vec<_> = machines
        .flat_map(|(name, machine)| machine.addresses.values().map(move |one| (name, one)))
        .collect();
    let mut known: Nested<IpNet, usize> = Nested::default();
    for (at, (_, address)) in addresses.iter().enumerate() {
        known.add(path(address.value.into()), at, at);
    }
    let mut found = Vec::new();
    for (deployed, (name, subnet, place)) in all {
        let Ok(network) = subnet.parse() else {
            continue;
        };
        let hidden = known.touching(path(network), |_| true);
        for (machine, address) in hidden.into_iter().filter_map(|at| addresses.get(at)) {
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
    use super::super::nested::Nested;
    use super::path;

    #[test]
    fn networks_overlap_where_one_holds_the_other() {
        let overlap = |a: &str, b: &str| {
            let mut known = Nested::default();
            known.add(path(a.parse().unwrap()), 0, 0);
            !known
                .touching(path(b.parse().unwrap()), |_| true)
                .is_empty()
        };
        assert!(overlap("10.0.0.0/8", "10.1.0.0/16"));
        assert!(overlap("10.1.0.0/16", "10.0.0.0/8"));
        assert!(overlap("0.0.0.0/0", "192.168.0.0/24"));
        assert!(overlap("fd00::/8", "fd01::/64"));
        assert!(!overlap("10.0.0.0/24", "10.0.1.0/24"));
        assert!(!overlap("10.0.0.0/8", "fd00::/8"));
        assert!(!overlap("::/0", "0.0.0.0/0"));
    }
}
