//! From what an engine lists to the state of a project.

use std::collections::BTreeMap;

use super::interest::{Interest, mounts};
use super::observe::Listed;
use crate::redact::Sensitive;
use crate::state::{
    Attachment, Container, Live, Mount, MountKind, Network, Origin, Service, State, Unused,
    VERSION, Volume, image_name,
};

/// The state of a project: what of the lists has to do with it.
pub(super) fn state(
    listed: Listed,
    own: Vec<Container>,
    others: Vec<Container>,
    set_by_images: BTreeMap<String, BTreeMap<String, Option<Sensitive>>>,
    interest: &Interest,
) -> State {
    let networks = listed.networks.into_iter();
    let networks = keyed(
        networks.filter(|network| interest.has_network(network, &own)),
        interest,
        |network| (&network.name, network.origin.as_ref()),
    );
    let volumes = listed.volumes.into_iter();
    let volumes = keyed(
        volumes.filter(|volume| interest.has_volume(volume, &own)),
        interest,
        |volume| (&volume.name, volume.origin.as_ref()),
    );
    let touches = |container: &Container| {
        !container.bound.is_empty()
            || interest.needs_name(&container.name)
            || interest.resembles(container)
            || networks
                .values()
                .any(|network| container.networks.contains_key(&network.name))
            || volumes
                .values()
                .any(|volume| mounts(container, &volume.name))
    };
    let mut foreign: Vec<Container> = others.into_iter().filter(touches).collect();
    foreign.sort_by(|a, b| a.name.cmp(&b.name));
    let named = own.iter().map(|container| &container.image);
    let images = named
        .chain(interest.services.values())
        .filter_map(|name| {
            let id = listed.images.get(&image_name(name))?;
            Some((name.clone(), id.clone()))
        })
        .collect();
    State {
        version: VERSION,
        project: interest.project.clone(),
        services: services(&own, &networks, &volumes),
        networks,
        volumes,
        unset: BTreeMap::new(),
        salt: None,
        unused: Unused::default(),
        live: Some(Live {
            endpoint: listed.endpoint,
            engine: listed.engine,
            taken: jiff::Timestamp::now().to_string(),
            containers: own,
            foreign,
            images,
            set_by_images,
        }),
    }
}

/// Things by their keys in the Compose file, or by their names on the engine where they have none
/// there.
fn keyed<T>(
    things: impl Iterator<Item = T>,
    interest: &Interest,
    identity: impl Fn(&T) -> (&String, Option<&Origin>),
) -> BTreeMap<String, T> {
    let mut keyed = BTreeMap::new();
    for thing in things {
        let (name, origin) = identity(&thing);
        let own = origin.filter(|_| interest.owns(origin));
        let key = own
            .and_then(|origin| origin.key.clone())
            .filter(|key| !keyed.contains_key(key))
            .unwrap_or_else(|| name.clone());
        keyed.insert(key, thing);
    }
    keyed
}

/// The services as their first containers show them.
fn services(
    containers: &[Container],
    networks: &BTreeMap<String, Network>,
    volumes: &BTreeMap<String, Volume>,
) -> BTreeMap<String, Service> {
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for container in containers.iter().filter(|container| !container.is_oneoff) {
        let Some(name) = &container.service else {
            continue;
        };
        let service = services
            .entry(name.clone())
            .or_insert_with(|| service(container, networks, volumes));
        service.replicas += 1;
    }
    services
}

fn service(
    container: &Container,
    networks: &BTreeMap<String, Network>,
    volumes: &BTreeMap<String, Volume>,
) -> Service {
    let attached = container.networks.iter().map(|(name, attached)| {
        let key = networks.iter().find(|(_, network)| network.name == *name);
        let attachment = Attachment {
            aliases: attached.aliases.clone(),
            ipv4: attached.ipv4.clone(),
            ipv6: attached.ipv6.clone(),
        };
        (key.map_or(name, |(key, _)| key).clone(), attachment)
    });
    let mounts = container.mounts.iter().map(|mount| {
        let volume = mount
            .source
            .as_ref()
            .filter(|_| mount.kind == MountKind::Volume);
        let key = volume.and_then(|name| volumes.iter().find(|(_, volume)| volume.name == *name));
        Mount {
            target: mount.target.clone(),
            kind: mount.kind,
            source: key
                .map(|(key, _)| key.clone())
                .or_else(|| mount.source.clone()),
            read_only: mount.read_only,
        }
    });
    Service {
        replicas: 0,
        image: Some(container.image.clone()),
        network_mode: container.network_mode.clone(),
        networks: attached.collect(),
        mounts: mounts.collect(),
        copies: Vec::new(),
        mounts_of: Vec::new(),
        ports: container.ports.clone(),
        depends_on: BTreeMap::new(),
        beyond: Vec::new(),
        config: container.config.clone(),
    }
}
