//! Whether services are reached at their published ports, which their networks decide.

use super::{At, Service, Written};
use crate::orchestrator::Orchestrator;
use crate::source::Place;
use crate::state::{is_driver_of_interface, is_joined};

impl Written {
    /// Where it is written that a service is on the network of the host.
    pub(crate) fn host_network(
        &self,
        service: Service<'_>,
        orchestrator: Orchestrator,
    ) -> Option<Place> {
        let is_host = |at: At<'_>| at.text().as_deref() == Some("host");
        // A stack ignores it.
        let mode = service
            .get("network_mode")
            .filter(|_| !orchestrator.is_swarm());
        if let Some(mode) = mode.filter(|mode| is_host(*mode)) {
            return Some(mode.place());
        }
        let mut networks = service.networks();
        let (_, at) = networks.find(|(key, _)| {
            let network = self.declared("networks", key);
            let name = network.filter(|network| network.is_on("external"));
            name.and_then(|network| network.field("name"))
                .is_some_and(is_host)
        })?;
        Some(at.key_place())
    }

    /// Why an engine publishes no port of a service, and where that is written.
    pub(crate) fn unpublished(
        &self,
        service: Service<'_>,
        orchestrator: Orchestrator,
    ) -> Option<(&'static str, Place)> {
        const ALONE: &str = "it has no network of its own";
        let mode = service
            .get("network_mode")
            .filter(|_| !orchestrator.is_swarm());
        if let Some(mode) = mode {
            let text = mode.text().unwrap_or_default();
            let has_none = matches!(text.as_str(), "host" | "none") || is_joined(&text);
            return has_none.then(|| (ALONE, mode.place()));
        }
        if let Some(place) = self.host_network(service, orchestrator) {
            return Some((ALONE, place));
        }
        let is_internal = |key: &str| {
            let network = self.declared("networks", key);
            network.is_some_and(|network| network.is_on("internal"))
        };
        // Containers have addresses of the network outside (libnetwork, `drivers/macvlan`, `drivers/ipvlan`).
        let is_outside = |key: &str| {
            let network = self.declared("networks", key);
            let driver = network.and_then(|network| network.get("driver")?.text());
            driver.is_some_and(|driver| is_driver_of_interface(&driver))
        };
        let (_, first) = service.networks().next()?;
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
        Some((reason, first.key_place()))
    }
}
