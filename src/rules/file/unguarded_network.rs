//! A network that the host's firewall does not guard.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{driver_option, text};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "unguarded-network",
    severity: Severity::Error,
    title: "Containers are reached by the ports that they publish, and by no others",
    why: "In this mode of its gateway a network lets others reach its containers at their own addresses, whatever address a port is published on.",
    origin: "Docker Engine, bridge driver, `gateway_mode_ipv4`",
    bad: Example::Compose(&[
        "services:\n  web: { image: \"a:1\" }\nnetworks:\n  default: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: nat-unprotected } }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web: { image: \"a:1\" }\nnetworks:\n  default: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: nat } }\n",
    ]),
    check: Check::File(check),
};

const OPTIONS: [&str; 2] = [
    "com.docker.network.bridge.gateway_mode_ipv4",
    "com.docker.network.bridge.gateway_mode_ipv6",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (key, network) in deployed.file.entries("networks") {
        let modes = OPTIONS
            .into_iter()
            .filter_map(|option| driver_option(&network, option));
        for mode in modes {
            let message = match text(&mode).as_deref() {
                Some("nat-unprotected") => {
                    format!("every port of the containers on `{key}` is open to other machines")
                }
                Some("routed") => {
                    format!(
                        "ports of the containers on `{key}` are open at the containers' addresses"
                    )
                }
                _ => continue,
            };
            found.push(
                Found::new(key, message, mode.place())
                    .label("expected `nat`")
                    .belonging(deployed),
            );
        }
    }
    found
}
