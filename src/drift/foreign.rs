//! Containers of others that touch the project, or are in its way.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::Comparer;
use super::services::{Pair, is_running};
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::state::{Container, LiveMount, MountKind, Port, Service};

impl<'a> Comparer<'a> {
    /// Looks at every container that is not the project's.
    pub(super) fn foreign(&mut self) {
        for container in &self.live.foreign {
            self.on_own_networks(container);
            self.on_own_volumes(container);
            self.published(container);
        }
        for (name, service) in &self.expected.services {
            if self.index.running(name) < usize::try_from(service.replicas).unwrap_or(usize::MAX) {
                self.taken_ports(name, service);
            }
        }
    }

    fn on_own_networks(&mut self, container: &Container) {
        let networks = container.networks.keys();
        let keys = networks.flat_map(|name| self.index.network_keys(name));
        let keys: BTreeSet<&str> = keys.copied().collect();
        for key in keys {
            let Some(network) = self.expected.networks.get(key) else {
                continue;
            };
            // To share an external network is what it is for.
            if network.external {
                continue;
            }
            let name = &container.name;
            self.note(
                Finding::new(
                    Code::NetworkForeign,
                    while_it_runs(container),
                    name,
                    format!(
                        "`{name}`{} is on network `{key}` of the project",
                        whose(container)
                    ),
                )
                .field("networks", Value::Null, key)
                .cause(Cause::OutOfBand)
                .help(format!("docker network disconnect {} {name}", network.name)),
            );
        }
    }

    fn on_own_volumes(&mut self, container: &Container) {
        let mut found: BTreeMap<&str, &LiveMount> = BTreeMap::new();
        for mount in &container.mounts {
            if let (MountKind::Volume, Some(name)) = (mount.kind, &mount.source) {
                for key in self.index.volume_keys(name) {
                    found.entry(key).or_insert(mount);
                }
            }
        }
        for (key, mounted) in found {
            if self
                .expected
                .volumes
                .get(key)
                .is_none_or(|volume| volume.external)
            {
                continue;
            }
            let name = &container.name;
            let how = match (is_running(container), mounted.read_only) {
                (true, true) => "reads",
                (true, false) => "reads and writes",
                (false, true) => "does not run, and would read",
                (false, false) => "does not run, and would read and write",
            };
            self.note(
                Finding::new(
                    Code::VolumeForeign,
                    while_it_runs(container),
                    name,
                    format!(
                        "`{name}`{} {how} volume `{key}` of the project",
                        whose(container)
                    ),
                )
                .field("mounts", Value::Null, key)
                .cause(Cause::OutOfBand)
                .help(format!("if it is not meant to: docker rm -f {name}")),
            );
        }
    }

    fn published(&mut self, container: &Container) {
        let is_known = container
            .project
            .as_ref()
            .is_some_and(|project| self.context.knows(project));
        if is_known {
            return;
        }
        let mut seen = HashSet::new();
        for bound in container
            .bound
            .iter()
            .filter(|bound| !bound.host_ip.is_loopback())
        {
            // Every IPv4 and every IPv6 address are one port to a person.
            let port = (bound.published, bound.target, bound.protocol);
            if !seen.insert(port) && bound.host_ip.is_unspecified() {
                continue;
            }
            let severity = if self.context.is_exclusive {
                Severity::Exposure
            } else {
                Severity::Notice
            };
            let (name, port) = (&container.name, bound.as_port());
            self.note(
                Finding::new(
                    Code::PortForeign,
                    severity,
                    name,
                    format!("`{name}`{} publishes `{port}` on this host", whose(container)),
                )
                .field("ports", Value::Null, port.to_string())
                .cause(Cause::OutOfBand)
                .help("if nobody else may publish ports here, say `exclusive: true` for the host in its spec"),
            );
        }
    }

    /// Notes ports that a service which does not run would find taken.
    fn taken_ports(&mut self, name: &str, service: &Service) {
        for port in &service.ports {
            let Some(thief) = self.thief(port) else {
                continue;
            };
            let thief_name = thief.name.clone();
            self.note(
                Finding::new(
                    Code::PortTaken,
                    Severity::Drift,
                    name,
                    format!(
                        "service `{name}` cannot start: `{thief_name}`{} holds `{port}`",
                        whose(thief)
                    ),
                )
                .field("ports", port.to_string(), thief_name.as_str())
                .cause(Cause::OutOfBand)
                .after_up(AfterUp::Fails)
                .help(format!("if it is not meant to: docker stop {thief_name}")),
            );
        }
    }

    /// Whether a port that a container needs is held by another container, of somebody else or of
    /// the project itself: of two on one fixed port, the second cannot start.
    pub(super) fn is_port_taken(&self, pair: Pair<'_>) -> bool {
        let own = Some(pair.container.id.as_str());
        let is_held =
            |port: &Port, number: u16| self.index.bound.holder(port, number, own).is_some();
        pair.service.ports.iter().any(|port| {
            let range = port.published.map(crate::state::PortRange::bounds);
            range.is_some_and(|(from, to)| (from..=to).all(|number| is_held(port, number)))
        })
    }

    fn thief(&self, port: &Port) -> Option<&'a Container> {
        let (from, to) = port.published.map(crate::state::PortRange::bounds)?;
        (from == to).then(|| self.index.in_the_way.holder(port, from, None))?
    }
}

/// What does not run touches nothing until it does.
fn while_it_runs(container: &Container) -> Severity {
    if is_running(container) || container.state == "paused" {
        Severity::Exposure
    } else {
        Severity::Notice
    }
}

fn whose(container: &Container) -> String {
    match &container.project {
        Some(project) => format!(" (of the project `{project}`)"),
        None => String::new(),
    }
}
