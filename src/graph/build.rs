//! From what is expected of a host, and what was found there, to its graph.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::input::{GraphInput, Spec, shown};
use super::model::{Attachment, Drift, Graph, Members, Network, Note, Service, Volume};
use super::observed::{There, published_by_others};
use super::overlay::{Overlay, OverlayKey};
use super::ports::Entry;
use super::routes::Routes;
use crate::finding::Finding;
use crate::host_id::HostId;
use crate::state::{self, Bound, MountKind, State};
use crate::text::path::SECRETS_FOLDER;

impl Graph {
    /// The graph of a host.
    pub(crate) fn of(input: GraphInput<'_>) -> Self {
        let findings = input.live.map_or(&[][..], |live| live.findings);
        let observed = input.live.and_then(|live| live.observed.ok());
        let builder = Builder {
            overlay: Overlay::new(findings),
            observed,
            by_others: published_by_others(observed),
            keys: input
                .expected
                .networks
                .iter()
                .map(|(key, network)| (network.name.as_str(), key.as_str()))
                .collect(),
            private: input
                .spec
                .map(|spec| spec.catalog.private_addresses())
                .unwrap_or_default(),
            input,
        };
        let folders = input.folders;
        let mut graph = builder.graph();
        let note = |finding: &Finding| Note {
            severity: finding.severity,
            message: shown(&finding.message),
        };
        graph.findings = findings.iter().map(note).collect();
        graph.localize(folders, observed);
        graph
    }
}

pub(super) struct Builder<'a> {
    pub(super) input: GraphInput<'a>,
    pub(super) overlay: Overlay<'a>,
    pub(super) observed: Option<&'a State>,
    /// The ports that containers and services of others publish on the live host, by their names.
    pub(super) by_others: BTreeMap<&'a str, Vec<Bound>>,
    /// The keys of networks by their names on the engine.
    keys: BTreeMap<&'a str, &'a str>,
    pub(super) private: Vec<IpAddr>,
}

impl<'a> Builder<'a> {
    fn graph(&self) -> Graph {
        let GraphInput {
            expected,
            spec,
            live,
            ..
        } = self.input;
        let mut routes = Routes::of(expected, spec);
        let mut services: Vec<Service> = expected
            .services
            .iter()
            .map(|(name, service)| Service {
                routes: routes.used(name),
                ..self.service(name, service)
            })
            .collect();
        let orphans = self
            .overlay
            .named("services")
            .filter(|name| !expected.services.contains_key(*name));
        services.extend(orphans.map(|name| self.orphan(name)));
        services.extend(self.overlay.named("foreign").map(|name| self.foreign(name)));
        let observed = live.and_then(|live| live.observed.ok());
        Graph {
            id: HostId {
                host: spec.map(|spec| spec.host.name.to_string()),
                environment: spec.map(|spec| spec.environment.name.to_string()),
                project: shown(match spec {
                    Some(spec) if spec.is_pattern => &spec.host.project_pattern,
                    _ => &expected.project,
                }),
            },
            is_stack: self.is_stack(),
            machine: spec.map(|spec| spec.host.machine.to_string()),
            domains: spec.map(domains).unwrap_or_default(),
            observed_at: observed
                .and_then(|state| state.live.as_ref())
                .map(|live| live.taken.clone()),
            error: live.and_then(|live| live.observed.err()).map(shown),
            networks: self.networks(&services),
            volumes: self.volumes(&services),
            services,
            routes: routes.all,
            disabled: expected
                .unused
                .services
                .iter()
                .map(|name| shown(name))
                .collect(),
            findings: Vec::new(),
        }
    }

    fn service(&self, name: &str, service: &state::Service) -> Service {
        let there = There::of(self.observed, name);
        let mode = self.mode(service, there.as_ref());
        let mut mounted = BTreeSet::new();
        let mut binds = Vec::new();
        for mount in &service.mounts {
            match (&mount.source, mount.kind) {
                (Some(volume), MountKind::Volume) => {
                    mounted.insert(shown(volume));
                }
                // Secrets are what a service is given, and not a part of the host that it sees.
                (Some(path), MountKind::Bind) if !mount.target.starts_with(SECRETS_FOLDER) => {
                    binds.push(shown(path));
                }
                _ => {}
            }
        }
        // On a live host, what is mounted is known.
        for (kind, source) in service.unset_sources.iter().filter(|_| there.is_none()) {
            match kind {
                MountKind::Volume => {
                    mounted.insert(shown(source));
                }
                MountKind::Bind => binds.push(shown(source)),
                _ => {}
            }
        }
        if let Some(there) = &there {
            let volumes = &self.input.expected.volumes;
            for volume in there.sources(MountKind::Volume, SECRETS_FOLDER) {
                let own = volumes.iter().find(|(_, own)| own.name == volume);
                // One without a name of its own is anonymous.
                mounted.extend(own.map(|(key, _)| shown(key)));
            }
            binds.extend(there.sources(MountKind::Bind, SECRETS_FOLDER).map(shown));
        }
        binds.sort();
        binds.dedup();
        let volumes = mounted
            .into_iter()
            .map(|name| Attachment { name, drift: None });
        Service {
            name: shown(name),
            container: service.config.container_name.as_deref().map(shown),
            image: service
                .image_in(&self.input.expected.project, name)
                .map(|image| shown(&image)),
            replicas: service.replicas,
            ports: self.ports(name, service, mode.as_deref(), there.as_ref()),
            network_mode: mode.as_deref().map(shown),
            has_unset_network: self.has_unset_network(name, there.as_ref()),
            networks: self.attached(name, service, there.as_ref()),
            volumes: volumes.collect(),
            binds,
            drift: self.overlay.whole(OverlayKey::service(name)),
            ..Service::default()
        }
    }

    /// Whether it is a stack of a swarm.
    pub(super) fn is_stack(&self) -> bool {
        self.input.expected.stack.is_some()
    }

    /// What a service has instead of networks of its own.
    fn mode(&self, service: &state::Service, there: Option<&There<'_>>) -> Option<String> {
        let expected = &self.input.expected;
        let mut networks = service.networks.keys();
        // The network of the host has its name on every engine.
        let is_on_host = networks.any(|key| {
            let network = expected.networks.get(key);
            network.is_some_and(|network| network.external && network.name == "host")
        });
        match there {
            Some(there) => there.mode.clone(),
            None if is_on_host => Some("host".to_owned()),
            // `docker stack deploy` ignores `network_mode`.
            None if self.is_stack() => None,
            None => service.network_mode.clone(),
        }
    }

    /// The networks of a service, and what the findings add.
    pub(super) fn attachments<'b>(
        &self,
        overlaid: OverlayKey<'_>,
        expected: impl Iterator<Item = &'b str>,
    ) -> Vec<Attachment> {
        let attached = |name: &str| (shown(name), None);
        let mut networks: BTreeMap<String, Option<Drift>> = expected.map(attached).collect();
        for (name, drift) in self.overlay.parts(overlaid, "networks") {
            networks.insert(shown(self.key(name)), Some(drift));
        }
        attachments(networks)
    }

    /// The networks of a service: those that it is on, where that is known, and those that it is to be on and is not.
    fn attached(
        &self,
        name: &str,
        service: &state::Service,
        there: Option<&There<'_>>,
    ) -> Vec<Attachment> {
        let mut all = self.attachments(
            OverlayKey::service(name),
            service.networks.keys().map(String::as_str),
        );
        let Some(there) = there else { return all };
        let live: BTreeSet<String> = there
            .networks
            .iter()
            .map(|name| shown(self.key(name)))
            .collect();
        all.retain(|one| one.drift.is_some() || live.contains(&one.name));
        for name in live {
            if all.iter().all(|one| one.name != name) {
                all.push(Attachment { name, drift: None });
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The key of a network, where the name is that on the engine.
    fn key<'b>(&self, name: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.keys.get(name).copied().unwrap_or(name)
    }

    /// A service that runs and is not in the file.
    fn orphan(&self, name: &str) -> Service {
        let there = There::of_orphan(self.observed, name);
        let drift = self.overlay.whole(OverlayKey::service(name));
        let networks = there
            .iter()
            .flat_map(|there| &there.networks)
            .map(|network| (shown(self.key(network)), drift.clone()));
        let bound = there.iter().flat_map(|there| there.bound.iter().flatten());
        let entries = bound.map(|bound| Entry {
            drift: drift.clone(),
            ..Entry::of(bound.as_port())
        });
        let replicas = there.as_ref().map_or(0, |there| there.replicas);
        Service {
            name: shown(name),
            image: there.as_ref().and_then(|there| there.image).map(shown),
            replicas: u32::try_from(replicas).unwrap_or(u32::MAX),
            networks: attachments(networks.collect()),
            ports: self.zoned(entries.collect()),
            drift,
            ..Service::default()
        }
    }

    /// The networks of the file, and those that services are attached to besides.
    fn networks(&self, services: &[Service]) -> Vec<Network> {
        let own = self
            .input
            .expected
            .networks
            .iter()
            .map(|(key, network)| Network {
                name: shown(key),
                on_engine: shown(&network.name),
                internal: self
                    .internal_there(&network.name)
                    .or_else(|| self.overlay.internal(key))
                    .unwrap_or_else(|| network.is_internal()),
                external: network.external,
                members: self.members(network),
                others: self.others(network),
                drift: self.overlay.whole(OverlayKey::network(key)),
            });
        let mut networks: BTreeMap<String, Network> =
            own.map(|network| (network.name.clone(), network)).collect();
        let attached = services.iter().flat_map(|service| &service.networks);
        let extra = self.overlay.named("networks").map(|key| {
            let name = shown(self.key(key));
            (name, self.overlay.whole(OverlayKey::network(key)))
        });
        let attached = attached.map(|one| (one.name.clone(), one.drift.clone()));
        for (name, drift) in attached.chain(extra) {
            networks.entry(name.clone()).or_insert_with(|| Network {
                internal: self.internal_there(&name).unwrap_or_default(),
                members: Members::Others,
                drift,
                on_engine: name.clone(),
                name,
                ..Network::default()
            });
        }
        networks.into_values().collect()
    }

    /// Whether a network is internal on the live host, where it is there.
    fn internal_there(&self, name: &str) -> Option<bool> {
        let network = self
            .observed
            .map(|state| &state.networks)
            .into_iter()
            .flatten()
            .find(|(key, network)| *key == name || network.name == name);
        network.map(|(_, network)| network.is_internal())
    }

    fn volumes(&self, services: &[Service]) -> Vec<Volume> {
        let own = self
            .input
            .expected
            .volumes
            .iter()
            .map(|(key, volume)| Volume {
                name: shown(key),
                external: volume.external,
                drift: self.overlay.whole(OverlayKey::volume(key)),
            });
        let mut volumes: BTreeMap<String, Volume> =
            own.map(|volume| (volume.name.clone(), volume)).collect();
        let mounted = services
            .iter()
            .flat_map(|service| &service.volumes)
            .map(|one| (one.name.clone(), one.drift.clone()));
        let extra = self
            .overlay
            .named("volumes")
            .map(|key| (shown(key), self.overlay.whole(OverlayKey::volume(key))));
        for (name, drift) in mounted.chain(extra) {
            volumes.entry(name.clone()).or_insert_with(|| Volume {
                external: false,
                drift,
                name,
            });
        }
        volumes.into_values().collect()
    }
}

pub(super) fn attachments(of: BTreeMap<String, Option<Drift>>) -> Vec<Attachment> {
    of.into_iter()
        .map(|(name, drift)| Attachment { name, drift })
        .collect()
}

/// The domains that a host's routes answer to, with who may see them.
fn domains(spec: Spec<'_>) -> Vec<String> {
    let environment = spec.environment;
    let domains = spec.host.routes.keys().filter_map(|key| {
        let domain = environment.domains.get(key)?;
        let access = environment.access.get(key);
        let networks: Vec<String> = access
            .iter()
            .flat_map(|access| &access.private)
            .map(|subnet| subnet.value.to_string())
            .collect();
        let mfa = access.and_then(|access| access.mfa.as_ref());
        let mut only = Vec::new();
        if !networks.is_empty() {
            only.push(format!("only from {}", networks.join(", ")));
        }
        if mfa.is_some_and(|mfa| mfa.value) {
            only.push("MFA".to_owned());
        }
        let name = if spec.is_pattern {
            environment.as_written(domain).as_str().to_owned()
        } else {
            domain.value.to_string()
        };
        Some(if only.is_empty() {
            name
        } else {
            format!("{name} ({})", only.join(", "))
        })
    });
    domains.collect()
}
