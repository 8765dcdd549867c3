//! A network that bypasses the firewall of the host.

use crate::rules::prelude::*;
use crate::state::{Exposed, GATEWAY_MODES};

pub(super) static RULE: Rule = Rule {
    code: "unguarded-network",
    severity: Severity::Error,
    title: "Containers are reachable on published ports only",
    why: "With this gateway mode, other machines can reach the containers at their own addresses, whatever address a port is published on.",
    origin: "Docker Engine, bridge driver, `gateway_mode_ipv4`",
    bad: compose! {r#"
        services:
          web: { image: "a:1" }
        networks:
          default: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: nat-unprotected } }
    "#},
    good: compose! {r#"
        services:
          web: { image: "a:1" }
        networks:
          default: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: nat } }
    "#},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (key, network) in deployed.file.entries("networks") {
        let modes = GATEWAY_MODES
            .into_iter()
            .filter_map(|option| network.driver_option(option));
        for mode in modes {
            let message = match mode.text().as_deref().and_then(Exposed::by_gateway) {
                Some(Exposed::All) => {
                    format!("all ports of the containers on `{key}` are open to other machines")
                }
                Some(Exposed::Published) => {
                    format!("ports of the containers on `{key}` are open at their own addresses")
                }
                None => continue,
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
