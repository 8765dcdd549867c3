//! A port that is published on every interface.

use super::open_ports::each_open;
use crate::compose::Address;
use crate::rules::prelude::*;

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
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let is_rendered = deployed.of.is_some_and(|(_, host)| host.output().is_some());
    each_open(deployed, |listeners, entry| {
        let (service, port) = (listeners.service, entry.port);
        // `0.0.0.0` in front says that it is meant. Specs always have an address.
        let is_meant = port.address != Address::Any && !is_rendered;
        if is_meant || listeners.at(entry).is_some() {
            return None;
        }
        let text = port.written();
        let message = format!("`{}` publishes `{text}` on every interface", service.name);
        let (label, meant) = match (port.on("127.0.0.1"), port.on("0.0.0.0")) {
            (Some(one), Some(all)) => (
                format!("expected an address, as in `{one}`"),
                format!("`{all}`"),
            ),
            _ => (
                "expected an address in front, such as 127.0.0.1".to_owned(),
                "0.0.0.0 in front".to_owned(),
            ),
        };
        Some(
            Found::new(service.name, message, port.place())
                .label(label)
                .help(format!("if every interface is meant, write {meant}")),
        )
    })
}
