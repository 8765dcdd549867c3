//! What is compared of a service part by part, and of the files that it is given.

use super::own::OwnNames;
use super::{Fact, Facts, Hides, WrittenField, of_field};
use crate::compose::{At, Written};
use crate::spec::Host;

/// What is compared of how a service is attached to a network.
const OF_ATTACHMENT: [&str; 5] = [
    "aliases", "driver_opts", "gw_priority", "interface_name", "priority",
];

/// Addresses in a network, whose subnet may be another one.
const NAMED_OF_ATTACHMENT: [&str; 3] = ["ipv4_address", "ipv6_address", "mac_address"];

/// What is compared of a published port besides its target and whether it is public.
const OF_PORT: [&str; 3] = ["app_protocol", "mode", "name"];

/// What is compared of a secret that a service is given besides which it is.
const OF_SECRET: [&str; 4] = ["gid", "mode", "target", "uid"];

/// What each environment may call as it likes, but has or has not.
const NAMED: [&str; 2] = ["container_name", "mac_address"];

/// What a service depends on besides what its spec needs, how it is attached to networks, and how ports are published.
pub(super) fn of_parts(
    own: &OwnNames<'_>,
    host: &Host,
    file: &Written,
    name: &str,
    service: At<'_>,
    facts: &mut Facts,
) {
    of_dependencies(own, host, file, name, service, facts);
    of_ports(own, name, service, facts);
    of_secrets(own, name, service, facts);
    of_attachments(own, name, service, facts);
    for field in NAMED {
        if let Some(at) = service.get(field).filter(|at| !at.is_null()) {
            let fact = Fact::present(&at.key_place());
            facts.insert(format!("services.{name}.{field}"), fact);
        }
    }
}

/// What a service depends on, as far as it is not a fact of its spec.
fn of_dependencies(
    own: &OwnNames<'_>,
    host: &Host,
    file: &Written,
    name: &str,
    service: At<'_>,
    facts: &mut Facts,
) {
    let needs = host.services.iter().find(|(key, _)| key.as_str() == name);
    let needs = needs.map(|(_, service)| service.needs.as_slice());
    let needs = needs.filter(|_| !facts.is_by_hand);
    // When a service is needed is a fact of the spec, where it says so.
    let has_condition = |other: &str| {
        needs
            .unwrap_or_default()
            .iter()
            .any(|need| need.service.as_str() == other && need.until.is_some())
    };
    // Compose adds those that follow from other fields, such as `links`.
    let written = file.text().get("services").and_then(|all| all.get(name));
    let is_written = written.is_some_and(|service| service.get("depends_on").is_some());
    let dependencies = service
        .get("depends_on")
        .filter(|_| is_written)
        .into_iter()
        .flat_map(At::entries);
    for (other, at) in dependencies {
        let what = format!("services.{name}.depends_on.{other}");
        let mut add = |what: &str, at| {
            of_field(own, WrittenField::new(what, "depends_on", at), facts);
        };
        if !has_condition(other) {
            add(&what, at);
            continue;
        }
        for (key, at) in at.entries().filter(|(key, _)| *key != "condition") {
            add(&format!("{what}.{key}"), at);
        }
    }
}

/// How its ports are published.
fn of_ports(own: &OwnNames<'_>, name: &str, service: At<'_>, facts: &mut Facts) {
    for port in service.get("ports").into_iter().flat_map(At::items) {
        let target = port
            .get("target")
            .and_then(|at| at.text())
            .unwrap_or_default();
        for field in OF_PORT {
            // The default mode, which a port without `mode` has too.
            let said = port
                .get(field)
                .filter(|at| at.text().as_deref() != Some("ingress"));
            if let Some(at) = said {
                let what = format!("services.{name}.ports.{target}.{field}");
                of_field(own, WrittenField::new(&what, field, at), facts);
            }
        }
    }
}

/// As which files it is given secrets.
fn of_secrets(own: &OwnNames<'_>, name: &str, service: At<'_>, facts: &mut Facts) {
    for secret in service.get("secrets").into_iter().flat_map(At::items) {
        let source = secret
            .get("source")
            .and_then(|at| at.text())
            .unwrap_or_default();
        for field in OF_SECRET {
            if let Some(at) = secret.get(field).filter(|at| !at.is_null()) {
                let what = format!("services.{name}.secrets.{source}.{field}");
                of_field(own, WrittenField::new(&what, field, at), facts);
            }
        }
    }
}

/// How it is attached to networks.
fn of_attachments(own: &OwnNames<'_>, name: &str, service: At<'_>, facts: &mut Facts) {
    let attached = service.get("networks").into_iter().flat_map(At::entries);
    for (network, at) in attached {
        for (field, at) in at
            .entries()
            .filter(|(field, _)| OF_ATTACHMENT.contains(field))
        {
            let what = format!("services.{name}.networks.{network}.{field}");
            of_field(own, WrittenField::new(&what, field, at), facts);
        }
        for field in NAMED_OF_ATTACHMENT {
            if let Some(at) = at.get(field).filter(|at| !at.is_null()) {
                let what = format!("services.{name}.networks.{network}.{field}");
                facts.insert(what, Fact::present(&at.key_place()));
            }
        }
    }
}

/// The content of configs, and where secrets come from.
pub(super) fn of_files(own: &OwnNames<'_>, file: &Written, facts: &mut Facts) {
    for (name, at) in file.entries("configs") {
        for field in ["content", "file"] {
            if let Some(at) = at.get(field) {
                let text = format!("{field} {}", at.text().unwrap_or_default());
                let fact = Fact::of_text(own, Hides::All, |own| own(&text), at.place());
                facts.insert(format!("configs.{name}"), fact);
            }
        }
    }
    for (name, at) in file.entries("secrets") {
        let sources = ["file", "environment", "external"].into_iter();
        for source in sources.filter(|source| at.get(source).is_some()) {
            let fact = Fact::of_spec(source, &at.key_place());
            facts.insert(format!("secrets.{name}"), fact);
        }
    }
}
