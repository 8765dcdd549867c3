//! `composegen state`

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::judges::rendered;
use crate::outside::{Outside, succeed};
use crate::project::Project;

/// The hosts of this repository and their files.
const HOSTS: [(&str, &str); 6] = [
    ("local", "generated/docker-compose.local.yml"),
    ("preview", "generated/compose/preview.pr-123.yml"),
    ("vps-staging", "generated/compose/vps.staging.yml"),
    ("mac-staging", "generated/compose/mac.staging.yml"),
    ("vps-prod", "generated/compose/vps.prod.yml"),
    ("mac-prod", "generated/compose/mac.prod.yml"),
];

/// What a state says of where a service is: the part that is compared here.
const WHERE: [&str; 6] = [
    "replicas",
    "image",
    "network_mode",
    "networks",
    "mounts",
    "ports",
];

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn or_null(value: &Value, key: &str, default: &Value) -> Value {
    value
        .get(key)
        .filter(|found| !found.is_null())
        .unwrap_or(default)
        .clone()
}

/// What `docker compose config` says, in the words of a state.
fn as_state(config: &Value) -> Value {
    let own = |thing: &Value, more: &[(&str, Value)]| {
        let mut own = json!({
            "name": thing["name"],
            "external": or_null(thing, "external", &json!(false)),
            "driver": or_null(thing, "driver", &Value::Null),
            "options": or_null(thing, "driver_opts", &json!({})),
            "labels": or_null(thing, "labels", &json!({})),
        });
        for (key, value) in more {
            own[*key] = value.clone();
        }
        own
    };
    let networks: BTreeMap<_, _> = entries(&config["networks"])
        .map(|(key, network)| {
            let subnets: BTreeSet<_> = items(&network["ipam"]["config"])
                .filter_map(|config| config["subnet"].as_str())
                .collect();
            let more = [
                ("internal", or_null(network, "internal", &json!(false))),
                ("attachable", or_null(network, "attachable", &json!(false))),
                ("ipv6", or_null(network, "enable_ipv6", &Value::Null)),
                ("subnets", json!(subnets)),
            ];
            (key, own(network, &more))
        })
        .collect();
    let volumes: BTreeMap<_, _> = entries(&config["volumes"])
        .map(|(key, volume)| (key, own(volume, &[])))
        .collect();
    let services: BTreeMap<_, _> = entries(&config["services"])
        .map(|(key, service)| (key, service_as_state(config, service)))
        .collect();
    json!({
        "version": 1, "project": config["name"],
        "networks": networks, "volumes": volumes, "services": services,
    })
}

fn service_as_state(config: &Value, service: &Value) -> Value {
    let networks: BTreeMap<_, _> = entries(&service["networks"])
        .map(|(key, attachment)| {
            let attachment = json!({
                "aliases": or_null(attachment, "aliases", &json!([])),
                "ipv4": or_null(attachment, "ipv4_address", &Value::Null),
                "ipv6": or_null(attachment, "ipv6_address", &Value::Null),
            });
            (key, attachment)
        })
        .collect();
    let mut mounts: Vec<Value> = items(&service["volumes"])
        .map(|mount| {
            json!({
                "type": mount["type"], "source": mount["source"], "target": mount["target"],
                "read_only": or_null(mount, "read_only", &json!(false)),
            })
        })
        .collect();
    for secret in items(&service["secrets"]) {
        let name = secret["source"].as_str().unwrap();
        let target = secret.get("target").and_then(Value::as_str);
        let target = target.map_or(format!("/run/secrets/{name}"), str::to_owned);
        mounts.push(json!({
            "type": "bind", "source": config["secrets"][name]["file"], "target": target,
            "read_only": true,
        }));
    }
    mounts.sort_by_key(|mount| mount["target"].to_string());
    let mut ports: Vec<Value> = items(&service["ports"])
        .map(|port| {
            json!({
                "host_ip": port["host_ip"], "published": port["published"],
                "target": port["target"], "protocol": port["protocol"],
            })
        })
        .collect();
    ports.sort_by_key(|port| (port["target"].as_u64(), port.to_string()));
    json!({
        "replicas": or_null(&service["deploy"], "replicas", &json!(1)),
        "image": service["image"], "network_mode": service["network_mode"],
        "networks": networks, "mounts": mounts, "ports": ports,
    })
}

#[test]
fn for_every_output_it_is_what_compose_says() {
    let Some(outside) = Outside::find("for_every_output_it_is_what_compose_says") else {
        return;
    };
    let project = rendered();
    for (host, output) in HOSTS {
        let number: &[&str] = if host == "preview" {
            &["--pr", "123"]
        } else {
            &[]
        };
        let arguments = [&["state", "--host", host], number].concat();
        let ran = project.run_with(&arguments, &[("NATA_TAG", "0.0.0-test")]);
        assert_eq!(ran.code, Some(0), "{host}: {}", ran.stderr);
        let mut state: Value = serde_json::from_str(&ran.stdout).unwrap();
        for service in state["services"].as_object_mut().unwrap().values_mut() {
            service
                .as_object_mut()
                .unwrap()
                .retain(|key, _| WHERE.contains(&key.as_str()));
        }
        let file = project.path(output);
        let config = succeed(&mut outside.docker(&[
            "compose",
            "-f",
            file.to_str().unwrap(),
            "config",
            "--format",
            "json",
        ]));
        let expected = as_state(&serde_json::from_str(&config).unwrap());
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
        assert_eq!(pretty(&state), pretty(&expected), "{host}");
    }
}

#[test]
fn it_is_printed_as_json() {
    let project = Project::sound();
    let ran = project.run(&["state", "--host", "web"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("state_of_web", ran.stdout);
    assert!(!project.path("generated").exists(), "nothing is written");
}

#[test]
fn a_variable_is_filled_in_where_it_is_set() {
    let project = Project::sound();
    let image = |variables: &[(&str, &str)]| {
        let ran = project.run_with(&["state", "--host", "web"], variables);
        let state: Value = serde_json::from_str(&ran.stdout).unwrap();
        state["services"]["app"]["image"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        image(&[("KIOSK_TAG", "7.1")]),
        "registry.example/kiosk/app:7.1"
    );
    let unset = "registry.example/kiosk/app:${KIOSK_TAG:?set it to the release that is to run}";
    assert_eq!(image(&[]), unset);
}

#[test]
fn a_host_is_asked_for() {
    let project = Project::sound();
    let refused = |arguments: &[&str]| {
        let ran = project.run(arguments);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        ran.stderr
    };
    insta::assert_snapshot!(refused(&["state", "--host", "wbe"]), @"error: there is no host or environment `wbe`; did you mean `web`? (there are models, preview, prod, web)");
    insta::assert_snapshot!(refused(&["state", "--host", "prod"]), @"error: `prod` is an environment; its hosts are web, models");
    insta::assert_snapshot!(refused(&["state", "--host", "preview"]), @"error: `preview` exists once per pull request; say which: composegen state --host preview --pr 123");
    insta::assert_snapshot!(refused(&["state", "--host", "web", "--pr", "1"]), @"error: --pr has no use here: `web` exists once only");
}
