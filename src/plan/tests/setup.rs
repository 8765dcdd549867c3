//! A small project on a host, for one plan.

use super::super::{DefinitionChange, Facts, Input, Options, Plan, Reason};
use crate::fields::Values;
use crate::state::{
    Attached, Attachment, Container, Live, Mount, MountKind, Network, Origin, Service, State,
    Volume,
};

/// A project, its host, and what a comparison of the two found.
pub(super) struct Setup {
    pub(super) expected: State,
    pub(super) observed: State,
    pub(super) live: Live,
    pub(super) facts: Facts,
    pub(super) options: Options,
}

pub(super) fn origin(key: &str) -> Origin {
    Origin {
        id: format!("id-of-{key}"),
        project: Some("p".into()),
        key: Some(key.into()),
        has_hash: true,
        ..Origin::default()
    }
}

impl Setup {
    /// Services that run as they should: each is named with what it depends on.
    pub(super) fn of(services: &[(&str, &[&str])], compose: &str) -> Self {
        let mut setup = Self {
            expected: State::empty("p"),
            observed: State::empty("p"),
            live: Live::default(),
            facts: Facts::default(),
            options: Options {
                compose: compose.parse().unwrap(),
                ..Options::default()
            },
        };
        for (name, needs) in services {
            let needs = needs
                .iter()
                .map(|need| ((*need).to_owned(), "service_started".to_owned()));
            let service = Service {
                replicas: 1,
                depends_on: needs.collect(),
                ..Service::default()
            };
            setup.expected.services.insert((*name).to_owned(), service);
            setup.container(name, 1);
        }
        setup
    }

    pub(super) fn container(&mut self, service: &str, number: u32) -> &mut Container {
        self.live.containers.push(Container {
            id: format!("{service}{number}"),
            name: format!("p-{service}-{number}"),
            service: Some(service.to_owned()),
            number: Some(number),
            state: "running".into(),
            created: format!("2026-01-01T00:00:0{number}Z"),
            ..Container::default()
        });
        self.live.containers.last_mut().unwrap()
    }

    pub(super) fn service(&mut self, name: &str) -> &mut Service {
        self.expected.services.get_mut(name).unwrap()
    }

    pub(super) fn running(&mut self, name: &str) -> &mut Container {
        self.live
            .containers
            .iter_mut()
            .find(|one| one.name == name)
            .unwrap()
    }

    /// A network that these services are on.
    pub(super) fn network(&mut self, key: &str, services: &[&str]) {
        let network = Network {
            name: format!("p_{key}"),
            origin: Some(origin(key)),
            ..Network::default()
        };
        self.observed
            .networks
            .insert(key.to_owned(), network.clone());
        let network = Network {
            origin: None,
            ..network
        };
        self.expected.networks.insert(key.to_owned(), network);
        for service in services {
            let networks = &mut self.service(service).networks;
            networks.insert(key.to_owned(), Attachment::default());
            let container = self.running(&format!("p-{service}-1"));
            container
                .networks
                .insert(format!("p_{key}"), Attached::default());
        }
    }

    /// A volume that a service mounts.
    pub(super) fn volume(&mut self, key: &str, service: &str) {
        let volume = Volume {
            name: format!("p_{key}"),
            origin: Some(origin(key)),
            ..Volume::default()
        };
        self.observed.volumes.insert(key.to_owned(), volume.clone());
        self.expected.volumes.insert(key.to_owned(), volume);
        let mount = |source: String| Mount {
            kind: MountKind::Volume,
            source: Some(source),
            target: "/data".into(),
            fields: Values::default(),
        };
        self.service(service).mounts = vec![mount(key.to_owned())];
        self.running(&format!("p-{service}-1")).mounts = vec![mount(format!("p_{key}"))];
    }

    pub(super) fn changed(&mut self, id: &str, is_certain: bool) {
        let what = "`image`".to_owned();
        let reason = Reason::Definition(DefinitionChange { what, is_certain });
        self.facts.containers.insert(id.to_owned(), vec![reason]);
    }

    pub(super) fn plan(&self) -> Plan {
        Plan::of(Input {
            expected: &self.expected,
            observed: &self.observed,
            live: &self.live,
            facts: &self.facts,
            options: &self.options,
        })
    }

    /// The operations: what is done to what, with `?` where it is not certain.
    pub(super) fn operations(&self) -> Vec<String> {
        let operations = self.plan().operations;
        operations
            .iter()
            .map(|one| {
                let mark = if one.certain { "" } else { "?" };
                let what = one.container.as_ref().unwrap_or(&one.resource);
                format!("{}{mark} {what}", one.action.as_str())
            })
            .collect()
    }
}
