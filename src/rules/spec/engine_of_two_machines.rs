//! An engine that two machines share.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::docker::Endpoint;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Catalog, Host, Name};

pub(super) static RULE: Rule = Rule {
    code: "engine-of-two-machines",
    severity: Severity::Error,
    title: "An engine belongs to one machine",
    why: "Collisions are checked per machine: two hosts that use one engine under two machine names would never be compared.",
    bad: spec! {"staging.yaml", r#"
        hosts:
          stage: { docker: "ssh://deploy@live" }
    "#},
    good: spec! {"staging.yaml", r#"
        hosts:
          stage: { docker: "ssh://deploy@stage" }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let hosts: Vec<_> = catalog.hosts().collect();
    let mut found = addresses(catalog);
    let owners: HashMap<IpAddr, &Name> = owners(catalog);
    // For each engine, the first host that uses it, and the first one on another machine.
    let mut users: HashMap<String, (usize, Option<usize>)> = HashMap::new();
    for (at, (environment, host)) in hosts.iter().enumerate() {
        let Some(engine) = engine(host, &owners) else {
            continue;
        };
        let machine = |at: usize| hosts.get(at).map(|(_, host)| &host.machine.value);
        let (first, other) = users.entry(engine.clone()).or_insert((at, None));
        if other.is_none() && machine(*first) != machine(at) {
            *other = Some(at);
        }
        let same = [Some(*first), *other]
            .into_iter()
            .flatten()
            .filter(|other| *other < at && machine(*other) != machine(at))
            .min()
            .and_then(|at| hosts.get(at));
        let Some((other_environment, other)) = same else {
            continue;
        };
        let message = format!(
            "`{}` and `{}` are on different machines but use the same engine",
            other.name, host.name
        );
        // The host whose engine has the name of its machine is right.
        let is_other_right = engine.contains(other.machine.as_str());
        let (wrong, right, owner) = if is_other_right {
            (host, other, environment)
        } else {
            (other, host, other_environment)
        };
        let (Some(wrongly), Some(rightly)) = (&wrong.docker, &right.docker) else {
            continue;
        };
        found.push(
            Found::new("docker", message, &wrongly.place)
                .label("expected the engine of its own machine")
                .related(&rightly.place, "the same engine")
                .related(&wrong.machine.place, "its machine")
                .of(owner)
                .on(wrong),
        );
    }
    found
}

/// The machine that an engine runs on, as far as its endpoint says: its name, the name of the machine
/// that has the address, or the context.
fn engine(host: &Host, owners: &HashMap<IpAddr, &Name>) -> Option<String> {
    let written = host.docker.as_ref()?.as_str();
    if written.starts_with("context:") {
        return Some(written.to_owned());
    }
    let endpoint = Endpoint::of_url(written, None).ok()?;
    // What `default` or a local socket means depends on where composegen runs.
    let name = endpoint.host()?.to_ascii_lowercase();
    let address: Option<IpAddr> = name.parse().ok();
    // A port on loopback may be a tunnel to any machine.
    if name == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return Some(endpoint.to_string().to_ascii_lowercase());
    }
    let owner = address.and_then(|address| owners.get(&address));
    Some(match owner {
        Some(machine) => machine.to_string(),
        None => name,
    })
}

/// The first machine that has an address.
fn owners(catalog: &Catalog) -> HashMap<IpAddr, &Name> {
    let mut owners = HashMap::new();
    for (name, machine) in &catalog.machines {
        for address in machine.addresses.values() {
            owners.entry(address.value).or_insert(name);
        }
    }
    owners
}

/// Two machines with the same address are one machine, or cannot both be reached.
fn addresses(catalog: &Catalog) -> Vec<Found> {
    let mut seen: BTreeMap<IpAddr, (&Name, &Place)> = BTreeMap::new();
    let mut found = Vec::new();
    for (name, machine) in &catalog.machines {
        for address in machine.addresses.values() {
            let first = seen
                .entry(address.value.to_canonical())
                .or_insert((name, &address.place));
            if first.0 == name {
                continue;
            }
            let message = format!(
                "machines `{}` and `{name}` have the same address, {}",
                first.0, address.value
            );
            found.push(
                Found::new(name, message, &address.place)
                    .label("expected its own address")
                    .related(first.1.clone(), "also used here"),
            );
        }
    }
    found
}
