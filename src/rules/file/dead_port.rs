//! A port that is never published.

use super::each;
use crate::compose::Port;
use crate::rules::prelude::*;
use crate::state::{is_driver_of_interface, is_joined};

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
    let is_internal = |key: &str| {
        let network = deployed.file.declared("networks", key);
        network.is_some_and(|network| network.is_on("internal"))
    };
    // Containers have addresses of the network outside (libnetwork, `drivers/macvlan`, `drivers/ipvlan`).
    let is_outside = |key: &str| {
        let network = deployed.file.declared("networks", key);
        let driver = network.and_then(|network| network.get("driver")?.text());
        driver.is_some_and(|driver| is_driver_of_interface(&driver))
    };
    each(deployed, |service| {
        let ports = service.get("ports")?;
        // On the host network, a program listens on its own port.
        let is_on_host = service.text("network_mode").as_deref() == Some("host");
        // The swarm publishes it through a network of its own.
        let is_of_swarm = |port: &Port<'_>| {
            let mode = port.at.field("mode").and_then(|at| at.text());
            deployed.orchestrator == Orchestrator::Swarm && mode.as_deref() != Some("host")
        };
        let mut refused = service
            .ports()
            .filter(|port| (!is_on_host || port.moves()) && !is_of_swarm(port));
        refused.next()?;
        let message = format!("the ports of `{}` are never published", service.name);
        let found = Found::new(service.name, message, ports.key_place());
        if let Some(mode) = service.get("network_mode") {
            let text = mode.text().unwrap_or_default();
            let has_none = matches!(text.as_str(), "host" | "none") || is_joined(&text);
            let reason = "it has no network of its own";
            return has_none.then(|| found.related(mode.place(), reason));
        }
        let are = |is: &dyn Fn(&str) -> bool| service.networks().all(|(key, _)| is(key));
        let reason = if are(&is_internal) {
            "all of its networks are `internal`"
        } else if are(&is_outside) {
            "it has an address of its own there (`macvlan`, `ipvlan`), with every port"
        } else if are(&|key| is_internal(key) || is_outside(key)) {
            "no network of its allows it: `internal`, `macvlan`, `ipvlan`"
        } else {
            return None;
        };
        let (_, at) = service.networks().next()?;
        Some(found.related(at.key_place(), reason))
    })
}
