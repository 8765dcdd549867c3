//! Resources for the maximum number of previews.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Host, Network};
use crate::state::PortRange;

pub(super) static RULE: Rule = Rule {
    code: "preview-budget",
    severity: Severity::Error,
    title: "There are enough networks and ports for the maximum number of previews",
    why: "An engine creates about thirty networks from its default address pools and then refuses, for whichever pull request comes next.",
    origin: "docker/for-linux 599; moby, `libnetwork/ipamutils`",
    bad: spec!("preview.yaml", "at_most: 40\n"),
    good: spec!("preview.yaml", "at_most: 10\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

/// The networks of the default pools (172.17.0.0/16 to 172.31.0.0/16, and 192.168.0.0/16 in /20),
/// without the one that the engine itself uses.
const NETWORKS: u64 = 30;

/// Whether a network is created from the pools: not with a subnet of its own, and not by somebody else.
fn is_pooled(network: &Network) -> bool {
    network.subnet.is_none() && !network.is_external
}

/// The networks that other hosts on the machine need from the pools.
fn others(catalog: &Catalog, host: &Host) -> u64 {
    let others = catalog
        .hosts()
        .filter(|(_, other)| other.name != host.name && other.machine.value == host.machine.value);
    let networks = others.map(|(environment, other)| {
        let pooled = other.networks.values().filter(|one| is_pooled(one));
        let times = environment.at_most.as_ref().map_or(1, |most| most.value);
        (pooled.count() as u64).saturating_mul(times)
    });
    networks.fold(0, u64::saturating_add)
}

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host) in catalog.hosts() {
        if !environment.per_pull_request {
            continue;
        }
        let Some(most) = &environment.at_most else {
            let message = format!(
                "`{}` has no limit on the number of previews",
                environment.name
            );
            found.push(
                Found::new("at_most", message, &environment.place)
                    .label("expected an `at_most` field beside it")
                    .of(environment),
            );
            continue;
        };
        let networks = host.networks.values().filter(|one| is_pooled(one)).count() as u64;
        let others = others(catalog, host);
        let needed = networks.saturating_mul(most.value);
        if needed.saturating_add(others) > NETWORKS {
            let besides = match others {
                0 => String::new(),
                others => format!(" besides the {others} of other projects"),
            };
            let message = format!(
                "{} previews with {networks} networks each need {needed} networks{besides}, but an engine has {NETWORKS}",
                most.value
            );
            let room = NETWORKS.saturating_sub(others) / networks.max(1);
            found.push(
                Found::new("at_most", message, &most.place)
                    .label(format!("expected at most {room}"))
                    .related(&host.place, "the networks of this host")
                    .of(environment)
                    .on(host),
            );
        }
        for port in host.services.values().flat_map(|service| &service.ports) {
            let ports = port.port.map_or(1, PortRange::count);
            if (2..most.value).contains(&u64::from(ports)) {
                let message = format!("{ports} ports are not enough for {} previews", most.value);
                found.push(
                    Found::new("at_most", message, &port.place)
                        .label("expected a range with one port per preview")
                        .related(&most.place, "the maximum number of previews")
                        .of(environment)
                        .on(host),
                );
            }
        }
    }
    found
}
