//! Checks of one model: the main one, or one that is included (compose-go, `validation/`).

use std::net::IpAddr;

use crate::compose::notes::Notes;
use crate::compose::tree::{Entry, Node};
use crate::text::expected;

/// Checks the main model or an included one.
pub(in crate::compose) fn model(root: &Node, notes: &mut Notes) {
    for (name, entry) in root.section("volumes") {
        let volume = &entry.value;
        if !volume.is_true("external") {
            continue;
        }
        for (key, entry) in volume.entries() {
            if !matches!(key, "name" | "external") && !key.starts_with("x-") {
                notes.problem(
                    entry.key_at,
                    format!("volume `{name}` is external and cannot have `{key}`"),
                    "expected only `name` and `external`",
                );
            }
        }
    }
    file_objects(root, "configs", &["file", "environment", "content"], notes);
    file_objects(root, "secrets", &["file", "environment"], notes);
    for (_, entry) in root.section("services") {
        let service = &entry.value;
        for port in service.list("ports") {
            let address = port
                .get("host_ip")
                .filter(|address| address.unset.is_none());
            if let Some(address) = address
                && let Some(text) = address.as_text()
                && text.parse::<IpAddr>().is_err()
            {
                notes.problem(
                    address.at,
                    format!("`{text}` is not an IP address"),
                    "expected an IP address",
                );
            }
        }
        let reserved = service
            .dig(&["deploy", "resources", "reservations", "devices"])
            .map(Node::items)
            .unwrap_or_default();
        for device in reserved.iter().chain(service.list("gpus")) {
            if let (Some(_), Some(ids)) = (device.get("count"), device.entry("device_ids")) {
                notes.problem(
                    ids.key_at,
                    "a device cannot have both `count` and `device_ids`",
                    expected::ONE_OF_TWO,
                );
            }
        }
        let watched = service.dig(&["develop", "watch"]);
        for watch in watched.map(Node::items).unwrap_or_default() {
            if let Some(path) = watch.get("path")
                && path.as_text() == Some("")
            {
                notes.problem(path.at, "this watch has no path", "expected a path");
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
                expected::one_of(keys),
            ),
            [_] => {}
            [_, again, ..] => notes.problem(
                again.key_at,
                format!("{what} `{name}` has more than one content source"),
                expected::one_of(keys),
            ),
        }
    }
}
