//! A port that is published on every interface.

use super::{each, each_port};
use crate::compose::Address;
use crate::rules::prelude::*;
use crate::spec::{Environment, Host};

pub(super) static RULE: Rule = Rule {
    code: "port-everywhere",
    severity: Severity::Error,
    title: "A port is published on a specific address",
    why: "Docker bypasses the firewall of the host and publishes on every interface by default, so a port that was meant for one machine is open to the internet.",
    origin: "OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions), moby/moby 22054",
    equivalents: &[
        compose_lint("CL-0005"),
        dclint("no-unbound-port-interfaces").except(
            "Not if the network of the service sets the address on which its ports are \
             published.",
        ),
        kics("Container Traffic Not Bound To Host Interface"),
    ],
    bad: service!("ports: ['8080:80']"),
    good: service!("ports: ['127.0.0.1:8080:80']"),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // Where a spec says who may reach the ports, they are checked against that, with their reasons.
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
        let open = each_port(service).filter(move |port| {
            port.is_everywhere() && !(port.address == Address::Any && has_default)
        });
        open.map(move |port| {
            let text = port.written();
            let message = format!("`{}` publishes `{text}` on every interface", service.name);
            Found::new(service.name, message, port.place())
                .label("expected an address in front, such as 127.0.0.1")
        })
    })
}
