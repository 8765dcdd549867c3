//! A service.

use std::collections::BTreeMap;

use super::{Reader, config, filled, inherit, mounts, ports};
use crate::compose::fields;
use crate::compose::tree::{Kind, Node};
use crate::state::{Attachment, Service};

pub(super) fn read(reader: &mut Reader<'_>, name: &str, service: &Node) -> Service {
    Service {
        replicas: replicas(reader, service),
        image: filled(reader.text(service.field("image"))),
        network_mode: filled(reader.text(service.field("network_mode"))),
        networks: attachments(reader, service),
        mounts: mounts::read(reader, service),
        copies: mounts::copies(reader, service),
        mounts_of: inherit::containers(service),
        ports: ports::read(reader, service),
        depends_on: depends_on(reader, service),
        config: config::read(reader, name, service),
        beyond: beyond(service),
    }
}

/// The fields that are set, and that only the engine is told.
fn beyond(service: &Node) -> Vec<String> {
    let says = |field: &Node| match &field.kind {
        Kind::Null | Kind::Bool(false) => false,
        Kind::Int(number) => number.get() != 0,
        Kind::Text(text) => !text.is_empty(),
        Kind::List(items) => !items.is_empty(),
        Kind::Map(entries) => !entries.is_empty(),
        _ => true,
    };
    fields::beyond()
        .filter(|key| service.field(key).is_some_and(says))
        .map(str::to_owned)
        .collect()
}

/// `scale`, or `deploy.replicas`.
fn replicas(reader: &mut Reader<'_>, service: &Node) -> u32 {
    let deploy = service.field("deploy");
    let replicas = reader.whole(deploy.and_then(|deploy| deploy.field("replicas")));
    let scale = reader.whole(service.field("scale"));
    let number = scale.or(replicas).unwrap_or(1);
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The services that a service waits for, and for what.
fn depends_on(reader: &mut Reader<'_>, service: &Node) -> BTreeMap<String, String> {
    let entries = service
        .get("depends_on")
        .into_iter()
        .flat_map(Node::entries);
    entries
        .map(|(name, entry)| {
            let condition = reader.text(entry.value.field("condition"));
            (
                name.to_owned(),
                condition.unwrap_or_else(|| "service_started".to_owned()),
            )
        })
        .collect()
}

/// The networks that a service joins.
fn attachments(reader: &mut Reader<'_>, service: &Node) -> BTreeMap<String, Attachment> {
    let mut joined = BTreeMap::new();
    for (name, entry) in service.get("networks").into_iter().flat_map(Node::entries) {
        if !reader.is_known(&entry.value) {
            continue;
        }
        let attachment = &entry.value;
        let mut aliases = reader.texts(attachment.field("aliases"));
        aliases.sort();
        aliases.dedup();
        let attachment = Attachment {
            aliases,
            ipv4: filled(reader.known(attachment.field("ipv4_address"))),
            ipv6: filled(reader.known(attachment.field("ipv6_address"))),
        };
        joined.insert(name.to_owned(), attachment);
    }
    joined
}
