//! From what an engine lists to the state of a project.

use std::collections::BTreeMap;

use super::interest::{Interest, Used, volumes as volumes_of};
use super::observe::Listed;
use crate::redact::Sensitive;
use crate::state::{
    Attachment, Container, Live, Mount, MountKind, Origin, Service, State, Unused, VERSION,
    image_name,
};

/// The state of a project: what of the lists has to do with it.
pub(super) fn state(
    listed: Listed,
    own: Vec<Container>,
    others: Vec<Container>,
    set_by_images: BTreeMap<String, BTreeMap<String, Option<Sensitive>>>,
    interest: &Interest,
) -> State {
    let used = Used::by(&own);
    let networks = listed.networks.into_iter();
    let networks = keyed(
        networks.filter(|network| interest.has_network(network, &used)),
        interest,
        |network| (&network.name, network.origin.as_ref()),
    );
    let volumes = listed.volumes.into_iter();
    let volumes = keyed(
        volumes.filter(|volume| interest.has_volume(volume, &used)),
        interest,
        |volume| (&volume.name, volume.origin.as_ref()),
    );
    let of_networks = by_name(&networks, |network| &network.name);
    let of_volumes = by_name(&volumes, |volume| &volume.name);
    let touches = |container: &Container| {
        let mut attached = container.networks.keys();
        !container.bound.is_empty()
            || interest.needs_name(&container.name)
            || interest.resembles(container)
            || attached.any(|network| of_networks.contains_key(&**network))
            || volumes_of(container).any(|volume| of_volumes.contains_key(volume))
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
        services: services(&own, &of_networks, &of_volumes),
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
            unreadable: listed.unreadable,
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

/// The keys of things by their names on the engine; of two with one name, the first counts.
fn by_name<'a, T>(
    things: &'a BTreeMap<String, T>,
    name: impl Fn(&'a T) -> &'a String,
) -> BTreeMap<&'a str, &'a str> {
    let backwards = things.iter().rev();
    backwards
        .map(|(key, thing)| (&**name(thing), &**key))
        .collect()
}

/// The services as their first containers show them.
fn services(
    containers: &[Container],
    networks: &BTreeMap<&str, &str>,
    volumes: &BTreeMap<&str, &str>,
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
    networks: &BTreeMap<&str, &str>,
    volumes: &BTreeMap<&str, &str>,
) -> Service {
    let attached = container.networks.iter().map(|(name, attached)| {
        let key = networks.get(&**name).copied();
        let attachment = Attachment {
            aliases: attached.aliases.clone(),
            ipv4: attached.ipv4.clone(),
            ipv6: attached.ipv6.clone(),
        };
        (key.unwrap_or(name).to_owned(), attachment)
    });
    let mounts = container.mounts.iter().map(|mount| {
        let volume = mount
            .source
            .as_ref()
            .filter(|_| mount.kind == MountKind::Volume);
        let key = volume.and_then(|name| volumes.get(&**name).copied());
        Mount {
            target: mount.target.clone(),
            kind: mount.kind,
            source: key.map(str::to_owned).or_else(|| mount.source.clone()),
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
