//! The services of a Compose file.

use std::collections::BTreeMap;

use super::reader::Reader;
use super::{config, mounts, ports};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{Attachment, MountKind, Service};
use crate::yaml::Cursor;

/// The services that start without a profile.
pub(super) fn read(reader: &Reader<'_>, problems: &mut Diagnostics) -> BTreeMap<String, Service> {
    let Some(section) = reader.root.get("services") else {
        return BTreeMap::new();
    };
    let mut services = BTreeMap::new();
    for (name, cursor) in section.entries(problems) {
        let profiles = cursor.get("profiles").map(|c| c.list(problems));
        if profiles.is_some_and(|profiles| !profiles.is_empty()) {
            continue;
        }
        services.insert(name.to_owned(), service(reader, &cursor, problems));
    }
    services
}

fn service(reader: &Reader<'_>, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Service {
    let mut text = |key| cursor.get(key).and_then(|c| reader.scalar(&c, problems));
    let (image, network_mode) = (text("image"), text("network_mode"));
    let networks = match (cursor.get("networks"), &network_mode) {
        (Some(networks), Some(_)) => {
            problems.push(
                Diagnostic::new(
                    "a service has `networks` or a `network_mode`",
                    networks.key_place(),
                )
                .label("expected one of the two"),
            );
            BTreeMap::new()
        }
        (None, Some(_)) => BTreeMap::new(),
        (networks, None) => attachments(reader, networks, problems),
    };
    let mounts = mounts::read(reader, cursor, problems);
    for mount in &mounts {
        if let (MountKind::Volume, Some(source)) = (mount.kind, &mount.source)
            && reader.declared("volumes", source).is_none()
        {
            let at = cursor.get("volumes").unwrap_or_else(|| cursor.clone());
            problems.push(reader.dangling("volumes", source, &at));
        }
    }
    Service {
        replicas: replicas(reader, cursor, problems),
        image,
        network_mode,
        networks,
        mounts,
        ports: cursor
            .get("ports")
            .map(|c| ports::read(reader, &c, problems))
            .unwrap_or_default(),
        depends_on: depends_on(reader, cursor, problems),
        config: config::read(reader, cursor, problems),
    }
}

/// The networks that a service joins: those it lists, or the default one where it lists none.
fn attachments(
    reader: &Reader<'_>,
    networks: Option<Cursor<'_>>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Attachment> {
    let mut joined = BTreeMap::new();
    let Some(networks) = networks.filter(|networks| !networks.is_null()) else {
        joined.insert("default".to_owned(), Attachment::default());
        return joined;
    };
    let mut join = |name: &str, at: &Cursor<'_>, attachment, problems: &mut Diagnostics| {
        if name != "default" && reader.declared("networks", name).is_none() {
            problems.push(reader.dangling("networks", name, at));
        }
        joined.insert(name.to_owned(), attachment);
    };
    if networks.value().is_sequence() {
        for item in networks.list(problems) {
            if let Some(name) = reader.known(&item, problems) {
                join(&name, &item, Attachment::default(), problems);
            }
        }
    } else {
        for (name, cursor) in networks.entries(problems) {
            let attachment = attachment(reader, &cursor, problems);
            join(name, &cursor, attachment, problems);
        }
    }
    joined
}

fn attachment(reader: &Reader<'_>, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Attachment {
    if cursor.is_null() {
        return Attachment::default();
    }
    let items = cursor
        .get("aliases")
        .map(|c| c.list(problems))
        .unwrap_or_default();
    let mut aliases: Vec<String> = items
        .into_iter()
        .filter_map(|item| reader.scalar(&item, problems))
        .collect();
    aliases.sort();
    aliases.dedup();
    let mut text = |key| reader.known(&cursor.get(key)?, problems);
    Attachment {
        aliases,
        ipv4: text("ipv4_address"),
        ipv6: text("ipv6_address"),
    }
}

/// The services that a service waits for, and for what.
fn depends_on(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, String> {
    const STARTED: &str = "service_started";
    let Some(cursor) = service.get("depends_on").filter(|c| !c.is_null()) else {
        return BTreeMap::new();
    };
    if cursor.value().is_sequence() {
        let items = cursor.list(problems).into_iter();
        return items
            .filter_map(|item| reader.scalar(&item, problems))
            .map(|name| (name, STARTED.to_owned()))
            .collect();
    }
    let entries = cursor.entries(problems).into_iter();
    entries
        .map(|(name, entry)| {
            let condition = entry.get("condition");
            let condition = condition.and_then(|c| reader.scalar(&c, problems));
            (
                name.to_owned(),
                condition.unwrap_or_else(|| STARTED.to_owned()),
            )
        })
        .collect()
}

/// `scale`, or `deploy.replicas`; Compose refuses the two where they differ.
fn replicas<'a>(reader: &Reader<'_>, cursor: &Cursor<'a>, problems: &mut Diagnostics) -> u32 {
    let mut count = |field: Option<Cursor<'a>>| {
        let field = field?;
        let number = reader.known(&field, problems)?.parse::<u32>().ok();
        if number.is_none() {
            field.mismatch("a whole number", problems);
        }
        number.map(|number| (number, field))
    };
    let scale = count(cursor.get("scale"));
    let replicas = count(
        cursor
            .get("deploy")
            .and_then(|deploy| deploy.get("replicas")),
    );
    match (scale, replicas) {
        (Some((scale, at)), Some((replicas, other))) if scale != replicas => {
            problems.push(
                Diagnostic::new("`scale` and `deploy.replicas` differ", at.place())
                    .label("expected one number of containers")
                    .related(other.place(), "the other one"),
            );
            scale
        }
        (Some((number, _)), _) | (None, Some((number, _))) => number,
        (None, None) => 1,
    }
}
