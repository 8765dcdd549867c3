//! A state as a Compose file would say it.

use serde_json::{Value, json};

use crate::fields::{of_service, written};
use crate::state::{Port, STARTED};

/// What becomes of a part of a service, network or volume. What no Compose file can say is an
/// extension, such as `x-state`.
enum Part {
    Same,
    Named(&'static str),
    Dropped,
    Extension,
    Scale,
    Networks,
    Mounts,
    Ports,
    Needs,
    Subnets,
    Ipam(&'static str),
}

fn part(section: &str, key: &str) -> Part {
    match (section, key) {
        ("services", "mounts") => Part::Mounts,
        ("services", "ports") => Part::Ports,
        ("services", "networks") => Part::Networks,
        ("services", "depends_on") => Part::Needs,
        ("services", "replicas") => Part::Scale,
        ("services", "copies" | "definition" | "not_shown" | "mounts_of") => Part::Dropped,
        ("services", "image" | "network_mode" | "container_name") => Part::Same,
        ("services", _) => Part::Extension,
        ("networks" | "volumes", "options") => Part::Named("driver_opts"),
        ("networks", "ipv6") => Part::Named("enable_ipv6"),
        ("networks", "subnets") => Part::Subnets,
        ("networks", "ipam.driver") => Part::Ipam("driver"),
        ("networks", "ipam.options") => Part::Ipam("options"),
        // It is written with the subnets.
        ("networks", key) if key.starts_with("ipam.config.") => Part::Dropped,
        ("attachments", "ipv4") => Part::Named("ipv4_address"),
        ("attachments", "ipv6") => Part::Named("ipv6_address"),
        _ => Part::Same,
    }
}

/// The document of a state as JSON, in which mounts and ports are by their names.
pub(super) fn of(state: &Value) -> Value {
    let mut document = json!({ "name": state["project"] });
    for (section, name) in [
        ("services", "services"),
        ("networks", "networks"),
        ("volumes", "volumes"),
        ("foreign", "x-foreign"),
    ] {
        let kind = if section == "foreign" {
            "services"
        } else {
            section
        };
        let things =
            entries(&state[section]).map(|(name, thing)| (name.clone(), thing_of(kind, thing)));
        set(&mut document, &[name], Value::Object(things.collect()));
    }
    document
}

fn thing_of(section: &str, thing: &Value) -> Value {
    let mut all = json!({});
    for (key, value) in entries(thing) {
        if section == "services"
            && let Some(field) = of_service(key)
        {
            if field.is_by_hand {
                set(&mut all, &[&format!("x-{key}")], written(key, value));
                continue;
            }
            let route: Vec<&str> = key.split('.').collect();
            set(&mut all, &route, written(key, value));
            continue;
        }
        match part(section, key) {
            Part::Dropped => {}
            Part::Scale if *value == 1 => {}
            Part::Scale => set(&mut all, &["scale"], value.clone()),
            Part::Named(name) => set(&mut all, &[name], value.clone()),
            Part::Same => set(&mut all, &[key], value.clone()),
            Part::Networks => {
                let joined =
                    entries(value).map(|(name, one)| (name.clone(), thing_of("attachments", one)));
                set(&mut all, &[key], Value::Object(joined.collect()));
            }
            Part::Mounts => set(&mut all, &["volumes"], entries(value).map(mount).collect()),
            Part::Ports => set(&mut all, &[key], entries(value).map(port).collect()),
            Part::Needs => set(&mut all, &[key], needs(value)),
            Part::Subnets => set(&mut all, &["ipam", "config"], subnets(value, thing)),
            Part::Ipam(key) => set(&mut all, &["ipam", key], value.clone()),
            Part::Extension => set(&mut all, &[&format!("x-{key}")], value.clone()),
        }
    }
    all
}

fn mount((target, mount): (&String, &Value)) -> Value {
    let mut all = json!({ "target": target });
    for (key, value) in entries(mount) {
        let route: Vec<&str> = key.split('.').collect();
        set(&mut all, &route, written(key, value));
    }
    all
}

fn port((text, port): (&String, &Value)) -> Value {
    let known = serde_json::from_value::<Port>(port.clone());
    json!(known.map_or_else(|_| text.clone(), |port| port.to_string()))
}

fn needs(value: &Value) -> Value {
    let is_plain = |(_, condition): (&String, &Value)| condition == STARTED;
    if entries(value).all(is_plain) {
        return entries(value).map(|(name, _)| json!(name)).collect();
    }
    let needs =
        entries(value).map(|(name, condition)| (name.clone(), json!({ "condition": condition })));
    Value::Object(needs.collect())
}

/// The subnets of a network, each with its other settings.
fn subnets(value: &Value, network: &Value) -> Value {
    let configs = value
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(number, subnet)| {
            let mut config = json!({ "subnet": subnet });
            for key in ["gateway", "ip_range"] {
                let of = &network[format!("ipam.config.{key}")];
                let value = subnet.as_str().map(|subnet| of[subnet].clone());
                set(&mut config, &[key], value.unwrap_or_default());
            }
            if number == 0 {
                let hosts = network["ipam.config.aux_addresses"].clone();
                set(&mut config, &["aux_addresses"], hosts);
            }
            config
        });
    configs.collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Writes a value that says something at a route.
fn set(map: &mut Value, route: &[&str], value: Value) {
    let says_nothing = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if let (false, Some((last, above))) = (says_nothing, route.split_last())
        && let Value::Object(entries) = at(map, above)
    {
        entries.insert((*last).to_owned(), value);
    }
}

/// The map at a place, made where there is none.
pub(super) fn at<'a>(value: &'a mut Value, place: &[impl AsRef<str>]) -> &'a mut Value {
    let mut at = value;
    for key in place {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[key.as_ref()];
    }
    if !at.is_object() {
        *at = json!({});
    }
    at
}
