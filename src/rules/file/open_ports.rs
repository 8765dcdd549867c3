//! What services publish on every interface.

use super::listeners::Listeners;
use super::{PortEntry, each, port_entries};
use crate::compose::{Address, Service};
use crate::rules::{Deployed, Found};
use crate::spec::{Environment, Host};

/// Runs a check on every entry of `ports` that is published on every interface.
pub(super) fn each_open(
    deployed: &Deployed<'_>,
    look: impl Fn(&Listeners<'_>, PortEntry<'_>) -> Option<Found>,
) -> Vec<Found> {
    each(deployed, |service| {
        let entries = open(deployed, service);
        let listeners = Listeners::of(service);
        entries
            .filter_map(|entry| look(&listeners, entry))
            .collect::<Vec<_>>()
    })
}

/// The entries of `ports` that a service publishes on every interface, unless a spec says who may reach the ports: then they are checked
/// against that, with their reasons.
pub(super) fn open<'a>(
    deployed: &Deployed<'_>,
    service: Service<'a>,
) -> impl Iterator<Item = PortEntry<'a>> {
    let is_promised = |(environment, _): &(&Environment, &Host)| environment.isolation.is_some();
    let is_promised = deployed.of.as_ref().is_some_and(is_promised);
    let mut networks = service.networks();
    let has_default = networks.any(|(key, _)| {
        let address = deployed.file.port_address(key);
        address.is_some_and(|address| address.is_loopback())
    });
    port_entries(service).filter(move |PortEntry { port, .. }| {
        let is_default = port.address == Address::Any && has_default;
        !is_promised && port.is_everywhere() && !is_default
    })
}
