//! The stack that a file asks a swarm for: what `docker stack deploy` makes of each service, config and secret
//! (docker/cli, `cli/compose/convert`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::reading::Fields;
use super::{Reader, filled};
use crate::compose::stack::takes;
use crate::compose::tree::Node;
use crate::compose::view;
use crate::fields::{STACK, Value, Values};
use crate::files::limits;
use crate::redact::Sensitive;
use crate::state::{MountKind, Service, Stack, StackFile, StackService, Volume, granted};

/// Entries of a field by name.
type Entries = BTreeMap<String, Option<Sensitive>>;

/// The stack of a model in canonical form.
pub(super) fn stack(
    reader: &mut Reader<'_>,
    project: &str,
    services: &BTreeMap<String, Service>,
    volumes: &BTreeMap<String, Volume>,
) -> Stack {
    let root = reader.root;
    let mut stack = Stack {
        configs: files(reader, "configs"),
        secrets: files(reader, "secrets"),
        ..Stack::default()
    };
    for (name, entry) in root.section("services") {
        if let Some(known) = services.get(name) {
            let service = Asked {
                name,
                project,
                node: &entry.value,
                known,
                volumes,
            };
            stack.services.insert(name.to_owned(), service.read(reader));
        }
    }
    stack
}

/// A service as the file has it.
struct Asked<'a> {
    name: &'a str,
    project: &'a str,
    node: &'a Node,
    /// The same as Compose would run it.
    known: &'a Service,
    volumes: &'a BTreeMap<String, Volume>,
}

impl Asked<'_> {
    fn read(&self, reader: &mut Reader<'_>) -> StackService {
        let mut fields = Values::default();
        for field in STACK.iter().filter(|field| !field.is_by_hand) {
            let value = match field.path {
                // They are made of files too.
                "environment" | "labels" => self.known.config.fields.get(field.path).cloned(),
                "volumes" => Some(Value::Map(self.mounts())),
                "networks" => Some(Value::Map(self.networks(reader))),
                "ports" => Some(Value::List(self.ports(reader))),
                "configs" | "secrets" => Some(Value::Map(self.granted(reader, field.path))),
                _ => {
                    let path = format!("services.{}", self.name);
                    Fields::of(reader, path, self.node).value(field)
                }
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                fields.set(field, value);
            }
        }
        self.restart(reader, &mut fields);
        capabilities(&mut fields);
        StackService {
            image: self.known.image.clone(),
            fields,
        }
    }

    /// What it mounts: what a mount is by its target, and its options by target and name.
    fn mounts(&self) -> Entries {
        let mut entries = Entries::new();
        for mount in &self.known.mounts {
            let volume = mount.source.as_ref();
            let volume = volume.filter(|_| mount.kind == MountKind::Volume);
            let volume = volume.and_then(|key| self.volumes.get(key));
            let source = volume.map(|volume| &volume.name).or(mount.source.as_ref());
            mount.describe(source.map(String::as_str), &mut entries);
            entries.retain(
                |name, _| match name.split_once(&format!("{},", mount.target)) {
                    Some(("", option)) => is_sent(option),
                    _ => true,
                },
            );
            let Some(volume) = volume.filter(|volume| !volume.external) else {
                continue;
            };
            if let Some(driver) = volume.fields.text("driver") {
                let name = format!("{},driver", mount.target);
                entries.insert(name, Some(Sensitive::public(driver)));
            }
            for section in ["driver_opts", "labels"] {
                for (key, value) in volume.fields.map(section) {
                    entries.insert(format!("{},{section}.{key}", mount.target), value.clone());
                }
            }
        }
        entries
    }

    /// The networks that it joins, by their names on the swarm, with its aliases there.
    fn networks(&self, reader: &mut Reader<'_>) -> Entries {
        let mut entries = Entries::new();
        let mut join = |name: &str, aliases: &[String]| {
            let mut aliases: BTreeSet<&str> = aliases.iter().map(String::as_str).collect();
            aliases.insert(self.name);
            let aliases: Vec<&str> = aliases.into_iter().collect();
            entries.insert(name.to_owned(), Some(Sensitive::public("attached")));
            let aliases = Sensitive::public(aliases.join(" "));
            entries.insert(format!("{name},aliases"), Some(aliases));
        };
        let root = reader.root;
        for (key, attachment) in &self.known.networks {
            let declared = root.get("networks").and_then(|all| all.get(key));
            let name = declared.and_then(|declared| reader.known(declared.field("name")));
            if let Some(name) = filled(name) {
                join(&name, attachment.fields.list("aliases"));
            }
        }
        // The client ignores `network_mode`.
        if self.known.networks.is_empty() && self.node.field("networks").is_none() {
            join(&format!("{}_default", self.project), &[]);
        }
        for (key, attachment) in &self.known.networks {
            let declared = root.get("networks").and_then(|all| all.get(key));
            let name = declared.and_then(|declared| declared.field("name")?.scalar());
            for (option, value) in attachment.fields.map("driver_opts") {
                let option = format!("{},driver_opts.{option}", name.as_deref().unwrap_or(key));
                entries.insert(option, value.clone());
            }
        }
        entries
    }

    /// The ports that it publishes. The client drops the address.
    fn ports(&self, reader: &mut Reader<'_>) -> Vec<String> {
        let items = self.node.get("ports").map(Node::items).unwrap_or_default();
        let mut ports = Vec::new();
        for item in items {
            if !reader.all_known(item) {
                continue;
            }
            let sources = reader.loader.notes.sources.clone();
            let Some(port) = view::Port::read(view::At::root(item, &sources))
                .ok()
                .and_then(|port| port.known())
            else {
                continue;
            };
            let mode = filled(reader.text(item.field("mode")));
            let published = port.published.map(|range| range.to_string());
            ports.push(crate::state::stack_port(
                published.as_deref(),
                port.target,
                port.protocol.as_str(),
                mode.as_deref().unwrap_or("ingress"),
            ));
        }
        ports.sort();
        ports.dedup();
        ports
    }

    /// The configs or secrets that it is given, by their places in the container.
    fn granted(&self, reader: &mut Reader<'_>, section: &str) -> Entries {
        let root = reader.root;
        let items = self.node.get(section).map(Node::items).unwrap_or_default();
        let mut entries = Entries::new();
        for item in items {
            if !reader.all_known(item) {
                continue;
            }
            let Some(key) = reader.text(item.field("source")) else {
                continue;
            };
            let declared = root.get(section).and_then(|all| all.get(&key));
            let name = declared.and_then(|declared| reader.known(declared.field("name")));
            let target = filled(reader.text(item.field("target"))).unwrap_or_else(|| key.clone());
            let mut id = |name: &str| {
                let id = filled(reader.text(item.field(name)));
                id.unwrap_or_else(|| "0".to_owned())
            };
            let owner = (id("uid"), id("gid"));
            let mode = reader.whole(item.field("mode")).unwrap_or(0o444);
            let (place, value) = granted(
                section,
                &target,
                &name.unwrap_or(key),
                (&owner.0, &owner.1),
                mode,
            );
            entries.insert(place, Some(Sensitive::public(value)));
        }
        entries
    }

    /// `restart`, where there is no `deploy.restart_policy`.
    fn restart(&self, reader: &mut Reader<'_>, fields: &mut Values) {
        let has_policy = self
            .node
            .field("deploy")
            .and_then(|deploy| deploy.field("restart_policy"));
        if has_policy.is_some() {
            return;
        }
        let Some(restart) = filled(reader.text(self.node.field("restart"))) else {
            return;
        };
        let (condition, attempts) = match restart.split_once(':') {
            Some((condition, attempts)) => (condition, attempts.parse::<i64>().ok()),
            None => (&*restart, None),
        };
        // What `no` says the client does not send.
        if condition == "on-failure" {
            let condition = Value::Text(Sensitive::public(condition));
            fields.insert("deploy.restart_policy.condition", condition);
        }
        if let Some(attempts) = attempts.filter(|_| condition != "no") {
            fields.insert(
                "deploy.restart_policy.max_attempts",
                Value::Number(attempts),
            );
        }
    }
}

/// Whether the client sends an option of a mount.
fn is_sent(option: &str) -> bool {
    let path = ["services", "SERVICE", "volumes"].into_iter();
    let path: Vec<&str> = path.chain(option.split('.')).collect();
    takes(&path)
}

/// What is added wins over what is dropped, and `ALL` over all others (docker/cli, `opts/capabilities.go`).
fn capabilities(fields: &mut Values) {
    let all = |list: &[String]| list.iter().any(|one| one == "ALL");
    let (mut add, mut drop) = (
        fields.list("cap_add").to_vec(),
        fields.list("cap_drop").to_vec(),
    );
    if all(&add) {
        add = vec!["ALL".to_owned()];
    }
    if all(&drop) {
        drop = vec!["ALL".to_owned()];
    }
    drop.retain(|one| !add.contains(one));
    for (path, list) in [("cap_add", add), ("cap_drop", drop)] {
        if list.is_empty() {
            fields.take(path);
        } else {
            fields.insert(path, Value::List(list));
        }
    }
}

/// The configs or secrets that a file declares, by their names on the swarm. The client creates all of them, used or not.
fn files(reader: &mut Reader<'_>, section: &str) -> BTreeMap<String, StackFile> {
    let root = reader.root;
    let mut files = BTreeMap::new();
    for (key, entry) in root.section(section) {
        let declared = &entry.value;
        let Some(name) = filled(reader.known(declared.field("name"))) else {
            continue;
        };
        let external = reader.boolean(declared.field("external")).unwrap_or(false);
        let has_driver = declared.field("driver").is_some();
        let path = filled(reader.known(declared.field("file")));
        let path = path.filter(|_| !external && !has_driver);
        let file = StackFile {
            key: Some(key.to_owned()),
            external,
            is_own: false,
            digest: path.and_then(|path| digest(reader, &path)),
        };
        files.insert(name, file);
    }
    files
}

/// The digest of a file of the project, where it can be read here.
fn digest(reader: &mut Reader<'_>, path: &str) -> Option<Sensitive> {
    if !reader.loader.reads_files {
        return None;
    }
    let path = Path::new(path);
    let text = reader.loader.boundary.text(path, limits::STACK_FILE).ok()?;
    reader.loader.notes.add_read(path);
    Some(Sensitive::digest(text.text))
}
