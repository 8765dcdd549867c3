//! The address of a port of a stack.

use std::collections::BTreeSet;

use super::{each, each_port};
use crate::compose::{Address, At};
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "stack-port-address",
    severity: Severity::Error,
    title: "A port of a stack has no address",
    why: "A swarm publishes on every address of every node, and the client drops the address in front of a port, so one that was meant for the machine alone is open to everybody.",
    origin: "docker/cli, `ConvertPortToPortConfig`; moby/moby 26696",
    bad: service!("ports: ['127.0.0.1:8080:80']"),
    good: service!("ports: ['8080:80']"),
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let at = |place: &Place| (place.source.name.clone(), place.line_column());
    // `refused-by-stack` reports the others.
    let services = deployed.file.written_services();
    let items = services.filter_map(|(_, service)| service.get("ports"));
    let items = items.flat_map(At::items).filter(|item| !item.is_mapping());
    let short: BTreeSet<_> = items.map(|item| at(&item.place())).collect();
    each(deployed, |service| {
        let bound = each_port(service)
            .filter(|port| match port.address {
                Address::Any => false,
                Address::One(address) => !address.is_unspecified(),
                Address::Unknown => true,
            })
            .filter(|port| short.contains(&at(&port.place())));
        let found = bound.map(|port| {
            let text = port.written();
            let message = format!(
                "`{}` publishes `{text}` on every address of every node",
                service.name
            );
            Found::new(service.name, message, port.place())
                .label("expected no address, because a swarm ignores it")
                .help(
                    "keep the port off the swarm: let services reach it on a network of the stack",
                )
        });
        found.collect::<Vec<_>>()
    })
}
