//! The networks and volumes of a project, as far as some service uses them: Compose creates no
//! others (compose-go, `types/project.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::Reader;
use super::reading::FieldReader;
use crate::compose::stack::takes;
use crate::fields::{Field, NETWORK, VOLUME};
use crate::state::{MountKind, Network, Service, Volume};

/// The networks that the services join.
pub(super) fn networks(
    reader: &mut Reader<'_>,
    services: &BTreeMap<String, Service>,
) -> BTreeMap<String, Network> {
    let used: BTreeSet<&String> = services.values().flat_map(|s| s.networks.keys()).collect();
    let is_stack = reader.loader.orchestrator.is_swarm();
    let sent: Vec<&Field> = NETWORK
        .iter()
        .filter(|field| !is_stack || takes("networks", field.path))
        .collect();
    let mut networks = BTreeMap::new();
    for key in used {
        let Some(declared) = reader.root.get("networks").and_then(|all| all.get(key)) else {
            continue;
        };
        let network = Network {
            name: reader.text(declared.field("name")).unwrap_or_default(),
            external: reader.boolean(declared.field("external")).unwrap_or(false),
            fields: FieldReader::of(reader, format!("networks.{key}"), declared)
                .all(sent.iter().copied()),
            origin: None,
        };
        networks.insert(key.clone(), network);
    }
    networks
}

/// The named volumes that the services mount.
pub(super) fn volumes(
    reader: &mut Reader<'_>,
    services: &BTreeMap<String, Service>,
) -> BTreeMap<String, Volume> {
    let mounts = services.values().flat_map(|service| &service.mounts);
    let used: BTreeSet<&String> = mounts
        .filter(|mount| mount.kind == MountKind::Volume)
        .filter_map(|mount| mount.source.as_ref())
        .collect();
    let mut volumes = BTreeMap::new();
    for key in used {
        let Some(declared) = reader.root.get("volumes").and_then(|all| all.get(key)) else {
            continue;
        };
        let volume = Volume {
            name: reader.text(declared.field("name")).unwrap_or_default(),
            external: reader.boolean(declared.field("external")).unwrap_or(false),
            fields: FieldReader::of(reader, format!("volumes.{key}"), declared).all(VOLUME),
            origin: None,
        };
        volumes.insert(key.clone(), volume);
    }
    volumes
}
