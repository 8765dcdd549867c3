//! What a model that stands for itself has to keep to (compose-go, `validation/`).

use std::net::IpAddr;

use crate::compose::notes::Notes;
use crate::compose::tree::{Entry, Kind, Node};

/// Checks a model that stands for itself: the main one, and each that is included.
pub(in crate::compose) fn model(root: &Node, notes: &mut Notes) {
    for (name, entry) in root.section("volumes") {
        let volume = &entry.value;
        let is_external =
            volume.get("external").map(|external| &external.kind) == Some(&Kind::Bool(true));
        for (key, entry) in volume.entries().filter(|_| is_external) {
            if !matches!(key, "name" | "external") && !key.starts_with("x-") {
                notes.problem(
                    entry.key_at,
                    format!("volume `{name}` is external, and has a `{key}` here"),
                    "expected only `name` beside `external`",
                );
            }
        }
    }
    file_objects(root, "configs", &["file", "environment", "content"], notes);
    file_objects(root, "secrets", &["file", "environment"], notes);
    for (_, entry) in root.section("services") {
        for port in entry
            .value
            .get("ports")
            .map(Node::items)
            .unwrap_or_default()
        {
            let address = port
                .get("host_ip")
                .filter(|address| address.unset.is_none());
            if let Some(address) = address
                && let Some(text) = address.as_text()
                && text.parse::<IpAddr>().is_err()
            {
                notes.problem(
                    address.at,
                    format!("`{text}` is no IP address"),
                    "expected an IP address",
                );
            }
        }
        let reserved = entry
            .value
            .get("deploy")
            .and_then(|deploy| deploy.get("resources"));
        let reserved = reserved.and_then(|resources| resources.get("reservations")?.get("devices"));
        for devices in [reserved, entry.value.get("gpus")].into_iter().flatten() {
            for device in devices.items() {
                if let (Some(_), Some(ids)) = (device.get("count"), device.entry("device_ids")) {
                    notes.problem(
                        ids.key_at,
                        "a device has a `count` or `device_ids`",
                        "expected one of the two",
                    );
                }
            }
        }
        let watched = entry
            .value
            .get("develop")
            .and_then(|develop| develop.get("watch"));
        for watch in watched.map(Node::items).unwrap_or_default() {
            if let Some(path) = watch.get("path")
                && path.as_text() == Some("")
            {
                notes.problem(path.at, "this watches no path", "expected a path");
            }
        }
    }
}

fn file_objects(root: &Node, section: &str, keys: &[&str], notes: &mut Notes) {
    let what = section.trim_end_matches('s');
    for (name, entry) in root.section(section) {
        let set: Vec<&Entry> = keys
            .iter()
            .filter_map(|key| entry.value.entry(key))
            .collect();
        match set.as_slice() {
            [] if entry.value.get("driver").is_some() || entry.value.get("external").is_some() => {}
            [] => notes.problem(
                entry.key_at,
                format!("{what} `{name}` has no content"),
                format!("expected one of {}", keys.join(", ")),
            ),
            [_] => {}
            [_, again, ..] => notes.problem(
                again.key_at,
                format!("{what} `{name}` has more than one content"),
                format!("expected one of {}", keys.join(", ")),
            ),
        }
    }
}
