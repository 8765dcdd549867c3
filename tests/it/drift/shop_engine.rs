//! What an engine answers that runs the project `shop`, as far as a run asks.

use serde_json::json;

use super::fake::{Answer, nothing};

pub(crate) const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub(crate) const IMAGE: &str =
    "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

/// An engine with a container of the project that publishes its port to the world. Its variables are
/// not those of the service, so that its image is asked for too.
pub(crate) fn exposed(path: &str) -> Answer {
    let labels = json!({
        "com.docker.compose.project": "shop", "io.podman.compose.config-hash": "0", "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
    });
    let networks = json!({ "shop_default": { "NetworkID": "n1", "Aliases": ["web"] } });
    let body = match path {
        "/containers/json" => json!([{
            "Id": ID, "Names": ["/shop-web-1"], "Image": "stub:1", "ImageID": IMAGE,
            "State": "running", "Status": "Up", "Created": 1_700_000_000, "Labels": labels,
            "Ports": [{ "IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp" }],
            "NetworkSettings": { "Networks": networks }, "Mounts": [],
        }]),
        "/networks" => json!([{
            "Name": "shop_default", "Id": "n1", "Driver": "bridge", "Scope": "local",
            "Internal": false, "Attachable": false, "EnableIPv6": false, "Options": {},
            "IPAM": { "Driver": "default", "Config": [{ "Subnet": "172.18.0.0/16" }] },
            "Labels": {
                "com.docker.compose.project": "shop", "com.docker.compose.network": "default",
            },
        }]),
        "/images/json" => json!([{ "Id": IMAGE, "RepoTags": ["stub:1"], "RepoDigests": [] }]),
        _ if path == format!("/containers/{ID}/json") => json!({
            "Id": ID, "Name": "/shop-web-1", "Image": IMAGE, "Created": "2023-11-14T22:13:20Z",
            "State": { "Status": "running", "Running": true, "ExitCode": 0 },
            "Config": { "Image": "stub:1", "Env": ["EXTRA=1"], "Labels": labels },
            "HostConfig": {
                "NetworkMode": "shop_default", "RestartPolicy": { "Name": "no" },
                "PortBindings": { "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8080" }] },
            },
            "NetworkSettings": {
                "Networks": networks,
                "Ports": { "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8080" }] },
            },
            "Mounts": [],
        }),
        _ if path == format!("/images/{IMAGE}/json") => json!({
            "Id": IMAGE, "RepoTags": ["stub:1"], "Config": { "Env": ["EXTRA=1"] },
        }),
        _ => return nothing(path),
    };
    Answer::json(&body.to_string())
}
