//! Every attribute of a service: containers that have it against a file without it, with it, and with
//! another one, and the other way round (`tests/fixtures/attributes.json`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::Outside;
use crate::project::root;

/// Attributes that the engines refuse when they create a container.
const REFUSED: [&str; 1] = ["storage-opt"];
const REFUSED_BEFORE_25: [&str; 1] = ["hc-start-interval"];
const REFUSED_BY_PODMAN: [&str; 2] = ["logging", "security-apparmor"];

/// Attributes that an engine does not show, or drops as the kernel does not support them.
const HIDDEN: [&str; 2] = ["blkio-weight", "blkio-wd"];
const HIDDEN_BY_PODMAN: [&str; 19] = [
    "annotations",
    "cgroup",
    "cpu-count",
    "device-cgroup-rules",
    "domainname",
    "gpus",
    "ipc-host",
    "ipc-shareable",
    "logging-both",
    "logging-opts",
    "mac-address",
    "pids-unlimited",
    "res-devices",
    "runtime",
    "sysctls",
    "systempaths",
    "ulimits",
    "ulimits-short",
    "userns-mode",
];

fn attributes() -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("tests/fixtures/attributes.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A Compose file with a service for each attribute, as `which` has it.
fn file(which: &str, deployed: &str, refused: &[&str]) -> String {
    let image = || json!({ "image": "composegen-stub:latest" });
    let mut services = Map::new();
    for peer in ["peer", "peer2"] {
        let mut service = image();
        service["ipc"] = json!("shareable");
        services.insert(peer.to_owned(), service);
    }
    for attribute in attributes() {
        let name = attribute["name"].as_str().unwrap();
        if refused.contains(&name) {
            continue;
        }
        let mut service = image();
        for (key, value) in attribute[which].as_object().into_iter().flatten() {
            service[key] = value.clone();
        }
        services.insert(name.to_owned(), service);
    }
    json!({ "name": format!("NAME-{deployed}"), "services": services }).to_string()
}

/// An attribute, or nothing where it says what the engine does anyway.
fn written<'a>(attribute: &'a Value, which: &str) -> Option<&'a Value> {
    let unset = attribute["unset"].as_array().into_iter().flatten();
    let is_unset = unset.into_iter().any(|unset| unset == which);
    attribute.get(which).filter(|_| !is_unset)
}

/// The services of which something is found besides that they do not run.
fn found(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding["code"] != "service-stopped")
        .map(|finding| finding["resource"].as_str().unwrap().to_owned())
        .collect()
}

fn every_attribute(outside: Outside, refused: &[&str], hidden: &[&str]) {
    let kiosk = Kiosk::on(outside);
    let mut wrong = Vec::new();
    for deployed in ["base", "a", "b"] {
        kiosk.write("compose.yml", &file(deployed, deployed, refused));
        kiosk.compose(&["create"]);
        for expected in ["base", "a", "b"] {
            kiosk.write("compose.yml", &file(expected, deployed, refused));
            let report = kiosk.drift();
            let found = found(&report);
            let changed =
                |attribute: &Value| written(attribute, deployed) != written(attribute, expected);
            for attribute in attributes() {
                let name = attribute["name"].as_str().unwrap();
                let is_hidden = hidden.contains(&name) || refused.contains(&name);
                if found.contains(name) != changed(&attribute) && !is_hidden {
                    let about = report.findings.iter();
                    let about: Vec<String> = about
                        .filter(|finding| finding["resource"] == name)
                        .map(|finding| finding["message"].to_string())
                        .collect();
                    wrong.push(format!("{name}: {deployed} against {expected}: {about:?}"));
                }
            }
            for peer in ["peer", "peer2"] {
                assert!(
                    !found.contains(peer),
                    "{deployed} against {expected}: {peer}"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_docker_20() {
    every_attribute(
        Outside::new(),
        &[REFUSED, REFUSED_BEFORE_25].concat(),
        &[&HIDDEN[..], &["annotations"]].concat(),
    );
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_docker_26() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    every_attribute(outside, &REFUSED, &HIDDEN);
}

#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn every_attribute_on_docker_28() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_28");
    every_attribute(outside, &REFUSED, &HIDDEN);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_attribute_on_podman() {
    let outside = Outside::new().other("COMPOSEGEN_PODMAN");
    let refused = [&REFUSED[..], &REFUSED_BEFORE_25, &REFUSED_BY_PODMAN].concat();
    every_attribute(
        outside,
        &refused,
        &[&HIDDEN[..], &HIDDEN_BY_PODMAN].concat(),
    );
}
