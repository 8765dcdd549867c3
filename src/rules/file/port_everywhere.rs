//! A port that is published on every interface.

use super::{data_port, each, each_port};
use crate::compose::{Address, Port, Service};
use crate::rules::prelude::*;
use crate::spec::{Environment, Host};

const MEANT: &str =
    "Not for `0.0.0.0` in front of the port, which says that every interface is meant.";

pub(super) static RULE: Rule = Rule {
    code: "port-everywhere",
    severity: Severity::Hardening,
    title: "A port is published on a specific address",
    why: "Docker bypasses the firewall of the host and publishes on every interface by default, so a port that was meant for one machine is open to the internet.",
    origin: "OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions), moby/moby 22054",
    equivalents: &[
        compose_lint("CL-0005").except(MEANT),
        dclint("no-unbound-port-interfaces").except(
            "Not if the network of the service sets the address on which its ports are \
             published. Not for an address that is a variable, which may be empty \
             (`variable-may-be-empty`).",
        ),
        kics("Container Traffic Not Bound To Host Interface").except(MEANT),
    ],
    bad: service!("ports: ['8080:80']"),
    good: service!("ports: ['127.0.0.1:8080:80']"),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let is_rendered = deployed.of.is_some_and(|(_, host)| host.output().is_some());
    each_open(deployed, |service, port| {
        // `0.0.0.0` in front says that it is meant. Specs always have an address.
        let is_meant = port.address != Address::Any && !is_rendered;
        if is_meant || data_port::knows(port) {
            return None;
        }
        let text = port.written();
        let message = format!("`{}` publishes `{text}` on every interface", service.name);
        Some(
            Found::new(service.name, message, port.place())
                .label("expected an address in front, such as 127.0.0.1")
                .help("if every interface is meant, write 0.0.0.0 in front"),
        )
    })
}

/// Runs a check on every port that is published on every interface, unless a spec says who may reach
/// the ports: then they are checked against that, with their reasons.
pub(super) fn each_open(
    deployed: &Deployed<'_>,
    look: impl Fn(Service<'_>, Port<'_>) -> Option<Found>,
) -> Vec<Found> {
    let is_promised = |(environment, _): &(&Environment, &Host)| environment.isolation.is_some();
    if deployed.of.as_ref().is_some_and(is_promised) {
        return Vec::new();
    }
    each(deployed, |service| {
        let mut networks = service.networks();
        let has_default = networks.any(|(key, _)| {
            let address = deployed.file.port_address(key);
            address.is_some_and(|address| address.is_loopback())
        });
        let open = each_port(service)
            .filter(|port| port.is_everywhere() && !(port.address == Address::Any && has_default));
        open.filter_map(|port| look(service, port))
            .collect::<Vec<_>>()
    })
}
