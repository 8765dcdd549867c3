//! What a service mounts: its volumes, and the secrets and configs that are files of the host
//! (docker/compose, `pkg/compose/create.go`).

use std::collections::{BTreeSet, HashSet};

use super::reading::FieldReader;
use super::{Reader, filled};
use crate::compose::paths::is_windows;
use crate::compose::tree::{Kind, Node};
use crate::compose::view;
use crate::fields::{CONSISTENCY, MOUNT, SELINUX_NOT_SENT, Value, Values};
use crate::orchestrator::Orchestrator;
use crate::state::{Mount, MountKind};
use crate::text::path::{ENGINE_SOCKET, SECRETS_FOLDER};

/// Whether a service is to reach the engine (docker/compose, `pkg/compose/apiSocket.go`).
pub(super) fn has_api_socket(service: &Node) -> bool {
    service.get("use_api_socket").map(|wanted| &wanted.kind) == Some(&Kind::Bool(true))
}

/// What a service mounts.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    /// Sorted by target.
    pub(super) known: Vec<Mount>,
    /// Where it mounts what depends on a variable without a value; nothing for a place that does so
    /// itself.
    pub(super) unset: BTreeSet<Option<String>>,
    /// What it mounts there, as it is written.
    pub(super) unset_sources: BTreeSet<(MountKind, String)>,
    /// Where it mounts configs.
    pub(super) configs: BTreeSet<String>,
}

/// The mounts of a service.
pub(super) fn read(reader: &mut Reader<'_>, service: view::Service<'_>) -> Mounts {
    let mut mounts = Mounts::default();
    for item in service.items("volumes") {
        if !reader.is_wholly_known(item.node) {
            mounts.unset.insert(known(item.node.field("target")));
            mounts.unset_sources.extend(source(item));
        } else if let Some(mount) = view::Mount::read(item) {
            let path = format!("services.{}.volumes", service.name);
            let mut fields = FieldReader::of(reader, path, item.node).all(MOUNT);
            let is_long = is_long(item.node, mount.kind);
            fields.retain(|path| mount.kind.has(path) && !(is_long && path == SELINUX));
            mounts.known.push(Mount {
                target: mount.target,
                kind: mount.kind,
                source: mount.source,
                fields,
            });
        }
    }
    for from in service.items("volumes_from") {
        if !reader.is_known(from.node) {
            mounts.unset.insert(None);
        }
    }
    let service = service.at.node;
    if let Some(wanted) = service.get("use_api_socket")
        && !reader.is_known(wanted)
    {
        mounts.unset.insert(Some(ENGINE_SOCKET.to_owned()));
    }
    if has_api_socket(service) {
        let mount = Mount {
            target: ENGINE_SOCKET.to_owned(),
            kind: MountKind::Bind,
            source: Some(ENGINE_SOCKET.to_owned()),
            fields: Values::default(),
        };
        mounts.known.push(mount);
    }
    let mut targets: HashSet<String> = mounts
        .known
        .iter()
        .map(|mount| mount.target.clone())
        .collect();
    // A swarm gives them to a service itself.
    let folders = FOLDERS
        .into_iter()
        .filter(|_| reader.loader.orchestrator == Orchestrator::Docker);
    for (section, folder) in folders.collect::<Vec<_>>() {
        for item in service.get(section).map(Node::items).unwrap_or_default() {
            match file(reader, section, folder, item) {
                // A volume on the same target wins, and so does a secret over a config.
                Delivery::Mounted(mount) if targets.insert(mount.target.clone()) => {
                    if section == "configs" {
                        mounts.configs.insert(mount.target.clone());
                    }
                    mounts.known.push(mount);
                }
                Delivery::Unset(target) => {
                    mounts.unset.insert(target);
                }
                Delivery::Mounted(_) | Delivery::Copied => {}
            }
        }
    }
    Mount::sort(&mut mounts.known);
    mounts
}

/// What a mount that depends on a variable has as its source, as it is written.
fn source(mount: view::At<'_>) -> Option<(MountKind, String)> {
    match view::Mount::read(mount) {
        Some(read) => Some((read.kind, read.source?)),
        // A form that cannot be read before its variables have values.
        None => Some((MountKind::Bind, mount.text()?)),
    }
}

/// A text that depends on no variable without a value.
fn known(node: Option<&Node>) -> Option<String> {
    filled(node.filter(|node| node.unset.is_none())?.scalar())
}

const SELINUX: &str = "bind.selinux";

/// Whether Compose asks for a mount in the long form of the Engine API, which has no `selinux`
/// (docker/compose, `bindRequiresMountAPI` and `volumeRequiresMountAPI`).
fn is_long(mount: &Node, kind: MountKind) -> bool {
    let has = |kind: &str, key: &str| {
        let field = mount.get(kind).and_then(|of_kind| of_kind.field(key));
        field.is_some_and(|field| field.scalar().is_none_or(|text| !text.is_empty()))
    };
    match kind {
        MountKind::Bind => {
            has("bind", "propagation")
                || has("bind", "recursive")
                // The long form of the file has to say so.
                || mount.get("bind").is_some() && !view::is_created(mount)
        }
        MountKind::Volume => {
            mount.field("source").is_none()
                || has("volume", "nocopy")
                || has("volume", "subpath")
                || has("volume", "labels")
        }
        _ => true,
    }
}

/// Whether a mount of a service has an option that no engine shows.
pub(super) fn has_not_shown(service: view::Service<'_>, option: &str) -> bool {
    service.items("volumes").any(|item| {
        let mount = item.node;
        let kind = view::Mount::read(item).map(|mount| mount.kind);
        match option {
            CONSISTENCY => mount.field("consistency").is_some(),
            SELINUX_NOT_SENT => kind.is_some_and(|kind| {
                let bind = mount.get("bind").and_then(|bind| bind.field("selinux"));
                bind.is_some() && is_long(mount, kind)
            }),
            _ => false,
        }
    })
}

/// Where secrets and configs are put that name no absolute place.
pub(super) const FOLDERS: [(&str, &str); 2] = [("secrets", SECRETS_FOLDER), ("configs", "/")];

/// Whether Compose copies a secret or config, which is not a mount: its content is in the file or in a
/// variable.
pub(super) fn is_copied(declared: &Node) -> bool {
    ["environment", "content"]
        .iter()
        .any(|key| filled(declared.get(key).and_then(Node::scalar)).is_some())
}

/// Where a secret or config is put.
pub(super) fn target(folder: &str, name: &str, item: &Node) -> String {
    match item.get("target").and_then(Node::as_text) {
        None | Some("") => format!("{folder}{name}"),
        Some(target) if target.starts_with('/') || is_windows(target) => target.to_owned(),
        Some(target) => format!("{folder}{target}"),
    }
}

/// How a service gets a secret or config.
enum Delivery {
    /// It is a file of the host.
    Mounted(Mount),
    /// Compose copies it into the container, which is not a mount.
    Copied,
    /// That depends on a variable without a value. Its place, where that does not.
    Unset(Option<String>),
}

/// A secret or config of a service.
fn file(reader: &mut Reader<'_>, section: &str, folder: &str, item: &Node) -> Delivery {
    let is_known = |key: &str| item.field(key).is_none_or(|node| node.unset.is_none());
    let source = known(item.get("source"));
    let place = source
        .as_ref()
        .filter(|_| is_known("target"))
        .map(|name| target(folder, name, item));
    if !reader.all_known(item) {
        // Without its name, it has a place where the file names that.
        let own = || known(item.get("target")).filter(|own| own.starts_with('/'));
        return Delivery::Unset(place.or_else(own));
    }
    let (Some(name), Some(place)) = (source, place) else {
        return Delivery::Copied;
    };
    let declared = reader.root.get(section).and_then(|all| all.get(&name));
    let Some(declared) = declared.filter(|declared| !is_copied(declared)) else {
        return Delivery::Copied;
    };
    let Some(path) = declared.field("file") else {
        return Delivery::Copied;
    };
    if !reader.is_known(path) {
        return Delivery::Unset(Some(place));
    }
    let Some(path) = filled(path.scalar()) else {
        return Delivery::Copied;
    };
    Delivery::Mounted(Mount {
        target: place,
        kind: MountKind::Bind,
        source: Some(path),
        fields: [("read_only", Value::Flag(true))].into_iter().collect(),
    })
}
