//! The networks and volumes of a project, as far as some service uses them: Compose creates no
//! others (compose-go, `types/project.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, filled};
use crate::compose::tree::Node;
use crate::redact::Sensitive;
use crate::state::{MountKind, Network, Service, Volume};

/// The networks that the services join.
pub(super) fn networks(
    reader: &mut Reader<'_>,
    services: &BTreeMap<String, Service>,
) -> BTreeMap<String, Network> {
    let used: BTreeSet<&String> = services.values().flat_map(|s| s.networks.keys()).collect();
    let mut networks = BTreeMap::new();
    for key in used {
        let Some(declared) = reader.root.get("networks").and_then(|all| all.get(key)) else {
            continue;
        };
        let at = format!("networks.{key}");
        let ipam = declared.field("ipam");
        let configs = ipam.and_then(|ipam| ipam.get("config")).map(Node::items);
        let subnets = configs.unwrap_or_default().iter();
        let subnets: BTreeSet<String> = subnets
            .filter_map(|config| filled(reader.known(config.field("subnet"))))
            .collect();
        let network = Network {
            name: reader.text(declared.field("name")).unwrap_or_default(),
            external: reader.boolean(declared.field("external")).unwrap_or(false),
            driver: filled(reader.text(declared.field("driver"))),
            internal: reader.boolean(declared.field("internal")).unwrap_or(false),
            attachable: reader
                .boolean(declared.field("attachable"))
                .unwrap_or(false),
            ipv6: reader.boolean(declared.field("enable_ipv6")),
            subnets: subnets.into_iter().collect(),
            options: Sensitive::options(
                reader.pairs(declared.field("driver_opts"), &format!("{at}.driver_opts")),
            ),
            labels: Sensitive::options(
                reader.pairs(declared.field("labels"), &format!("{at}.labels")),
            ),
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
        let at = format!("volumes.{key}");
        let volume = Volume {
            name: reader.text(declared.field("name")).unwrap_or_default(),
            external: reader.boolean(declared.field("external")).unwrap_or(false),
            driver: filled(reader.text(declared.field("driver"))),
            options: Sensitive::options(
                reader.pairs(declared.field("driver_opts"), &format!("{at}.driver_opts")),
            ),
            labels: Sensitive::options(
                reader.pairs(declared.field("labels"), &format!("{at}.labels")),
            ),
            origin: None,
        };
        volumes.insert(key.clone(), volume);
    }
    volumes
}
