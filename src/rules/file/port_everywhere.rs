//! A port on every interface.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::text;
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
    let networks = deployed.file.networks();
    each(deployed, |service| {
        let joined = service.networks();
        // The network that a service is on may say where its ports are published.
        let has_default = joined.iter().any(|(key, ..)| {
            let network = networks.iter().find(|network| network.key == *key);
            let options = network.and_then(|network| network.at.as_ref()?.get("driver_opts"));
            let address = options
                .and_then(|at| text(&at.get("com.docker.network.bridge.host_binding_ipv4")?));
            address.is_some_and(|address| address.starts_with("127."))
        });
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
