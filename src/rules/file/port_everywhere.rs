//! A port on every interface.

use std::collections::BTreeSet;

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{driver_option, text};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "port-everywhere",
    severity: Severity::Error,
    title: "A port is published on the address that it is meant for",
    why: "Docker publishes past the firewall of the host, and without an address on every interface, so what was meant for one machine is open to the internet.",
    origin: "compose-lint CL-0005, dclint `no-unbound-port-interfaces`, KICS `Container Traffic Not Bound To Host Interface`, OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions), moby/moby 22054",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    ports: ['8080:80']\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    ports: ['127.0.0.1:8080:80']\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // Where there is a spec, its ports are judged there, with their reasons.
    if deployed.of.is_some() {
        return Vec::new();
    }
    // A network may say on which address the ports of its services are published.
    let declared = deployed.file.entries("networks").into_iter();
    let loopback: BTreeSet<&str> = declared
        .filter(|(_, at)| {
            let option = driver_option(at, "com.docker.network.bridge.host_binding_ipv4");
            let address = option.and_then(|at| text(&at));
            address.is_some_and(|address| address.starts_with("127."))
        })
        .map(|(key, _)| key)
        .collect();
    each(deployed, |service| {
        let joined = service.networks();
        let has_default = joined
            .iter()
            .any(|(key, ..)| loopback.contains(key.as_str()));
        let open = service
            .ports()
            .into_iter()
            .filter(|port| port.is_everywhere() && !(port.address.is_none() && has_default));
        open.map(|port| {
            let message = format!(
                "`{}` publishes `{}` on every interface",
                service.name, port.written
            );
            Found::new(service.name, message, port.place)
                .label("expected an address, such as 127.0.0.1, before it")
        })
        .collect()
    })
}
