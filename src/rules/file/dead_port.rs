//! A port that is never published.

use super::each;
use crate::compose::Port;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "dead-port",
    severity: Severity::Error,
    title: "A service that publishes ports is attached to a network that allows it",
    why: "On internal networks, or without a network of its own, the engine ignores the ports or refuses to start the container.",
    bad: service!("network_mode: none", "ports: ['127.0.0.1:80:80']"),
    good: service!("ports: ['127.0.0.1:80:80']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let ports = service.get("ports")?;
        // On the host network, a program listens on its own port.
        let host = deployed.file.host_network(service, deployed.orchestrator);
        // The swarm publishes it through a network of its own.
        let is_of_swarm = |port: &Port<'_>| {
            let mode = port.at.field("mode").and_then(|at| at.text());
            deployed.orchestrator == Orchestrator::Swarm && mode.as_deref() != Some("host")
        };
        let mut refused = service
            .ports()
            .filter(|port| (host.is_none() || port.moves()) && !is_of_swarm(port));
        refused.next()?;
        let (reason, place) = deployed.file.unpublished(service, deployed.orchestrator)?;
        let message = format!("the ports of `{}` are never published", service.name);
        let found = Found::new(service.name, message, ports.key_place());
        Some(found.related(place, reason))
    })
}
