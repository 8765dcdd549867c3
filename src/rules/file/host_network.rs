//! A container on the network of the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "host-network",
    severity: Severity::Error,
    title: "No container is on the network of the host",
    why: "It hears all that the host hears, reaches what listens on loopback, and no network of Compose keeps it apart.",
    origin: "compose-lint CL-0008, KICS `Shared Host Network Namespace`, OWASP Docker Security rule 5, CIS Docker 5.10 (5.9 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    network_mode: host\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    networks: [back]\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.get("network_mode") else {
            return Vec::new();
        };
        if service.text("network_mode").as_deref() != Some("host") {
            return Vec::new();
        }
        let message = format!("`{}` is on the network of the host", service.name);
        vec![
            Found::new(service.name, message, at.place())
                .label("its every port is published, whatever `ports` says"),
        ]
    })
}
