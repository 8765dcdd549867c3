//! Containers of others that touch the project, or are in its way.

use std::net::IpAddr;

use serde_json::Value;

use super::Comparer;
use super::services::{Pair, is_running};
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::state::{Bound, Container, MountKind, Port, Service};

impl Comparer<'_> {
    /// Looks at every container that is not the project's.
    pub(super) fn foreign(&mut self) {
        for container in &self.live.foreign {
            self.on_own_networks(container);
            self.on_own_volumes(container);
            self.published(container);
        }
        let (expected, live) = (self.expected, self.live);
        for (name, service) in &expected.services {
            let running = live
                .containers
                .iter()
                .filter(|c| c.service.as_ref() == Some(name) && is_running(c));
            if running.count() < usize::try_from(service.replicas).unwrap_or(usize::MAX) {
                self.taken_ports(name, service);
            }
        }
    }

    fn on_own_networks(&mut self, container: &Container) {
        for (key, network) in &self.expected.networks {
            // To share an external network is what it is for.
            if network.external || !container.networks.contains_key(&network.name) {
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
                .field("networks", Value::Null, key.as_str())
                .cause(Cause::OutOfBand)
                .help(format!("docker network disconnect {} {name}", network.name)),
            );
        }
    }

    fn on_own_volumes(&mut self, container: &Container) {
        for (key, volume) in &self.expected.volumes {
            let mut mounts = container.mounts.iter();
            let mounted = mounts.find(|mount| {
                mount.kind == MountKind::Volume && mount.source.as_ref() == Some(&volume.name)
            });
            let Some(mounted) = mounted.filter(|_| !volume.external) else {
                continue;
            };
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
                .field("mounts", Value::Null, key.as_str())
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
        let mut seen = Vec::new();
        for bound in container
            .bound
            .iter()
            .filter(|bound| !bound.host_ip.is_loopback())
        {
            // Every IPv4 and every IPv6 address are one port to a person.
            let port = (bound.published, bound.target, bound.protocol);
            if seen.contains(&port) && bound.host_ip.is_unspecified() {
                continue;
            }
            seen.push(port);
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
        let others = self.live.containers.iter().chain(&self.live.foreign);
        let others = others.filter(|container| container.id != pair.container.id);
        let held: Vec<&Bound> = others.flat_map(|container| &container.bound).collect();
        let is_held = |port: &Port, number: u16| {
            let mut held = held.iter();
            held.any(|bound| {
                bound.published == number
                    && bound.protocol == port.protocol
                    && overlap(port.host_ip, bound.host_ip)
            })
        };
        pair.service.ports.iter().any(|port| {
            let range = port.published.map(crate::state::PortRange::bounds);
            range.is_some_and(|(from, to)| (from..=to).all(|number| is_held(port, number)))
        })
    }

    fn thief(&self, port: &Port) -> Option<&Container> {
        let holds = |bound: &Bound| {
            let fixed = port.published.map(crate::state::PortRange::bounds);
            fixed == Some((bound.published, bound.published))
                && bound.protocol == port.protocol
                && overlap(port.host_ip, bound.host_ip)
        };
        // A container of a service that is no longer in the file is in the way as well.
        let is_orphan = |container: &&Container| {
            let service = container.service.as_ref();
            service.is_some_and(|service| !self.expected.services.contains_key(service))
        };
        let orphans = self.live.containers.iter().filter(is_orphan);
        let mut others = self.live.foreign.iter().chain(orphans);
        others.find(|container| container.bound.iter().any(holds))
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

fn overlap(wanted: Option<IpAddr>, held: IpAddr) -> bool {
    wanted.is_none_or(|ip| {
        ip == held
            || (ip.is_ipv4() == held.is_ipv4() && (ip.is_unspecified() || held.is_unspecified()))
    })
}

fn whose(container: &Container) -> String {
    match &container.project {
        Some(project) => format!(" (of the project `{project}`)"),
        None => String::new(),
    }
}
