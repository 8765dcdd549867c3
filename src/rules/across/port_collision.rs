//! Ports of a machine that are published twice.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use super::ledger::Ledger;
use crate::compose::{Address, HostPort, Port, Service};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::state::{PortRange, Protocol, unspecified};

pub(super) static RULE: Rule = Rule {
    code: "port-taken",
    severity: Severity::Error,
    title: "A port of a machine is published once",
    why: "Compose does not detect the conflict, and the second container fails to start.",
    equivalents: &[dclint("no-duplicate-exported-ports").except(
        "Not if the two are published on different addresses, or only one of the services runs, \
             as each has profiles that the other has not. Not for `8080` alone, the port in the \
             container.",
    )],
    bad: compose! {r#"
        name: a
        services:
          web: { image: "a:1", ports: ["127.0.0.1:8080:80"] }
          api: { image: "a:1", ports: ["8000-8100:9000-9100"] }
    "#},
    good: compose! {r#"
        name: a
        services:
          web: { image: "a:1", ports: ["127.0.0.1:8080:80"] }
          dns: { image: "a:1", ports: ["127.0.0.1:8080:53/udp"] }
    "#},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// Ports that a service publishes.
struct Entry<'a> {
    deployed: &'a Deployed<'a>,
    service: String,
    address: Address,
    ports: PortRange,
    protocol: Protocol,
    replicas: u32,
    shown: String,
    place: Place,
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let all = subject.deployed.iter().flat_map(entries);
    let ledger: Vec<Entry<'_>> = all.filter(|entry| entry.replicas > 0).collect();
    let mut found = Vec::new();
    let mut taken = Taken::default();
    for (at, entry) in ledger.iter().enumerate() {
        if entry.replicas > entry.ports.count() {
            let message = format!(
                "{} replicas of `{}` cannot share the port of `{}`",
                entry.replicas, entry.service, entry.shown
            );
            let one = Found::new(&entry.service, message, &entry.place)
                .label("expected a range with one port per replica, or one replica");
            found.push(belonging(one, &[entry]));
        }
        let first = taken.first(entry).and_then(|first| ledger.get(first));
        taken.add(entry, at);
        let is_free = |first: &&Entry<'_>| first.replaces(entry) || first.is_placed_apart(entry);
        let Some(first) = first.filter(|first| !is_free(first)) else {
            continue;
        };
        let machine = match entry.deployed.machine() {
            "" => String::new(),
            machine => format!(" on machine `{machine}`"),
        };
        let message = format!("port `{}` is already published{machine}", entry.shown);
        let one = Found::new(&entry.service, message, &entry.place)
            .label("expected another port")
            .related(&first.place, published(first, entry));
        found.push(belonging(one, &[entry, first]));
    }
    found
}

impl Entry<'_> {
    /// Whether the engine chooses one free port of these.
    fn is_choice(&self) -> bool {
        self.ports.count() > 1
    }

    /// Whether only one of two services of a file runs.
    fn replaces(&self, other: &Self) -> bool {
        let service = |entry: &Self| entry.deployed.file.service(&entry.service);
        let services = service(self).zip(service(other));
        std::ptr::eq(self.deployed, other.deployed)
            && services.is_some_and(|(own, other)| own.replaces(other))
    }

    /// Whether two services of a stack publish it on nodes of their own.
    fn is_placed_apart(&self, other: &Self) -> bool {
        let nodes = self.nodes().zip(other.nodes());
        std::ptr::eq(self.deployed, other.deployed)
            && nodes.is_some_and(|(own, other)| own != other)
    }

    /// The constraints of the nodes that publish it by themselves (`mode: host`), where it has some.
    fn nodes(&self) -> Option<BTreeSet<String>> {
        let service = self.deployed.file.service(&self.service)?;
        let mut ports = service.ports();
        let is_of_nodes = |port: &Port<'_>| {
            let mode = port.at.field("mode").and_then(|mode| mode.text());
            mode.as_deref() == Some("host")
        };
        let constraints = service.dig(&["deploy", "placement", "constraints"])?;
        let is_placed =
            self.deployed.orchestrator.is_swarm() && ports.any(|port| is_of_nodes(&port));
        let constraints = constraints
            .texts()
            .map(|(text, _)| text.split_whitespace().collect());
        Some(constraints.collect()).filter(|_| is_placed)
    }
}

/// The label of the place where an entry is published already. Two hosts may read one line.
fn published(first: &Entry<'_>, second: &Entry<'_>) -> String {
    let is_one_line = first.place.source.name == second.place.source.name
        && first.place.range() == second.place.range();
    if is_one_line && first.deployed.title() != second.deployed.title() {
        let (first, second) = (first.deployed.title(), second.deployed.title());
        format!("`{first}` and `{second}` both publish it")
    } else {
        "published here".to_owned()
    }
}

fn belonging(mut one: Found, entries: &[&Entry<'_>]) -> Found {
    for entry in entries {
        one = one.belonging(entry.deployed);
    }
    match entries.first() {
        Some(entry) => one.service(entry.service.as_str()),
        None => one,
    }
}

/// The ports that are published so far.
#[derive(Default)]
struct Taken<'a> {
    ledger: Ledger,
    /// The numbers of the ledger's trees.
    trees: HashMap<Tree<'a>, usize>,
}

/// Entries that are looked for together: machine, protocol, whether the engine chooses, and addresses.
type Tree<'a> = (&'a str, Protocol, bool, Addresses);

/// The addresses that entries are published on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Addresses {
    /// Any address.
    Any,
    /// No address is written: the port is published on all.
    All,
    /// Any of IPv4, or of IPv6.
    Family(bool),
    /// This one.
    One(IpAddr),
}

impl<'a> Taken<'a> {
    /// The first entry that takes a port of this one. Of two ranges of which the engine takes what is
    /// free, neither does.
    fn first(&self, entry: &'a Entry<'a>) -> Option<usize> {
        let addresses = match entry.address {
            Address::Any => vec![Addresses::Any],
            // It takes the port from those that are on all, whichever it is.
            Address::Unknown => vec![Addresses::All],
            // The engine listens on `::` for IPv6 alone, as it does on `0.0.0.0` for IPv4.
            Address::One(own) if own.is_unspecified() => {
                vec![Addresses::All, Addresses::Family(own.is_ipv4())]
            }
            Address::One(own) => vec![
                Addresses::All,
                Addresses::One(own),
                Addresses::One(unspecified(own)),
            ],
        };
        let choices = if entry.is_choice() { 1 } else { 2 };
        let (machine, protocol) = (entry.deployed.machine(), entry.protocol);
        let trees = [false, true].into_iter().take(choices).flat_map(|choice| {
            let addresses = addresses.iter();
            addresses.map(move |addresses| (machine, protocol, choice, *addresses))
        });
        let numbers = trees.filter_map(|tree| self.trees.get(&tree));
        numbers
            .filter_map(|tree| self.ledger.first(*tree, entry.ports))
            .min()
    }

    fn add(&mut self, entry: &'a Entry<'a>, number: usize) {
        let own = match entry.address {
            Address::Any => vec![Addresses::All],
            Address::Unknown => Vec::new(),
            Address::One(own) => vec![Addresses::Family(own.is_ipv4()), Addresses::One(own)],
        };
        for addresses in own.into_iter().chain([Addresses::Any]) {
            let (machine, protocol) = (entry.deployed.machine(), entry.protocol);
            let free = self.trees.len();
            let tree = (machine, protocol, entry.is_choice(), addresses);
            let tree = *self.trees.entry(tree).or_insert(free);
            self.ledger.add(tree, entry.ports, number);
        }
    }
}

/// How many replicas need a port each; one without any publishes nothing. Those of a stack share it: the swarm publishes
/// it once, or each node does, and even without a replica.
fn sharing(deployed: &Deployed<'_>, service: Service<'_>) -> u32 {
    match deployed.orchestrator {
        Orchestrator::Docker => service.replicas(),
        Orchestrator::Swarm => 1,
    }
}

fn entries<'a>(deployed: &'a Deployed<'a>) -> Vec<Entry<'a>> {
    let rendered = deployed.of.filter(|(_, host)| host.output().is_some());
    if let Some((_, host)) = rendered {
        // The lines of the spec are those to fix; `render` checks that the file publishes the same.
        let mut found = Vec::new();
        for service in host.services.values() {
            let written = deployed.file.service(service.name.as_str());
            let replicas = written.map_or(1, |service| sharing(deployed, service));
            for port in &service.ports {
                let Some(ports) = port.port else {
                    continue;
                };
                found.push(Entry {
                    deployed,
                    service: service.name.to_string(),
                    address: Address::One(port.address.to_canonical()),
                    ports,
                    protocol: port.protocol,
                    replicas,
                    shown: port.to_string(),
                    place: port.place.clone(),
                });
            }
        }
        return found;
    }
    let mut found = Vec::new();
    for service in deployed.file.services() {
        let mut networks = service.networks();
        let default = networks.find_map(|(key, _)| deployed.file.port_address(key));
        for port in service.ports() {
            let (HostPort::Range(ports), Some(protocol)) = (port.published, port.protocol) else {
                continue;
            };
            let address = match (port.address, default) {
                (Address::Any, Some(default)) => Address::One(default),
                (address, _) => address,
            };
            found.push(Entry {
                deployed,
                service: service.name.to_owned(),
                address: match address {
                    Address::One(own) => Address::One(own.to_canonical()),
                    other => other,
                },
                ports,
                protocol,
                replicas: sharing(deployed, service),
                // The variables of a host have values.
                shown: match deployed.of {
                    Some(_) => port.filled(),
                    None => port.written(),
                },
                place: port.place(),
            });
        }
    }
    found
}
