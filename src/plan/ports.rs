//! Which services of a plan cannot publish their ports beside each other.

use super::Outcome;
use super::planner::Planner;
use crate::state::Service;

impl<'a> Planner<'a> {
    /// Notes what the containers that stay publish.
    pub(super) fn note_published(&mut self) {
        for (name, service) in &self.input.expected.services {
            if !self.publishes(name, service) {
                continue;
            }
            for container in self.containers(name) {
                let stays = self.plan.container(&container.id) == Outcome::Kept;
                if stays && self.is_running(container) {
                    for bound in &container.bound {
                        self.published.add(name, &bound.as_port());
                    }
                }
            }
        }
    }

    /// Notes what a service publishes once it is started.
    pub(super) fn publish(&mut self, name: &'a str, service: &'a Service) {
        if self.publishes(name, service) {
            for port in &service.ports {
                self.published.add(name, port);
            }
        }
    }

    /// Why a service cannot publish its ports beside the other services of the file.
    pub(super) fn published_twice(&self, name: &str) -> Option<String> {
        let service = self
            .service(name)
            .filter(|service| self.publishes(name, service))?;
        service.ports.iter().find_map(|port| {
            let other = self.published.holder(port, name)?;
            Some(format!(
                "port `{port}` is published by service `{other}` as well"
            ))
        })
    }

    /// Whether ports of a service are published as long as the others run: not on internal networks alone, and not by one that another
    /// service waits for until it has ended.
    fn publishes(&self, name: &str, service: &Service) -> bool {
        service.network_mode.is_none()
            && !self.input.expected.is_on_internal_only(service)
            && !self.ending.contains(name)
    }
}
