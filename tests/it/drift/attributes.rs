//! Every attribute of a service, a network and a volume: what has it against a file without it, with it,
//! and with another one, and the other way round (`tests/fixtures/attributes.json`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::Outside;
use crate::project::root;

/// Attributes that the engines refuse when they create a container.
const REFUSED: [&str; 1] = ["storage-opt"];
const REFUSED_BEFORE_25: [&str; 3] = ["at-mac", "hc-start-interval", "m-recursive-ro"];
const REFUSED_BEFORE_28: [&str; 3] = ["at-gw-priority", "at-interface-name", "m-image-subpath"];
const REFUSED_BY_PODMAN: [&str; 4] = ["external-links", "links", "logging", "security-apparmor"];

/// Attributes that an engine does not show, or drops as the kernel does not support them.
const HIDDEN: [&str; 2] = ["blkio-weight", "blkio-wd"];
const HIDDEN_BEFORE_23: [&str; 3] = ["annotations", "m-recursive", "m-subpath"];
const HIDDEN_BY_PODMAN: [&str; 37] = [
    "annotations",
    "at-driver-opts",
    "at-ipv4",
    "at-ipv6",
    "at-link-local-ips",
    "cgroup",
    "cpu-count",
    "device-cgroup-rules",
    "domainname",
    "gpus",
    "ipc-host",
    "ipc-shareable",
    "logging-both",
    "logging-opts",
    "m-labels",
    "m-nocopy",
    "m-recursive",
    "m-selinux",
    "m-selinux-volume",
    "m-subpath",
    "mac-address",
    "memswap-more",
    "n-attachable",
    "n-aux",
    "n-ip-range",
    "n-ipv6",
    "n-options",
    "n-subnet",
    "pids-unlimited",
    "res-devices",
    "runtime",
    "stop-grace-short",
    "sysctls",
    "systempaths",
    "ulimits",
    "ulimits-short",
    "userns-mode",
];

/// What is deployed together. Podman looks at every container for every network that it lists.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Services,
    NetworksAndVolumes,
}

fn attributes(group: Group) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("tests/fixtures/attributes.json")).unwrap();
    let mut all: Vec<Value> = serde_json::from_str(&text).unwrap();
    all.retain(|attribute| attribute["of"].is_null() == (group == Group::Services));
    all
}

/// A text with addresses of a network's own, `@0` to `@15`, of those of this number.
fn with_addresses(text: &str, subnet: &str, number: usize) -> String {
    let mut parts = text.split('@');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let (last, rest) = part.split_at(end);
        let last = number * 16 + last.parse::<usize>().unwrap();
        // Of an IPv6 subnet, it is only a part.
        let before = match subnet.strip_prefix("SUBNET") {
            Some(deployment) if filled.ends_with(':') => deployment.to_owned(),
            _ => format!("{subnet}."),
        };
        filled.extend([before, last.to_string(), rest.to_owned()]);
    }
    filled
}

/// A Compose file with a service, network or volume for each attribute, as `which` has it.
fn file(group: Group, which: &str, deployed: &str, refused: &[&str]) -> String {
    let image = || json!({ "image": "composegen-stub:latest" });
    let mut services = Map::new();
    for peer in ["peer", "peer2"] {
        let mut service = image();
        service["ipc"] = json!("shareable");
        services.insert(peer.to_owned(), service);
    }
    let (mut networks, mut volumes) = (Map::new(), Map::new());
    // Each deployment has networks of its own, at the same time as the others.
    let subnet = ["base", "a", "b"].iter().position(|one| *one == deployed);
    let subnet = format!("SUBNET{}", subnet.unwrap());
    for (number, attribute) in attributes(group).into_iter().enumerate() {
        let name = attribute["name"].as_str().unwrap();
        if refused.contains(&name) {
            continue;
        }
        let own = attribute.get(which).cloned().unwrap_or(json!({}));
        match attribute["of"].as_str() {
            Some("networks") => {
                let mut network = json!({ "ipam": { "config": [{ "subnet": "@0/28" }] } });
                for (key, value) in own.as_object().into_iter().flatten() {
                    network[key] = value.clone();
                }
                let text = with_addresses(&network.to_string(), &subnet, number % 16);
                networks.insert(name.to_owned(), serde_json::from_str(&text).unwrap());
                continue;
            }
            Some(_) => {
                volumes.insert(name.to_owned(), own);
                continue;
            }
            None => {}
        }
        let mut service = image();
        for (key, value) in attribute[which].as_object().into_iter().flatten() {
            service[key] = value.clone();
        }
        let text = with_addresses(&service.to_string(), &subnet, 0);
        services.insert(name.to_owned(), serde_json::from_str(&text).unwrap());
    }
    if group == Group::Services {
        for (name, text) in [
            ("lan", r#"{"ipam": {"config": [{"subnet": "@0/24"}]}}"#),
            (
                "lan6",
                r#"{"enable_ipv6": true, "ipam": {"config": [{"subnet": "fd78:@5::/64"}]}}"#,
            ),
        ] {
            let text = with_addresses(text, &subnet, 0);
            networks.insert(name.to_owned(), serde_json::from_str(&text).unwrap());
        }
    }
    // Compose creates what a service uses.
    let mut user = image();
    user["networks"] = networks.keys().cloned().collect();
    let mounts = volumes.keys().map(|key| json!(format!("{key}:/{key}")));
    user["volumes"] = mounts.collect();
    services.insert("holder".to_owned(), user);
    if group == Group::Services {
        volumes.insert("data".to_owned(), json!({}));
    }
    let name = format!("NAME-{deployed}");
    json!({ "name": name, "services": services, "networks": networks, "volumes": volumes })
        .to_string()
}

/// An attribute, or nothing where it says what the engine does anyway.
fn written<'a>(attribute: &'a Value, which: &str) -> Option<&'a Value> {
    let unset = attribute["unset"].as_array().into_iter().flatten();
    let is_unset = unset.into_iter().any(|unset| unset == which);
    let own = attribute.get(which);
    own.filter(|_| which != "base" && !is_unset)
}

/// The services of which something is found besides that they do not run.
fn found(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding["code"] != "service-stopped")
        .map(|finding| finding["resource"].as_str().unwrap().to_owned())
        .collect()
}

fn every_attribute(outside: fn() -> Outside, refused: &[&str], hidden: &[&str]) {
    for group in [Group::NetworksAndVolumes, Group::Services] {
        every_attribute_of(group, &Kiosk::on(outside()), refused, hidden);
    }
}

fn every_attribute_of(group: Group, kiosk: &Kiosk, refused: &[&str], hidden: &[&str]) {
    let mut wrong = Vec::new();
    for deployed in ["base", "a", "b"] {
        kiosk.write("compose.yml", &file(group, deployed, deployed, refused));
        kiosk.compose(&["create"]);
        for expected in ["base", "a", "b"] {
            kiosk.write("compose.yml", &file(group, expected, deployed, refused));
            let report = kiosk.drift();
            assert_eq!(report.host()["error"], Value::Null);
            let found = found(&report);
            let changed =
                |attribute: &Value| written(attribute, deployed) != written(attribute, expected);
            for attribute in attributes(group) {
                let name = attribute["name"].as_str().unwrap();
                let is_hidden = hidden.contains(&name) || refused.contains(&name);
                let is_found = found.contains(name);
                let is_changed = changed(&attribute);
                if is_found != is_changed && !(is_changed && is_hidden) {
                    let about = report.findings.iter();
                    let about: Vec<String> = about
                        .filter(|finding| finding["resource"] == name)
                        .map(|finding| finding["message"].to_string())
                        .collect();
                    wrong.push(format!("{name}: {deployed} against {expected}: {about:?}"));
                }
            }
            for peer in ["peer", "peer2", "holder"] {
                assert!(
                    !found.contains(peer),
                    "{deployed} against {expected}: {peer}"
                );
            }
        }
        // The fewer are there, the sooner Podman lists them.
        kiosk.write("compose.yml", &file(group, deployed, deployed, refused));
        kiosk.compose(&["down", "--volumes", "--timeout", "0"]);
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_docker_20() {
    every_attribute(
        Outside::new,
        &[&REFUSED[..], &REFUSED_BEFORE_25, &REFUSED_BEFORE_28].concat(),
        &[&HIDDEN[..], &HIDDEN_BEFORE_23].concat(),
    );
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_docker_26() {
    let outside = || Outside::new().other("COMPOSEGEN_DOCKER_26");
    let refused = [&REFUSED[..], &REFUSED_BEFORE_28].concat();
    every_attribute(outside, &refused, &HIDDEN);
}

#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn every_attribute_on_docker_28() {
    let outside = || Outside::new().other("COMPOSEGEN_DOCKER_28");
    every_attribute(outside, &REFUSED, &HIDDEN);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_podman() {
    let outside = || Outside::new().other("COMPOSEGEN_PODMAN");
    let refused = [
        &REFUSED[..],
        &REFUSED_BEFORE_25,
        &REFUSED_BEFORE_28,
        &REFUSED_BY_PODMAN,
    ];
    let refused = refused.concat();
    every_attribute(
        outside,
        &refused,
        &[&HIDDEN[..], &HIDDEN_BY_PODMAN].concat(),
    );
}
