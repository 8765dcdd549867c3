//! The stack that a file asks a swarm for: what `docker stack deploy` makes of each service, config and secret
//! (docker/cli, `cli/compose/convert`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::reading::FieldReader;
use super::{Reader, filled, sent};
use crate::compose::stack::takes;
use crate::compose::tree::Node;
use crate::compose::view::{self, Restart};
use crate::fields::{STACK, STACK_FILE, Value, Values};
use crate::files::limits;
use crate::redact::Sensitive;
use crate::state::{
    DEFINITION, DeployMode, GivenFile, MountKind, OF_RUNTIME, RestartPolicy, STACK_IMAGE_LABEL,
    STACK_LABEL, Service, Stack, StackFile, StackService, Volume, is_predefined, stack_port,
};

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
            let service = DeclaredService {
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

/// Removes what the client ignores and other fields depend on: a service with `network_mode` is on its networks all the same.
pub(super) fn leave_out(model: &mut Node) {
    for (_, service) in model.section_mut("services") {
        if let Some(service) = service.as_map_mut() {
            service.remove("network_mode");
        }
    }
}

/// A service as the file has it.
struct DeclaredService<'a> {
    name: &'a str,
    project: &'a str,
    node: &'a Node,
    /// The service as Compose would run it.
    known: &'a Service,
    volumes: &'a BTreeMap<String, Volume>,
}

impl DeclaredService<'_> {
    fn read(&self, reader: &mut Reader<'_>) -> StackService {
        let mut fields = Values::default();
        for field in STACK.iter().filter(|field| !field.is_by_hand) {
            let value = match field.path {
                // They are made of files too.
                "environment" | "labels" => self.known.config.fields.get(field.path).cloned(),
                "unset_variables" => Some(Value::List(self.unset_variables(reader))),
                "volumes" => Some(Value::Map(self.mounts(reader))),
                "networks" => Some(Value::Map(self.networks(reader))),
                "ports" => Some(Value::List(self.ports(reader))),
                "configs" | "secrets" => Some(Value::Map(self.granted(reader, field.path))),
                CREDENTIALS => {
                    let name = self.credentials(reader);
                    name.map(|name| Value::Text(Sensitive::public(name)))
                }
                _ => {
                    let path = format!("services.{}", self.name);
                    FieldReader::of(reader, path, self.node).value(field)
                }
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                fields.set(field, value);
            }
        }
        self.restart(reader, &mut fields);
        self.label(&mut fields);
        // All tasks of a job may run at once.
        if DeployMode::of(fields.text("deploy.mode")) == DeployMode::ReplicatedJob {
            let tasks = fields.number("deploy.replicas").unwrap_or(1);
            fields.insert("max_concurrent", Value::Number(tasks));
        }
        let check = self.node.field("healthcheck");
        let is_disabled = reader.boolean(check.and_then(|check| check.field("disable")));
        sent::change(&mut fields, is_disabled == Some(true));
        StackService {
            image: self.known.image.clone(),
            parts: Some(sent::parts(self.node, self.is_restarted(reader))),
            fields,
        }
    }

    /// The variables that the client sends without a value, as neither the file nor the shell has one.
    fn unset_variables(&self, reader: &Reader<'_>) -> Vec<String> {
        let shell = &reader.context.variables;
        let variables = self
            .node
            .field("environment")
            .into_iter()
            .flat_map(view::pairs);
        let unset =
            variables.filter(|(name, value, _)| value.is_none() && shell.get(name).is_none());
        let unset: BTreeSet<String> = unset.map(|(name, ..)| name).collect();
        unset.into_iter().collect()
    }

    /// The name on the swarm of what the file declares under a key. Where it is not known, neither is the field that needs it.
    fn name_of(
        &self,
        reader: &mut Reader<'_>,
        section: &str,
        key: &str,
        field: &str,
    ) -> Option<String> {
        let root = reader.root;
        let name = root.get(section)?.get(key)?.field("name")?;
        if let Some(unset) = &name.unset {
            reader.note(&format!("services.{}.{field}", self.name), &unset.names);
        }
        filled(reader.known(Some(name)))
    }

    /// What it mounts: what a mount is by its target, and its options by target and name.
    fn mounts(&self, reader: &mut Reader<'_>) -> Entries {
        let mut entries = Entries::new();
        for mount in &self.known.mounts {
            let key = mount.source.as_ref();
            let is_named = matches!(mount.kind, MountKind::Volume | MountKind::Cluster);
            let named = key.filter(|_| is_named);
            let name = named.and_then(|key| self.name_of(reader, "volumes", key, "volumes"));
            let source = name.as_ref().or(key);
            mount.describe(source.map(String::as_str), &mut entries);
            // Of an anonymous volume, the client sends no options.
            let has_options = mount.kind != MountKind::Volume || key.is_some();
            let is_kept = |option: &str| option == "read_only" || has_options && is_sent(option);
            entries.retain(
                |name, _| match name.split_once(&format!("{},", mount.target)) {
                    Some(("", option)) => is_kept(option),
                    _ => true,
                },
            );
            let volume = named.and_then(|key| self.volumes.get(key));
            let of_stack = |volume: &&Volume| mount.kind == MountKind::Volume && !volume.external;
            let Some(volume) = volume.filter(of_stack) else {
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
            let label = format!("{},labels.{STACK_LABEL}", mount.target);
            let project = Sensitive::of_option(STACK_LABEL, self.project);
            entries.insert(label, Some(project));
        }
        entries
    }

    /// The networks that it joins, by their names on the swarm, with its aliases and options there.
    fn networks(&self, reader: &mut Reader<'_>) -> Entries {
        let mut entries = Entries::new();
        for (key, attachment) in &self.known.networks {
            let Some(name) = self.name_of(reader, "networks", key, "networks") else {
                continue;
            };
            let mut aliases: BTreeSet<&str> = attachment
                .fields
                .list("aliases")
                .iter()
                .map(String::as_str)
                .collect();
            // Those that every engine has know no aliases.
            if !is_predefined(&name) {
                aliases.insert(self.name);
            }
            entries.insert(name.clone(), Some(Sensitive::public("attached")));
            if !aliases.is_empty() {
                let aliases: Vec<&str> = aliases.into_iter().collect();
                let aliases = Sensitive::public(aliases.join(" "));
                entries.insert(format!("{name},aliases"), Some(aliases));
            }
            for (option, value) in attachment.fields.map("driver_opts") {
                entries.insert(format!("{name},driver_opts.{option}"), value.clone());
            }
        }
        entries
    }

    /// The ports that it publishes. The client drops the address, and publishes every port of a range.
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
            let mode = filled(reader.text(item.field("mode"))).unwrap_or_default();
            // A swarm takes what it does not know for `ingress`.
            let is_host = mode.eq_ignore_ascii_case("host");
            let mode = if is_host { "host" } else { "ingress" };
            let mut add = |published: Option<u16>| {
                let published = published.map(|published| published.to_string());
                let protocol = port.protocol.as_str();
                ports.push(stack_port(
                    published.as_deref(),
                    port.target,
                    protocol,
                    mode,
                ));
            };
            match port.published {
                Some(range) => {
                    let (first, last) = range.bounds();
                    (first..=last).for_each(|port| add(Some(port)));
                }
                None => add(None),
            }
        }
        ports.sort();
        ports.dedup();
        ports
    }

    /// The configs or secrets that it is given, by their places in the container.
    fn granted(&self, reader: &mut Reader<'_>, section: &str) -> Entries {
        let items = self.node.get(section).map(Node::items).unwrap_or_default();
        let mut entries = Entries::new();
        for item in items {
            if !reader.all_known(item) {
                continue;
            }
            let Some(key) = reader.text(item.field("source")) else {
                continue;
            };
            let Some(name) = self.name_of(reader, section, &key, section) else {
                continue;
            };
            let target = filled(reader.text(item.field("target"))).unwrap_or(key);
            let mut id = |name: &str| {
                let id = filled(reader.text(item.field(name)));
                id.unwrap_or_else(|| "0".to_owned())
            };
            let (uid, gid) = (id("uid"), id("gid"));
            let given = GivenFile {
                section,
                target: &target,
                name: &name,
                uid: &uid,
                gid: &gid,
                mode: reader.whole(item.field("mode")).unwrap_or(0o444),
            };
            let (place, value) = given.entry();
            entries.insert(place, Some(Sensitive::public(value)));
        }
        if section == "configs"
            && let Some(name) = self.credentials(reader)
        {
            entries.insert(
                format!("{name}{OF_RUNTIME}"),
                Some(Sensitive::public("runtime")),
            );
        }
        entries
    }

    /// The config that holds its credential spec.
    fn credentials(&self, reader: &mut Reader<'_>) -> Option<String> {
        let spec = self.node.field("credential_spec")?;
        let key = filled(reader.known(spec.field("config")))?;
        self.name_of(reader, "configs", &key, CREDENTIALS)
    }

    /// The labels that the client adds, and that of the definition, which is one of the containers like any other.
    fn label(&self, fields: &mut Values) {
        let mut add = |path: &'static str, label: &str, value: Option<&str>| {
            let mut labels = fields.map(path).clone();
            labels.insert(label.to_owned(), value.map(Sensitive::whole));
            fields.insert(path, Value::Map(labels));
        };
        add("labels", STACK_LABEL, Some(self.project));
        if let Some(definition) = &self.known.config.definition {
            add("labels", DEFINITION, Some(definition));
        }
        add("deploy.labels", STACK_LABEL, Some(self.project));
        let image = self.node.field("image");
        let is_known = image.is_none_or(|image| image.unset.is_none());
        let image = self.known.image.as_deref().filter(|_| is_known);
        add("deploy.labels", STACK_IMAGE_LABEL, image);
    }

    /// Whether the client sends a policy of restarts.
    fn is_restarted(&self, reader: &mut Reader<'_>) -> bool {
        match view::restart(self.node) {
            Some(Restart::Own(own)) => {
                let text = filled(reader.text(Some(own)));
                text.is_some_and(|text| RestartPolicy::of(&text).condition != "no")
            }
            Some(Restart::Deploy(_)) => true,
            None => false,
        }
    }

    /// `restart`, where there is no `deploy.restart_policy`.
    fn restart(&self, reader: &mut Reader<'_>, fields: &mut Values) {
        let Some(Restart::Own(own)) = view::restart(self.node) else {
            return;
        };
        let Some(text) = filled(reader.text(Some(own))) else {
            return;
        };
        let policy = RestartPolicy::of(&text);
        // What `no` says the client does not send.
        if policy.is_on_failure() {
            let condition = Value::Text(Sensitive::public(policy.condition));
            fields.insert("deploy.restart_policy.condition", condition);
            let attempts = policy.attempts.and_then(|text| text.parse::<u32>().ok());
            if let Some(attempts) = attempts {
                let attempts = Value::Number(attempts.into());
                fields.insert("deploy.restart_policy.max_attempts", attempts);
            }
        }
    }
}

/// The config of a credential spec, which the client sends under the name that it has on the swarm.
const CREDENTIALS: &str = "credential_spec.config";

/// Whether the client sends an option of a mount.
fn is_sent(option: &str) -> bool {
    takes("services", &format!("volumes.{option}"))
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
        let mut fields =
            FieldReader::of(reader, format!("{section}.{key}"), declared).all(STACK_FILE);
        let has_driver = fields.get("driver").is_some();
        // The client sends neither without a driver, nor for a config.
        if section == "configs" || !has_driver {
            fields.take("driver");
            fields.take("driver_opts");
        }
        let path =
            filled(reader.known(declared.field("file"))).filter(|_| !external && !has_driver);
        let file = StackFile {
            key: Some(key.to_owned()),
            external,
            digest: path.and_then(|path| digest(reader, &path)),
            fields,
            ..StackFile::default()
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
