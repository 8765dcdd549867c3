//! A service.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::FieldReader;
use super::{Reader, config, copies, filled, inherit, mounts};
use crate::compose::tree::Node;
use crate::compose::view;
use crate::fields::{ATTACHMENT, NOT_SHOWN, name_interface};
use crate::state::{Attachment, Port, SERVICE, Service, UnsetPort};

pub(super) fn read(reader: &mut Reader<'_>, of: view::Service<'_>) -> Service {
    let service = of.at.node;
    for path in [&["scale"] as &[&str], &["deploy", "replicas"]] {
        if let Some(at) = of.dig(path) {
            reader.is_known(at.node);
        }
    }
    let mounts = mounts::read(reader, of);
    let (ports, unset_ports) = ports(reader, of);
    let copies = copies::read(reader, service);
    Service {
        replicas: of.replicas(),
        image: filled(reader.text(service.field("image"))),
        build: service.field("build").is_some(),
        start_interval_has_period: start_interval_has_period(service),
        pull_policy: filled(reader.text(service.field("pull_policy"))),
        network_mode: filled(reader.text(service.field("network_mode"))),
        networks: attachments(reader, of),
        mounts: mounts.known,
        configs: mounts.configs,
        copies: copies.copied,
        empty_copies: copies.empty,
        bound: BTreeMap::new(),
        mounts_of: inherit::containers(service),
        mounts_from: BTreeSet::new(),
        unset_mounts: mounts.unset,
        unset_sources: mounts.unset_sources,
        takes_variables: takes_variables(of),
        label_files: label_files(service),
        is_completed: is_completed(of),
        ports,
        unset_ports,
        depends_on: depends_on(reader, of),
        restarts_with: needs(of, |need| need.restarts),
        starts_without: needs(of, |need| !need.is_required),
        config: config::read(reader, of.name, service),
        not_shown: NOT_SHOWN
            .iter()
            .filter(|(key, _)| {
                let field = service.field(key);
                field.is_some_and(|field| field.scalar().is_none_or(|text| !text.is_empty()))
                    || mounts::has_not_shown(of, key)
            })
            .map(|(key, _)| (*key).to_owned())
            .collect(),
    }
}

/// Whether the health check of a service has a `start_period`, where it has a `start_interval`.
fn start_interval_has_period(service: &Node) -> Option<bool> {
    let check = service.field("healthcheck")?;
    let interval = check.field("start_interval")?;
    let is_known = interval.unset.is_none();
    is_known.then(|| check.field("start_period").is_some())
}

/// Whether a service takes variables or labels from other files, or variables from a shell.
fn takes_variables(service: view::Service<'_>) -> bool {
    let node = service.at.node;
    node.field("environment")
        .into_iter()
        .flat_map(view::pairs)
        .any(|(_, value, _)| value.is_none())
        || ["env_file", "label_file"]
            .iter()
            .any(|key| node.field(key).is_some())
}

/// The paths of the files that a service takes labels from.
fn label_files(service: &Node) -> Vec<String> {
    let files = service.field("label_file").map(Node::items);
    let paths = files.unwrap_or_default().iter().filter_map(Node::as_text);
    paths.map(str::to_owned).collect()
}

/// Whether Compose completes a service before it takes its hash, which `docker compose config --hash` does not
/// (docker/compose, `cmd/compose/config.go`, `pkg/compose/convergence.go`).
fn is_completed(service: view::Service<'_>) -> bool {
    let node = service.at.node;
    let others = ["volumes_from", "use_api_socket", "models"];
    let of_service = |key: &str| {
        let mode = node.field(key).and_then(Node::scalar);
        mode.is_some_and(|mode| mode.starts_with(SERVICE))
    };
    others.iter().any(|key| node.field(key).is_some())
        || ["network_mode", "ipc", "pid"].into_iter().any(of_service)
        || node.field("build").is_some() && node.field("image").is_none()
}

/// The ports of a service, sorted: those that are known, and those that depend on a variable.
fn ports(reader: &mut Reader<'_>, service: view::Service<'_>) -> (Vec<Port>, Vec<UnsetPort>) {
    let (mut ports, mut unset) = (Vec::new(), Vec::new());
    for item in service.items("ports") {
        let is_known = reader.all_known(item.node);
        match view::Port::read(item) {
            Ok(port) => {
                ports.extend(port.known().filter(|_| is_known));
                unset.extend(port.unset());
            }
            Err(_) if !is_known => {}
            Err((at, expected)) => {
                let notes = &mut reader.loader.notes;
                notes.problem(at.node.at, "this is not a valid port", expected);
            }
        }
    }
    ports.sort();
    ports.dedup();
    unset.sort();
    unset.dedup();
    (ports, unset)
}

/// The services that a service waits for, and for what.
fn depends_on(reader: &mut Reader<'_>, service: view::Service<'_>) -> BTreeMap<String, String> {
    let needs = service.needs();
    needs
        .map(|need| {
            reader.text(need.at.node.field("condition"));
            (need.name.to_owned(), need.condition)
        })
        .collect()
}

/// Those of them for which something holds.
fn needs(
    service: view::Service<'_>,
    holds: impl Fn(&view::Dependency<'_>) -> bool,
) -> BTreeSet<String> {
    service
        .needs()
        .filter(holds)
        .map(|need| need.name.to_owned())
        .collect()
}

/// The networks that a service joins.
fn attachments(
    reader: &mut Reader<'_>,
    service: view::Service<'_>,
) -> BTreeMap<String, Attachment> {
    let mut joined = BTreeMap::new();
    for (name, at) in service.networks() {
        let attachment = at.node;
        if !reader.is_known(attachment) {
            continue;
        }
        let path = format!("services.{}.networks.{name}", service.name);
        let mut fields = FieldReader::of(reader, path, attachment).all(ATTACHMENT);
        name_interface(&mut fields);
        let priority = filled(reader.text(attachment.field("priority")));
        let priority = priority.and_then(|text| text.parse().ok());
        let attachment = Attachment {
            fields,
            priority: priority.unwrap_or_default(),
        };
        joined.insert(name.to_owned(), attachment);
    }
    joined
}
