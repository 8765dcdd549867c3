//! What others reach of services, whatever ports they publish.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::compose::{At, Service};
use crate::graph::{Zone, addresses, zone};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::Catalog;
use crate::state::is_driver_of_interface;

/// A way to a service that is past its published ports.
pub(super) struct PastPorts {
    /// The service.
    pub(super) service: String,
    /// From where it leads.
    pub(super) from: Zone,
    /// What it is.
    pub(super) message: String,
    /// What is expected instead.
    pub(super) expected: &'static str,
    /// Where it is written.
    pub(super) place: Place,
}

/// The services of rendered files, by host and name, whose ports are never published, as `dead-port` says. Those of other files have
/// no ports in the catalog.
pub(super) fn unpublished<'a>(subject: &'a Subject<'_>) -> HashSet<(&'a str, &'a str)> {
    let rendered = subject.deployed.iter().filter_map(|deployed| {
        let (_, host) = deployed.of?;
        // A swarm publishes ports by a network of its own.
        (host.output().is_some() && !host.is_stack()).then_some((host, deployed))
    });
    rendered
        .flat_map(|(host, deployed)| {
            let services = deployed.file.services();
            let shut = services.filter(|service| {
                service.get("ports").is_some()
                    && deployed
                        .file
                        .unpublished(*service, deployed.orchestrator)
                        .is_some()
            });
            shut.map(|service| (host.name.as_str(), service.name))
        })
        .collect()
}

/// The ways to the services of a file that are past their published ports.
pub(super) fn past_ports(catalog: &Catalog, deployed: &Deployed<'_>) -> Vec<PastPorts> {
    let private = catalog.private_addresses();
    let services = deployed.file.services();
    services
        .flat_map(|service| {
            let host = deployed.file.host_network(service, deployed.orchestrator);
            if let Some(place) = host {
                return vec![of_host(service, place)];
            }
            let networks = service.networks();
            let own =
                networks.filter_map(|(key, at)| of_network(deployed, service, key, at, &private));
            of_unset_mode(deployed, service)
                .into_iter()
                .chain(own)
                .collect()
        })
        .collect()
}

/// What a `network_mode` may open that is not known; a stack ignores it.
fn of_unset_mode(deployed: &Deployed<'_>, service: Service<'_>) -> Option<PastPorts> {
    let mode = service.get("network_mode")?;
    let is_unset = !mode.is_known() && !deployed.orchestrator.is_swarm();
    is_unset.then(|| PastPorts {
        service: service.name.to_owned(),
        from: Zone::Unknown,
        message: format!(
            "`{}` may be on the network of the host: a variable without a value decides it",
            service.name
        ),
        expected: "expected a network mode that the files say",
        place: mode.place(),
    })
}

fn of_host(service: Service<'_>, place: Place) -> PastPorts {
    PastPorts {
        service: service.name.to_owned(),
        from: Zone::Internet,
        message: format!(
            "`{}` is on the network of the host, with every port that it listens on",
            service.name
        ),
        expected: "expected a network of the project, and published ports",
        place,
    }
}

/// What an address of its own on a network opens.
fn of_network(
    deployed: &Deployed<'_>,
    service: Service<'_>,
    key: &str,
    at: At<'_>,
    private: &[IpAddr],
) -> Option<PastPorts> {
    let declared = deployed.file.declared("networks", key)?;
    let text = |at: At<'_>, key: &str| at.field(key).and_then(|at| at.text());
    let driver = declared.field("driver")?;
    if declared.is_on("internal") {
        return None;
    }
    if !driver.is_known() {
        return Some(PastPorts {
            service: service.name.to_owned(),
            from: Zone::Unknown,
            message: format!(
                "`{}` may have an address of its own on `{key}`: a variable without a value decides its driver",
                service.name
            ),
            expected: "expected a driver that the files say",
            place: at.key_place(),
        });
    }
    let driver = driver.text()?;
    if !is_driver_of_interface(&driver) {
        return None;
    }
    let fixed = ["ipv4_address", "ipv6_address"].map(|family| text(at, family)?.parse().ok());
    let subnets = declared.dig(&["ipam", "config"]);
    let subnets = subnets.into_iter().flat_map(At::items);
    let subnets = subnets.filter_map(|one| text(one, "subnet")?.parse().ok());
    let own = addresses(fixed, subnets).into_iter();
    let most_open = own.map(|own| zone(Some(own.addr()), private)).min();
    Some(PastPorts {
        service: service.name.to_owned(),
        from: most_open.unwrap_or(Zone::PrivateNetwork),
        message: format!(
            "`{}` has an address of its own on `{key}` (`{driver}`), with every port that it listens on",
            service.name
        ),
        expected: "expected a network of another driver, and published ports",
        place: at.key_place(),
    })
}
