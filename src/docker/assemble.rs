//! From what an engine lists to the state of a project.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::scope::{ProjectScope, Used, volumes as volumes_of};
use crate::fields::Values;
use crate::state::{
    Container, Dialect, Engine, Live, Network, Origin, State, Unreadable, Volume, bare_id,
    image_name,
};

/// What an engine lists, of all projects.
pub(super) struct Listed {
    pub(super) endpoint: String,
    pub(super) engine: Engine,
    pub(super) networks: Vec<Network>,
    pub(super) volumes: Vec<Volume>,
    /// Names to IDs.
    pub(super) images: BTreeMap<String, String>,
    /// The IDs, of images without a name as well.
    pub(super) image_ids: BTreeSet<String>,
    /// The containers of others.
    pub(super) others: Vec<Container>,
    /// The fields that could not be read.
    pub(super) unreadable: Vec<Unreadable>,
}

/// What was asked about each of the project's own containers.
pub(super) struct Details {
    pub(super) own: Vec<Container>,
    /// What their images set, by their IDs.
    pub(super) image_fields: BTreeMap<String, Values>,
    /// Where their images have volumes, by their IDs.
    pub(super) image_volumes: BTreeMap<String, BTreeSet<String>>,
}

/// The state of a project: what of the lists has to do with it.
pub(super) fn state(listed: Listed, details: Details, scope: &ProjectScope) -> State {
    let Details {
        own,
        image_fields,
        image_volumes,
    } = details;
    let used = Used::by(&own, &listed.others);
    let networks = keyed(
        listed
            .networks
            .into_iter()
            .filter(|network| scope.has_network(network, &used)),
        scope,
        |network| (&network.name, network.origin.as_ref()),
    );
    let volumes = keyed(
        listed
            .volumes
            .into_iter()
            .filter(|volume| scope.has_volume(volume, &used)),
        scope,
        |volume| (&volume.name, volume.origin.as_ref()),
    );
    let others = listed.others.iter();
    let joined = others.filter(|other| used.joins(other));
    let joined: HashSet<String> = joined.map(|other| other.id.clone()).collect();
    let own_networks: HashSet<&str> = networks.values().map(|network| &*network.name).collect();
    let own_volumes: HashSet<&str> = volumes.values().map(|volume| &*volume.name).collect();
    let touches = |container: &Container| {
        !container.bound.is_empty()
            || scope.needs_name(&container.name)
            || scope.refers_to(&container.name)
            || scope.resembles(container)
            || joined.contains(&container.id)
            || container
                .networks
                .keys()
                .any(|name| own_networks.contains(&**name))
            || volumes_of(container).any(|name| own_volumes.contains(name))
    };
    let mut foreign: Vec<Container> = listed.others.into_iter().filter(touches).collect();
    foreign.sort_by(|a, b| a.name.cmp(&b.name));
    let named = own.iter().map(|container| &container.image);
    let images = named
        .chain(scope.services.values())
        .filter_map(|name| {
            let by_name = listed.images.get(&image_name(name));
            let id = by_name.or_else(|| id_that_begins(&listed.image_ids, name))?;
            Some((name.clone(), id.clone()))
        })
        .collect();
    State {
        networks,
        volumes,
        live: Some(Live {
            endpoint: listed.endpoint,
            engine: listed.engine,
            taken: jiff::Timestamp::now().to_string(),
            containers: own,
            foreign,
            images,
            image_fields,
            image_volumes,
            unreadable: listed.unreadable,
            dialect: Dialect::default(),
        }),
        ..State::empty(&*scope.project)
    }
}

/// The only ID that begins with the digits that a Compose file names an image by.
fn id_that_begins<'a>(ids: &'a BTreeSet<String>, image: &str) -> Option<&'a String> {
    let digits = bare_id(image)?;
    // Podman leaves out the algorithm.
    let begin = [format!("sha256:{digits}"), digits.to_owned()];
    let mut found = begin.iter().flat_map(|begin| {
        let from = ids.range(begin.clone()..);
        from.take_while(move |id| id.starts_with(begin))
    });
    found.next().filter(|_| found.next().is_none())
}

/// Things by their keys in the Compose file, or by their names on the engine where they have none
/// there.
fn keyed<T>(
    things: impl Iterator<Item = T>,
    scope: &ProjectScope,
    identity: impl Fn(&T) -> (&String, Option<&Origin>),
) -> BTreeMap<String, T> {
    let mut keyed = BTreeMap::new();
    for thing in things {
        let (name, origin) = identity(&thing);
        let own = origin.filter(|_| scope.owns(origin));
        let id = origin.map(|origin| &origin.id);
        // Several networks can have one name on some engines.
        let key = own
            .and_then(|origin| origin.key.as_ref())
            .into_iter()
            .chain([name])
            .chain(id)
            .find(|key| !keyed.contains_key(*key))
            .unwrap_or(name)
            .clone();
        keyed.insert(key, thing);
    }
    keyed
}
