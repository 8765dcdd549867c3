//! The host network.

use super::{each, purpose};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "host-network",
    severity: Severity::Warning,
    title: "No container uses the host network",
    why: "It can capture the traffic of the host and reach what listens on loopback, and no Compose network isolates it.",
    origin: "OWASP Docker Security rule 5, CIS Docker 5.10 (5.9 of older editions)",
    equivalents: &[
        compose_lint("CL-0008").except(EXCEPT),
        kics("Shared Host Network Namespace").except(EXCEPT),
    ],
    bad: service!("network_mode: host"),
    good: service!("networks: [back]"),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

const EXCEPT: &str = "Not for what a program that watches the host, such as `node-exporter`, or one that speaks with the \
                      devices of its network, such as `home-assistant`, cannot do without.";

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let place = deployed.file.host_network(service, deployed.orchestrator)?;
        if purpose::is_for_host_network(service) {
            return None;
        }
        let message = format!("`{}` uses the host network", service.name);
        Some(
            Found::new(service.name, message, place)
                .label("every port that it listens on is open, whatever `ports` says"),
        )
    })
}
