//! Subnets that overlap on one machine.

use std::collections::HashMap;

use ipnet::IpNet;

use super::nested::Nested;
use crate::compose::At;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "subnet-overlap",
    severity: Severity::Error,
    title: "Networks on one machine do not overlap",
    why: "An engine refuses the second of two networks that overlap, so one of them does not start.",
    bad: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", networks: [n] }
            networks: { n: { ipam: { config: [{ subnet: 10.1.0.0/16 }] } } }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", networks: [n] }
            networks: { n: { ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }
        "#,
    },
    good: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", networks: [n] }
            networks: { n: { ipam: { config: [{ subnet: 10.1.1.0/24 }] } } }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", networks: [n] }
            networks: { n: { ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }
        "#,
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// A network's name on the engine, its subnet, and where that is written.
type Network = (String, String, Place);

/// The subnets of a file.
fn subnets(deployed: &Deployed<'_>) -> Vec<Network> {
    let mut found = Vec::new();
    let specified: HashMap<&str, &Place> = deployed
        .of
        .map(|(_, host)| host.networks.iter())
        .into_iter()
        .flatten()
        .filter_map(|(key, network)| Some((key.as_str(), &network.subnet.as_ref()?.place)))
        .collect();
    for network in deployed.file.networks() {
        let config = network.at.dig(&["ipam", "config"]);
        for item in config.into_iter().flat_map(At::items) {
            let Some(at) = item.get("subnet") else {
                continue;
            };
            let Some(subnet) = at.text() else { continue };
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

/// The networks that contain a network, from all addresses of its family down to itself.
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
                Found::new(name, message, place)
                    .label("expected its own subnet")
                    .related(other_place, "the other one")
                    .belonging(second)
                    .belonging(first),
            );
        }
        known.add(path(network), name, at);
    }
    found
}

/// Machines whose addresses are in a subnet: what its containers send there stays in the network.
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
                "containers on `{name}` ({subnet}) cannot reach machine `{machine}` ({})",
                address.value
            );
            found.push(
                Found::new(name, message, place)
                    .label("expected a subnet without a machine in it")
                    .related(&address.place, "the machine's address")
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
