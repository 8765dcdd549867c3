//! What services publish on every interface.

use super::{each, each_port};
use crate::compose::{Address, Port, Service};
use crate::rules::{Deployed, Found};
use crate::spec::{Environment, Host};

/// Runs a check on every port that is published on every interface.
pub(super) fn each_open(
    deployed: &Deployed<'_>,
    look: impl Fn(Service<'_>, Port<'_>) -> Option<Found>,
) -> Vec<Found> {
    each(deployed, |service| {
        let ports = open(deployed, service);
        ports
            .filter_map(|port| look(service, port))
            .collect::<Vec<_>>()
    })
}

/// The ports that a service publishes on every interface, unless a spec says who may reach the ports: then they are checked
/// against that, with their reasons.
pub(super) fn open<'a>(
    deployed: &Deployed<'_>,
    service: Service<'a>,
) -> impl Iterator<Item = Port<'a>> {
    let is_promised = |(environment, _): &(&Environment, &Host)| environment.isolation.is_some();
    let is_promised = deployed.of.as_ref().is_some_and(is_promised);
    let mut networks = service.networks();
    let has_default = networks.any(|(key, _)| {
        let address = deployed.file.port_address(key);
        address.is_some_and(|address| address.is_loopback())
    });
    each_port(service).filter(move |port| {
        let is_default = port.address == Address::Any && has_default;
        !is_promised && port.is_everywhere() && !is_default
    })
}
