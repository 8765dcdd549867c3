//! `volumes_from`: a service mounts what another one mounts (moby, `daemon/volumes_unix.go`). What it
//! mounts of its own on the same target wins, and of two others the later one. Compose does not pass
//! on the `:ro` of `web:ro` (docker/compose, `resolveVolumeFrom`), so what is mounted is writable.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose::growth::Growth;
use crate::compose::notes::Notes;
use crate::compose::tree::{Mark, Node};
use crate::fields::MOUNT;
use crate::state::{CONTAINER, Mount, MountKind, Service};

/// The services that the mounts of a service come from.
type Sources = Vec<String>;

/// Gives every service the mounts of those that it takes them from.
pub(super) fn mounts(model: &Node, services: &mut BTreeMap<String, Service>, notes: &mut Notes) {
    let waiting: BTreeMap<String, Sources> = model
        .section("services")
        .map(|(name, entry)| (name.to_owned(), sources(&entry.value)))
        .filter(|(_, sources)| !sources.is_empty())
        .collect();
    // One may take from another that takes from a third. They do not go round in a circle, as each
    // depends on those that it takes from.
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut lacking: HashMap<&str, usize> = HashMap::new();
    for (name, sources) in &waiting {
        let others: BTreeSet<&String> = sources.iter().collect();
        for source in others.into_iter().filter(|one| waiting.contains_key(*one)) {
            users.entry(source).or_default().push(name);
            *lacking.entry(name).or_default() += 1;
        }
    }
    let mut ready: Vec<&str> = waiting.keys().map(String::as_str).collect();
    ready.retain(|name| !lacking.contains_key(name));
    while let Some(name) = ready.pop() {
        take(name, waiting.get(name), services, notes);
        for user in users.get(name).into_iter().flatten() {
            if let Some(count) = lacking.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    ready.push(user);
                }
            }
        }
    }
}

/// The services that a service takes mounts from.
fn sources(service: &Node) -> Sources {
    texts(service)
        .filter(|text| !text.starts_with(CONTAINER))
        .map(bare)
        .collect()
}

/// The containers of others that a service takes mounts from; what those mount is not known here.
pub(super) fn containers(service: &Node) -> Vec<String> {
    let mut others: Vec<String> = texts(service)
        .filter_map(|text| text.strip_prefix(CONTAINER))
        .map(bare)
        .collect();
    others.sort();
    others.dedup();
    others
}

fn texts(service: &Node) -> impl Iterator<Item = &str> {
    let items = service.get("volumes_from").map(Node::items);
    items.unwrap_or_default().iter().filter_map(Node::as_text)
}

/// A name without the mode behind it.
fn bare(text: &str) -> String {
    text.split(':').next().unwrap_or(text).to_owned()
}

/// Whether an engine shows a field of what is mounted, and not only of what a container was asked to mount
/// itself.
fn is_shown_of_mounted(path: &str) -> bool {
    let field = MOUNT.iter().find(|field| field.path == path);
    field.is_some_and(|field| field.engine.starts_with("Mounts."))
}

fn take(
    name: &str,
    sources: Option<&Sources>,
    services: &mut BTreeMap<String, Service>,
    notes: &mut Notes,
) {
    let mut taken: BTreeMap<String, Mount> = BTreeMap::new();
    let mut others: Vec<String> = Vec::new();
    let (mut from, mut unset) = (BTreeSet::new(), BTreeSet::new());
    let mut unset_sources = BTreeSet::new();
    for key in sources.into_iter().flatten() {
        let Some(source) = services.get(key) else {
            continue;
        };
        let more = source.mounts.len() + source.mounts_of.len() + source.unset_mounts.len();
        if notes.grow(Growth::Mounts, more, Mark::default()).is_err() {
            return;
        }
        // Docker refuses to share a tmpfs, and Podman leaves it out.
        let shared = source.mounts.iter();
        for mount in shared.filter(|mount| mount.kind != MountKind::Tmpfs) {
            let mut mount = mount.clone();
            mount.fields.retain(is_shown_of_mounted);
            taken.insert(mount.target.clone(), mount);
        }
        others.extend(source.mounts_of.iter().cloned());
        from.insert(key.clone());
        unset.extend(source.unset_mounts.iter().cloned());
        unset_sources.extend(source.unset_sources.iter().cloned());
    }
    if let Some(service) = services.get_mut(name) {
        service.mounts_of.append(&mut others);
        service.mounts_of.sort();
        service.mounts_of.dedup();
        service.mounts_from = from;
        service.unset_mounts.append(&mut unset);
        service.unset_sources.append(&mut unset_sources);
        for own in std::mem::take(&mut service.mounts) {
            taken.insert(own.target.clone(), own);
        }
        service.mounts = taken.into_values().collect();
        Mount::sort(&mut service.mounts);
    }
}
