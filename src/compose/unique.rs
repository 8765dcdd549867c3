//! The pass that drops what a list says twice: the later entry takes the place of the earlier one
//! (compose-go, `override/uncity.go`).

use std::collections::HashMap;

use super::canonical::volume;
use super::notes::Notes;
use super::tree::{Kind, Node};

/// What tells the entries of a list apart.
#[derive(Clone, Copy)]
enum By {
    /// The text before `=`.
    Key,
    /// The text or the number as it is.
    Text,
    /// Where in the container.
    Volume,
    Device,
    /// A secret or config: its target, or its name below this folder.
    File(&'static str),
    Port,
    EnvFile,
}

const OF_SERVICES: [(&[&str], By); 25] = [
    (&["annotations"], By::Key),
    (&["build", "args"], By::Key),
    (&["build", "additional_contexts"], By::Key),
    (&["build", "platform"], By::Key),
    (&["build", "tags"], By::Key),
    (&["build", "labels"], By::Key),
    (&["cap_add"], By::Key),
    (&["cap_drop"], By::Key),
    (&["configs"], By::File("")),
    (&["deploy", "labels"], By::Key),
    (&["devices"], By::Device),
    (&["dns"], By::Key),
    (&["dns_opt"], By::Key),
    (&["dns_search"], By::Key),
    (&["environment"], By::Key),
    (&["env_file"], By::EnvFile),
    (&["expose"], By::Text),
    (&["labels"], By::Key),
    (&["links"], By::Key),
    (&["ports"], By::Port),
    (&["profiles"], By::Key),
    (&["secrets"], By::File("/run/secrets")),
    (&["sysctls"], By::Key),
    (&["tmpfs"], By::Key),
    (&["volumes"], By::Volume),
];

/// Drops what lists say twice.
pub(super) fn enforce(root: &mut Node, notes: &mut Notes) {
    for (_, service) in root.section_mut("services") {
        for (path, by) in OF_SERVICES {
            super::fill::each(service, path, &mut |list| one(list, by, notes));
        }
        for key in ["aliases", "link_local_ips"] {
            super::fill::each(service, &["networks", "*", key], &mut |list| {
                one(list, By::Key, notes);
            });
        }
    }
    for (_, network) in root.section_mut("networks") {
        super::fill::each(network, &["labels"], &mut |list| one(list, By::Key, notes));
        super::fill::each(network, &["ipam", "options"], &mut |list| {
            one(list, By::Key, notes);
        });
    }
}

fn one(list: &mut Node, by: By, notes: &mut Notes) {
    let Kind::List(items) = &mut list.kind else {
        return;
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut unique: Vec<Node> = Vec::with_capacity(items.len());
    for item in std::mem::take(items) {
        let Some(key) = index(&item, by, notes) else {
            // A mistake that is noted here or when the kinds are checked.
            unique.push(item);
            continue;
        };
        let known = places.get(&key).and_then(|place| unique.get_mut(*place));
        if let Some(known) = known {
            *known = item;
        } else {
            places.insert(key, unique.len());
            unique.push(item);
        }
    }
    *items = unique;
}

fn index(item: &Node, by: By, notes: &mut Notes) -> Option<String> {
    match (by, &item.kind) {
        (By::Key, Kind::Text(text)) => {
            let key = text.split('=').next().unwrap_or_default();
            Some(key.to_owned())
        }
        (By::Text | By::Port, Kind::Text(_) | Kind::Int(_)) | (By::EnvFile, Kind::Text(_)) => {
            item.scalar()
        }
        (By::EnvFile, Kind::Map(_)) => item.get("path")?.scalar(),
        (By::Volume, Kind::Text(text)) => {
            if item.unset.is_some() {
                return None;
            }
            Some(volume::parse(text).ok()?.target)
        }
        (By::Device, Kind::Text(text)) => {
            let mut parts = text.split(':');
            let source = parts.next().unwrap_or_default();
            Some(parts.next().unwrap_or(source).to_owned())
        }
        (By::Volume | By::Device, Kind::Map(_)) => {
            let target = item.get("target").and_then(Node::as_text);
            if target.is_none() {
                notes.problem(
                    item.at,
                    "this names no place in the container",
                    "expected a field `target`",
                );
            }
            target.map(str::to_owned)
        }
        (By::File(folder), Kind::Text(text)) => Some(format!("{folder}/{text}")),
        (By::File(folder), Kind::Map(_)) => match item.get("target") {
            Some(target) => target.scalar(),
            None => Some(format!("{folder}/{}", item.get("source")?.scalar()?)),
        },
        (By::Port, Kind::Map(_)) => {
            let text = |key: &str, default: &str| {
                let field = item.get(key).and_then(Node::scalar);
                field.unwrap_or_else(|| default.to_owned())
            };
            if item.get("target").is_none() {
                notes.problem(
                    item.at,
                    "this port names no port of the container",
                    "expected a field `target`",
                );
                return None;
            }
            Some(format!(
                "{}:{}:{}/{}",
                text("host_ip", "0.0.0.0"),
                text("published", "<nil>"),
                text("target", ""),
                text("protocol", "tcp")
            ))
        }
        _ => None,
    }
}
