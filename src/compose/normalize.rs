//! The pass that adds what a file implies: the default network, the names on the engine, and what a
//! service depends on (compose-go, `loader/normalize.go`,
//! `transform/defaults.go`).

use std::collections::BTreeSet;

use super::fields::NAMED_SECTIONS;
use super::merge::dependency;
use super::tree::{Entry, Kind, Map, Node};
use crate::state::{CONTAINER, SERVICE, scoped_name};
use crate::text::path::{SECRETS_FOLDER, clean};

/// Sets the defaults of fields (compose-go does so for the main file and for each included one).
pub(super) fn defaults(root: &mut Node) {
    for (_, service) in root.section_mut("services") {
        for secret in service.items_mut("secrets") {
            let source = secret.get("source").and_then(Node::as_text);
            if secret.get("target").is_none() {
                let target = format!("{SECRETS_FOLDER}{}", source.unwrap_or_default());
                let at = secret.at;
                secret.set("target", Node::text(target, at), at);
            }
        }
        for port in service.items_mut("ports") {
            if port.get("protocol").is_none() {
                let at = port.at;
                port.set("protocol", Node::text("tcp", at), at);
            }
        }
    }
}

/// Adds what is implied for the project as a whole.
pub(super) fn normalize(root: &mut Node, project: &str) {
    default_network(root);
    for (_, service) in root.section_mut("services") {
        depend(service);
        for mount in service.items_mut("volumes") {
            if let Some(Kind::Text(target)) = mount.get_mut("target").map(|node| &mut node.kind) {
                *target = clean(target);
            }
        }
    }
    for section in NAMED_SECTIONS {
        for (key, resource) in root.section_mut(section) {
            name(resource, key, project);
        }
    }
}

/// A service that lists no networks is on the default one, which then exists.
fn default_network(root: &mut Node) {
    let mut is_used = false;
    for (_, service) in root.section_mut("services") {
        if service.get("provider").is_some() || service.get("network_mode").is_some() {
            continue;
        }
        let listed = service.get("networks").and_then(Node::as_map);
        match listed.filter(|networks| !networks.is_empty()) {
            Some(networks) => is_used |= networks.contains_key("default"),
            // A list that is not known may have networks.
            None if service.get("networks").is_some_and(|n| n.unset.is_some()) => {}
            None => {
                is_used = true;
                let at = service.at;
                let mut networks = Node::new(Kind::Map(Map::new()), at);
                networks.set("default", Node::new(Kind::Null, at), at);
                service.set("networks", networks, at);
            }
        }
    }
    if is_used {
        let at = root.at;
        if root.field("networks").is_none() {
            root.set("networks", Node::new(Kind::Map(Map::new()), at), at);
        }
        if let Some(networks) = root.get_mut("networks").and_then(Node::as_map_mut) {
            networks.or_insert_with("default".to_owned(), Entry::default);
        }
    }
}

/// Puts a service with an empty `network_mode` and no networks where Compose does: on the default network if others are on it, and
/// on none if no service is on a network (docker/compose, `getDefaultNetworkMode`).
pub(super) fn empty_network_mode(root: &mut Node) {
    let joined: BTreeSet<&str> = root
        .section("services")
        .flat_map(|(_, service)| service.value.section("networks"))
        .map(|(key, _)| key)
        .collect();
    let (is_used, has_default) = (!joined.is_empty(), joined.contains("default"));
    for (_, service) in root.section_mut("services") {
        let has_networks = service.get("networks").is_some_and(|networks| {
            networks.unset.is_some() || networks.entries().next().is_some()
        });
        let Some(mode) = service.get_mut("network_mode") else {
            continue;
        };
        if has_networks || mode.as_text() != Some("") {
            continue;
        }
        let at = mode.at;
        if has_default {
            let mut networks = Node::new(Kind::Map(Map::new()), at);
            networks.set("default", Node::new(Kind::Null, at), at);
            service.set("networks", networks, at);
        } else if !is_used {
            *mode = Node::text("none", at);
        }
    }
}

/// Adds the services that a service needs and does not list in `depends_on`.
fn depend(service: &mut Node) {
    let mut needed: Vec<(String, super::tree::Mark, bool)> = Vec::new();
    for link in service.list("links") {
        let text = link.as_text().unwrap_or_default();
        let mut parts = text.split(':');
        let name = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(_), None) => name,
            _ => text,
        };
        needed.push((name.to_owned(), link.at, true));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        if let Some(field) = service.get(key)
            && let Some(text) = field.as_text()
            && let Some(name) = text.strip_prefix(SERVICE)
        {
            needed.push((name.to_owned(), field.at, true));
        }
    }
    for from in service.list("volumes_from") {
        let text = from.as_text().unwrap_or_default();
        if !text.starts_with(CONTAINER) && from.unset.is_none() {
            let name = text.split(':').next().unwrap_or_default();
            needed.push((name.to_owned(), from.at, false));
        }
    }
    if needed.is_empty() {
        return;
    }
    let at = service.at;
    if service.field("depends_on").is_none() {
        service.set("depends_on", Node::new(Kind::Map(Map::new()), at), at);
    }
    if let Some(known) = service.get_mut("depends_on").and_then(Node::as_map_mut) {
        for (name, at, restarts) in needed {
            known.or_insert_with(name, || {
                let mut value = dependency(at);
                value.set("restart", Node::new(Kind::Bool(restarts), at), at);
                Entry { key_at: at, value }
            });
        }
    }
}

/// `name` as it is written; else the key, prefixed by the project's name unless it is external.
fn name(resource: &mut Node, key: &str, project: &str) {
    if resource.is_null() {
        resource.kind = Kind::Map(Map::new());
    }
    if resource.field("name").is_some() {
        return;
    }
    let name = if resource.is_true("external") {
        key.to_owned()
    } else {
        scoped_name(project, key)
    };
    let at = resource.at;
    resource.set("name", Node::text(name, at), at);
}
