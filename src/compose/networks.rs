//! The networks and volumes of a Compose file, as far as some service uses them: Compose creates no
//! others (compose-go, `types/project.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::reader::Reader;
use crate::diagnostic::Diagnostics;
use crate::state::{MountKind, Network, Service, Volume};
use crate::yaml::Cursor;

/// The networks that the services join.
pub(super) fn networks(
    reader: &Reader<'_>,
    project: &str,
    services: &BTreeMap<String, Service>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Network> {
    let used: BTreeSet<&String> = services.values().flat_map(|s| s.networks.keys()).collect();
    let read = |key: &String, problems: &mut Diagnostics| {
        let cursor = reader.declared("networks", key);
        let fields = Fields {
            reader,
            cursor: cursor.as_ref(),
        };
        Network {
            name: fields.name(project, key, problems),
            external: fields.is_external(problems),
            driver: fields.text("driver", problems),
            internal: fields.boolean("internal", problems).unwrap_or(false),
            attachable: fields.boolean("attachable", problems).unwrap_or(false),
            ipv6: fields.boolean("enable_ipv6", problems),
            subnets: fields.subnets(problems),
            options: fields.pairs("driver_opts", problems),
            labels: fields.pairs("labels", problems),
            origin: None,
        }
    };
    used.into_iter()
        .map(|key| (key.clone(), read(key, problems)))
        .collect()
}

/// The named volumes that the services mount.
pub(super) fn volumes(
    reader: &Reader<'_>,
    project: &str,
    services: &BTreeMap<String, Service>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Volume> {
    let mounts = services.values().flat_map(|service| &service.mounts);
    let used: BTreeSet<&String> = mounts
        .filter(|mount| mount.kind == MountKind::Volume)
        .filter_map(|mount| mount.source.as_ref())
        .collect();
    let read = |key: &String, problems: &mut Diagnostics| {
        let cursor = reader.declared("volumes", key);
        let fields = Fields {
            reader,
            cursor: cursor.as_ref(),
        };
        Volume {
            name: fields.name(project, key, problems),
            external: fields.is_external(problems),
            driver: fields.text("driver", problems),
            options: fields.pairs("driver_opts", problems),
            labels: fields.pairs("labels", problems),
            origin: None,
        }
    };
    used.into_iter()
        .map(|key| (key.clone(), read(key, problems)))
        .collect()
}

/// The fields that networks and volumes share.
struct Fields<'a> {
    reader: &'a Reader<'a>,
    cursor: Option<&'a Cursor<'a>>,
}

impl<'a> Fields<'a> {
    fn field(&self, key: &str) -> Option<Cursor<'a>> {
        self.cursor?.get(key).filter(|field| !field.is_null())
    }

    fn text(&self, key: &str, problems: &mut Diagnostics) -> Option<String> {
        self.reader.scalar(&self.field(key)?, problems)
    }

    fn boolean(&self, key: &str, problems: &mut Diagnostics) -> Option<bool> {
        self.reader.boolean(&self.field(key)?, problems)
    }

    fn pairs(&self, key: &str, problems: &mut Diagnostics) -> BTreeMap<String, String> {
        let field = self.field(key);
        field
            .map(|field| self.reader.pairs(&field, problems))
            .unwrap_or_default()
    }

    /// `name` as it is; else the bare key of an external thing; else the key behind the project's.
    fn name(&self, project: &str, key: &str, problems: &mut Diagnostics) -> String {
        if let Some(name) = self.text("name", problems) {
            return name;
        }
        // `external: {name: x}` is old, and still honoured (compose-go, `transform/external.go`).
        let old = self
            .field("external")
            .and_then(|external| external.get("name"));
        if let Some(old) = old {
            return self.reader.scalar(&old, problems).unwrap_or_default();
        }
        if self.is_external(problems) {
            key.to_owned()
        } else {
            format!("{project}_{key}")
        }
    }

    fn is_external(&self, problems: &mut Diagnostics) -> bool {
        let Some(external) = self.field("external") else {
            return false;
        };
        external.value().is_mapping() || self.reader.boolean(&external, problems).unwrap_or(false)
    }

    fn subnets(&self, problems: &mut Diagnostics) -> Vec<String> {
        let config = self.field("ipam").and_then(|ipam| ipam.get("config"));
        let items = config
            .map(|config| config.list(problems))
            .unwrap_or_default();
        let mut subnets: Vec<String> = items
            .into_iter()
            .filter_map(|item| item.get("subnet"))
            .filter_map(|subnet| self.reader.known(&subnet, problems))
            .collect();
        subnets.sort();
        subnets
    }
}
