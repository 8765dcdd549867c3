//! The projects that are started, changed and planned for.

use serde_json::{Value, json};

/// A project, as a Compose file in JSON.
pub(super) struct Project {
    pub(super) name: &'static str,
    pub(super) file: fn() -> Value,
}

pub(super) const PROJECTS: &[Project] = &[
    Project {
        name: "shop",
        file: shop,
    },
    Project {
        name: "jobs",
        file: jobs,
    },
    Project {
        name: "office",
        file: office,
    },
];

/// A service of the stub image, with these fields.
fn service(mut fields: Value) -> Value {
    let own = fields.as_object_mut().unwrap();
    for (key, value) in [
        ("image", json!("composegen-stub:latest")),
        ("init", json!(true)),
        ("stop_grace_period", json!("0s")),
    ] {
        own.entry(key).or_insert(value);
    }
    fields
}

fn health() -> Value {
    json!({ "test": ["CMD", "/bin/true"], "interval": "500ms", "retries": 60 })
}

/// Two networks, health, shared networks and volumes, replicas.
fn shop() -> Value {
    json!({
        "name": "NAME",
        "services": {
            "web": service(json!({
                "environment": { "MODE": "live" },
                "networks": { "edge": {}, "back": {} },
                "ports": ["127.0.0.1:PORT:80"],
                "volumes": ["data:/data", "./site:/site:ro"],
                "depends_on": { "api": { "condition": "service_started", "restart": true } },
            })),
            "api": service(json!({
                "environment": { "MODE": "live" },
                "networks": { "back": { "aliases": ["backend"] } },
                "depends_on": { "db": { "condition": "service_healthy" } },
            })),
            "db": service(json!({
                "image": "NAME-image:latest",
                "networks": { "back": {} },
                "volumes": ["store:/var/lib/db", "/scratch"],
                "healthcheck": health(),
            })),
            "side": service(json!({ "network_mode": "service:api" })),
            "heir": service(json!({ "volumes_from": ["db:ro"], "networks": { "edge": {} } })),
            "worker": service(json!({ "scale": 2, "networks": { "back": {} } })),
        },
        "networks": { "edge": {}, "back": {} },
        "volumes": { "data": {}, "store": {} },
    })
}

/// A job that others wait for, and namespaces that are shared.
fn jobs() -> Value {
    json!({
        "name": "NAME",
        "services": {
            "db": service(json!({ "image": "NAME-image:latest", "volumes": ["store:/var/lib/db"], "ipc": "shareable" })),
            "job": service(json!({
                "command": ["/bin/true"],
                "depends_on": ["db"],
            })),
            "api": service(json!({
                "environment": { "MODE": "live" },
                "depends_on": { "job": { "condition": "service_completed_successfully" } },
            })),
            "tail": service(json!({ "ipc": "service:db" })),
            "trace": service(json!({ "pid": "service:api" })),
            "web": service(json!({
                "ports": ["127.0.0.1:PORT:80"],
                "depends_on": { "api": { "condition": "service_started", "restart": true } },
            })),
            "worker": service(json!({ "scale": 2 })),
        },
        "volumes": { "store": {} },
    })
}

/// Env files, configs and secrets, names, addresses, profiles, links, and what is not the project's.
fn office() -> Value {
    json!({
        "name": "NAME",
        "services": {
            "web": service(json!({
                "container_name": "NAME-door",
                "hostname": "door",
                "networks": { "edge": { "ipv4_address": "SUBNET.10" }, "outer": {} },
                "ports": [{ "target": 80, "published": "PORT", "host_ip": "127.0.0.1" }],
                "configs": [{ "source": "page", "target": "/page.txt" }],
                "secrets": ["key"],
                "depends_on": { "api": { "condition": "service_healthy", "required": false } },
                "labels": { "tier": "front" },
                "logging": { "driver": "json-file", "options": { "max-size": "1m" } },
            })),
            "api": service(json!({
                "env_file": ["web.env"],
                "environment": ["MODE=live", "FROM_SHELL"],
                "networks": { "edge": {}, "back": {} },
                "links": ["db:sql"],
                "healthcheck": health(),
                "tmpfs": ["/run"],
                "ulimits": { "nofile": 1024 },
                "deploy": { "resources": { "limits": { "memory": "64m" } } },
            })),
            "db": service(json!({
                "image": "NAME-image:latest",
                "networks": { "back": {} },
                "volumes": [
                    { "type": "volume", "source": "store", "target": "/var/lib/db" },
                    { "type": "tmpfs", "target": "/tmp" },
                    "theirs:/theirs:ro",
                ],
                "restart": "always",
                "sysctls": { "net.core.somaxconn": "512" },
            })),
            "pid": service(json!({ "pid": "host", "networks": { "back": {} } })),
            "debug": service(json!({ "profiles": ["debug"], "networks": { "back": {} } })),
            "worker": service(json!({ "deploy": { "replicas": 2 }, "networks": { "back": {} } })),
        },
        "networks": {
            "edge": { "ipam": { "config": [{ "subnet": "SUBNET.0/24" }] } },
            "back": { "internal": true, "labels": { "kind": "inner" } },
            "outer": { "external": true, "name": "NAME-outer-there" },
        },
        "volumes": {
            "store": { "name": "NAME-kept" },
            "theirs": { "external": true, "name": "NAME-theirs" },
        },
        "configs": { "page": { "content": "hello" } },
        "secrets": { "key": { "file": "./site/index.html" } },
    })
}
