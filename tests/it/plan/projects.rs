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
