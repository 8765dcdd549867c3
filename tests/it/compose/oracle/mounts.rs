//! What a service mounts, in the words of a state.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{items, options, says};

/// What a service mounts, and what those mount that it takes volumes from.
pub(super) fn mounts(config: &Value, service: &Value) -> Vec<Value> {
    let mut mounts = own_mounts(config, service);
    let from: Vec<&Value> = items(&service["volumes_from"]).collect();
    for from in from.into_iter().rev() {
        let from = from.as_str().unwrap();
        let name = from.split(':').next().unwrap();
        if name == "container" {
            continue;
        }
        for mut mount in self::mounts(config, &config["services"][name]) {
            let fields = mount.as_object_mut().unwrap();
            fields.retain(|key, _| !key.contains('.') || key == "bind.propagation");
            // Docker refuses to share one, and Podman leaves it out.
            if mount["type"] == "tmpfs" {
                continue;
            }
            if mounts.iter().all(|own| own["target"] != mount["target"]) {
                mounts.push(mount);
            }
        }
    }
    mounts.sort_by_key(|mount| mount["target"].as_str().map(str::to_owned));
    mounts
}

/// The containers of others that a service takes volumes from, by way of other services as well.
pub(super) fn mounts_of(config: &Value, service: &Value) -> BTreeSet<String> {
    let from = items(&service["volumes_from"]).map(|from| from.as_str().unwrap());
    from.flat_map(|from| match from.split(':').collect::<Vec<_>>()[..] {
        ["container", name, ..] => BTreeSet::from([name.to_owned()]),
        [name, ..] => mounts_of(config, &config["services"][name]),
        [] => BTreeSet::new(),
    })
    .collect()
}

fn own_mounts(config: &Value, service: &Value) -> Vec<Value> {
    let mut mounts: Vec<Value> = items(&service["volumes"])
        .map(|mount| {
            let is_image = mount["type"] == "image";
            let read_only = mount["read_only"] == true && !is_image;
            let mut state = json!({
                "type": mount["type"], "source": mount["source"], "target": mount["target"],
                "read_only": read_only,
            });
            for (path, value) in mount_options(mount) {
                state[path] = value;
            }
            state
        })
        .collect();
    if service["use_api_socket"] == true {
        let socket = "/var/run/docker.sock";
        mounts
            .push(json!({"type": "bind", "source": socket, "target": socket, "read_only": false}));
    }
    for (section, folder) in [("secrets", "/run/secrets/"), ("configs", "/")] {
        for file in items(&service[section]) {
            let name = file["source"].as_str().unwrap();
            let Some(path) = config[section][name].get("file") else {
                continue;
            };
            let target = file.get("target").and_then(Value::as_str);
            let target = target.unwrap_or(name);
            let target = if target.starts_with('/') {
                target.to_owned()
            } else {
                format!("{folder}{target}")
            };
            if mounts.iter().all(|mount| mount["target"] != *target) {
                mounts.push(json!({
                    "type": "bind", "source": path, "target": target, "read_only": true,
                }));
            }
        }
    }
    mounts.sort_by_key(|mount| mount["target"].as_str().map(str::to_owned));
    mounts
}

/// The options of a mount that Compose sends.
fn mount_options(mount: &Value) -> Vec<(String, Value)> {
    let of = |kind: &str, key: &str| {
        let value = &mount[kind][key];
        (mount["type"] == kind && says(value)).then(|| (format!("{kind}.{key}"), value.clone()))
    };
    let plain = [
        ("bind", "propagation"),
        ("bind", "recursive"),
        ("volume", "nocopy"),
        ("volume", "subpath"),
        ("image", "subpath"),
    ];
    let plain = plain.into_iter().filter_map(|(kind, key)| of(kind, key));
    let labels = of("volume", "labels").map(|(path, labels)| (path, json!(options(&labels))));
    let number = |value: &Value| {
        value
            .as_str()
            .map_or(value.as_i64(), |text| text.parse().ok())
    };
    let size = of("tmpfs", "size").map(|(path, size)| (path, json!(number(&size))));
    let mode = of("tmpfs", "mode");
    let mode = mode.map(|(path, mode)| (path, json!(format!("{:o}", number(&mode).unwrap()))));
    let sent: Vec<_> = plain.chain(labels).chain(size).chain(mode).collect();
    let selinux = &mount["bind"]["selinux"];
    let is_short = match mount["type"].as_str() {
        Some("bind") => {
            let bind = &mount["bind"];
            sent.is_empty() && (bind.is_null() || bind["create_host_path"] == true)
        }
        Some("volume") => sent.is_empty() && says(&mount["source"]),
        _ => false,
    };
    let selinux = (is_short && says(selinux)).then(|| ("bind.selinux".to_owned(), selinux.clone()));
    sent.into_iter().chain(selinux).collect()
}

/// Options of the mounts of a service that no engine shows.
pub(super) fn not_shown(service: &Value) -> Vec<&'static str> {
    let any = |is: fn(&Value) -> bool| items(&service["volumes"]).any(is);
    let is_selinux_lost = |mount: &Value| {
        says(&mount["bind"]["selinux"])
            && mount_options(mount)
                .iter()
                .all(|(path, _)| path != "bind.selinux")
    };
    let all = [
        ("volumes.bind.selinux", any(is_selinux_lost)),
        (
            "volumes.consistency",
            any(|mount| says(&mount["consistency"])),
        ),
    ];
    let all = all.into_iter().filter(|(_, is_there)| *is_there);
    all.map(|(path, _)| path).collect()
}

/// The secrets and configs whose content is in the file or in a variable.
pub(super) fn copies(config: &Value, service: &Value) -> BTreeSet<String> {
    let mut copies = BTreeSet::new();
    for (section, folder) in [("secrets", "/run/secrets/"), ("configs", "/")] {
        for file in items(&service[section]) {
            let name = file["source"].as_str().unwrap();
            let declared = &config[section][name];
            let is_set = |key: &str| declared[key].as_str().is_some_and(|text| !text.is_empty());
            if is_set("content") || is_set("environment") {
                let target = file["target"].as_str().filter(|target| !target.is_empty());
                let target = target.unwrap_or(name);
                copies.insert(if target.starts_with('/') {
                    target.to_owned()
                } else {
                    format!("{folder}{target}")
                });
            }
        }
    }
    copies
}
