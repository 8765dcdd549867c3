//! Networks that every engine has, such as `bridge`.

use crate::rules::prelude::*;
use crate::state::is_predefined;

/// The services that join one: Compose gives each container an alias on every network, which such a network refuses (moby,
/// `daemon/container_operations.go`, `validateEndpointSettings`).
pub(super) fn refused(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (key, network) in deployed.file.entries("networks") {
        let name = match network.get("name") {
            Some(name) if name.is_known() => name.text(),
            Some(_) => None,
            None => network.is_on("external").then(|| key.to_owned()),
        };
        let Some(name) = name else { continue };
        if !is_predefined(&name) {
            continue;
        }
        let services = deployed.file.services();
        for service in services.filter(|service| service.replicas() > 0) {
            let mut networks = service.networks();
            let Some((_, at)) = networks.find(|(joined, _)| *joined == key) else {
                continue;
            };
            let why = if network.is_on("external") {
                "that takes no aliases, and Compose gives each container one"
            } else {
                "which Compose does not take for one of this file"
            };
            let message = format!(
                "`{}` joins `{name}`, a network of the engine {why}",
                service.name
            );
            let is_alone = service.networks().count() == 1;
            let help = if is_alone {
                format!("write `network_mode: {name}` instead of `networks`")
            } else {
                format!(
                    "leave it out: a container on `{name}` can join it alone, with `network_mode: {name}`"
                )
            };
            found.push(
                Found::new(service.name, message, at.place())
                    .label("expected a user-defined network")
                    .related(network.place(), "it is declared here")
                    .help(help),
            );
        }
    }
    found
}
