//! A service, as `GET /services` lists it (Engine API, `Service`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::Answer;
use super::super::platform;
use super::super::setup;
use crate::fields::{MOUNT, STACK, STACK_PARTS, Value, Values};
use crate::redact::Sensitive;
use crate::state::{
    GivenFile, Mount, MountKind, OF_RUNTIME, Protocol, Running, STACK_LABEL, StackService,
    stack_port,
};
use crate::text::path::clean;

type Entries = BTreeMap<String, Option<Sensitive>>;

/// A service of any stack, or of none.
pub(super) struct ListedService {
    pub(super) id: String,
    pub(super) name: String,
    /// The stack that its labels name.
    pub(super) stack: Option<String>,
    pub(super) service: StackService,
    pub(super) running: Running,
    /// The ports that it publishes and that its spec does not name: those that the swarm chose.
    pub(super) chosen: Vec<String>,
    /// The networks that it joins: their IDs, with its aliases and options there.
    joined: Vec<(String, Entries)>,
}

/// A service of the list.
pub(super) fn listed(answer: &Answer<'_>) -> Result<ListedService, String> {
    let spec = answer.must("Spec");
    let labels = spec.must_map("Labels");
    labels.demand_map("services")?;
    let template = spec.must("TaskTemplate");
    let container = template.at("ContainerSpec");
    let mut fields = setup::fields(answer, STACK);
    fields.drop_empty_names();
    let mut set = |path, entries: Entries| {
        if !entries.is_empty() {
            fields.insert(path, Value::Map(entries));
        }
    };
    set("volumes", mounts(&container.at("Mounts")));
    for (section, list) in [("configs", "Configs"), ("secrets", "Secrets")] {
        set(section, files(section, &container.at(list)));
    }
    let variables = container.at("Env");
    let mut unset: Vec<String> = variables.items().filter_map(|one| bare(&one)).collect();
    unset.sort();
    let platforms = platforms(&template.at("Placement").at("Platforms"));
    for (path, list) in [("unset_variables", unset), ("platforms", platforms)] {
        if !list.is_empty() {
            fields.insert(path, Value::List(list));
        }
    }
    name_credentials(&mut fields, &container.at("Configs"));
    let ports = ports(&spec.at("EndpointSpec").at("Ports"));
    let chosen = self::ports(&answer.at("Endpoint").at("Ports"))
        .into_iter()
        .filter(|port| !ports.contains(port))
        .collect();
    if !ports.is_empty() {
        fields.insert("ports", Value::List(ports));
    }
    let image = container.at("Image").text().map(str::to_owned);
    Ok(ListedService {
        id: answer.must("ID").demand_id("a service")?.to_owned(),
        name: spec.must("Name").demand("a service")?.to_owned(),
        stack: labels.at(STACK_LABEL).text().map(str::to_owned),
        service: StackService {
            image,
            parts: Some(parts(answer)),
            fields,
        },
        running: running(answer),
        chosen,
        joined: networks(&template.at("Networks")),
    })
}

impl ListedService {
    /// The names of the networks that it joins, once they are known.
    pub(super) fn networks(&self) -> impl Iterator<Item = String> {
        self.service
            .fields
            .map("networks")
            .keys()
            .filter(|name| !name.contains(','))
            .cloned()
    }

    /// The IDs of the networks that it joins.
    pub(super) fn joined(&self) -> impl Iterator<Item = &str> {
        self.joined.iter().map(|(id, _)| id.as_str())
    }

    /// Names its networks. One that is gone keeps its ID.
    pub(super) fn name_networks(&mut self, names: &BTreeMap<String, String>) {
        let mut entries = Entries::new();
        for (id, options) in std::mem::take(&mut self.joined) {
            let name = names.get(&id).unwrap_or(&id);
            entries.insert(name.clone(), Some(Sensitive::public("attached")));
            for (option, value) in options {
                entries.insert(format!("{name},{option}"), value);
            }
        }
        if !entries.is_empty() {
            self.service.fields.insert("networks", Value::Map(entries));
        }
    }
}

fn running(answer: &Answer<'_>) -> Running {
    let status = answer.must("ServiceStatus");
    let number = |name: &'static str| {
        let number = status.must(name).number().unwrap_or_default();
        u64::try_from(number).unwrap_or_default()
    };
    let update = answer.at("UpdateStatus");
    let text = |name| update.at(name).text().map(str::to_owned);
    Running {
        running: number("RunningTasks"),
        desired: number("DesiredTasks"),
        // Of jobs alone.
        completed: status
            .at("CompletedTasks")
            .number()
            .map_or(0, |number| u64::try_from(number).unwrap_or_default()),
        update: text("State"),
        update_message: text("Message"),
        ..Running::default()
    }
}

/// The parts of its spec that are set.
fn parts(answer: &Answer<'_>) -> BTreeSet<String> {
    let is_set = |path: &'static str| {
        let mut names = path.split('.');
        let part = names.try_fold(answer.clone(), |at, name| {
            let at = at.at(name);
            (!at.is_null()).then_some(at)
        });
        part.is_some()
    };
    let set = STACK_PARTS.iter().filter(|part| is_set(part.engine));
    set.map(|part| part.path.to_owned()).collect()
}

/// The networks of a service, by their IDs.
fn networks(answer: &Answer<'_>) -> Vec<(String, Entries)> {
    let networks = answer.items().filter_map(|network| {
        let id = network.must("Target").filled()?.to_owned();
        let aliases = network.at("Aliases").sorted();
        let mut entries = Entries::new();
        if !aliases.is_empty() {
            let aliases = Sensitive::public(aliases.join(" "));
            entries.insert("aliases".to_owned(), Some(aliases));
        }
        for (name, value) in network.at("DriverOpts").map() {
            let value = Sensitive::of_option(&name, value);
            entries.insert(format!("driver_opts.{name}"), Some(value));
        }
        Some((id, entries))
    });
    networks.collect()
}

/// The ports of a service. Where the swarm chooses one, only `Endpoint` shows which.
fn ports(answer: &Answer<'_>) -> Vec<String> {
    let mut ports: Vec<String> = answer
        .items()
        .filter_map(|port| {
            let expected = "a port from 0 to 65535";
            let target: u16 = port.must("TargetPort").number_that_is(expected)?;
            let published: Option<u16> = port.at("PublishedPort").number_that_is(expected);
            let published = published.filter(|published| *published > 0);
            let protocol: Option<Protocol> = port.must("Protocol").parse("a protocol");
            let mode = port.at("PublishMode").word(&["ingress", "host"]);
            Some(stack_port(
                published.map(|published| published.to_string()).as_deref(),
                target,
                protocol?.as_str(),
                mode.unwrap_or("ingress"),
            ))
        })
        .collect();
    ports.sort();
    ports
}

/// The configs or secrets of a service, by their places in the container.
fn files(section: &str, answer: &Answer<'_>) -> Entries {
    let name_of = if section == "secrets" {
        "SecretName"
    } else {
        "ConfigName"
    };
    let files = answer.items().filter_map(|file| {
        let name = file.must(name_of).filled()?;
        let at = file.at("File");
        if at.is_null() {
            // The swarm uses it itself, as a credential spec.
            return Some((
                format!("{name}{OF_RUNTIME}"),
                Some(Sensitive::public("runtime")),
            ));
        }
        let given = GivenFile {
            section,
            uid: &at.must("UID").string(),
            gid: &at.must("GID").string(),
            target: &at.must("Name").string(),
            name,
            mode: at.must("Mode").number().unwrap_or_default(),
        };
        let (place, value) = given.entry();
        Some((place, Some(Sensitive::public(value))))
    });
    files.collect()
}

/// The name of a variable without a value, which unsets that of the image (moby, `container/env.go`).
fn bare(entry: &Answer<'_>) -> Option<String> {
    let (name, value) = entry.variable()?;
    value.is_none().then(|| name.to_owned())
}

/// The platforms of the nodes that a service may run on: those of the image, where the client looked up its digest.
fn platforms(answer: &Answer<'_>) -> Vec<String> {
    let mut platforms: Vec<String> = answer
        .items()
        .filter_map(|one| platform::of(&one, ["OS", "Architecture", "Variant"]))
        .collect();
    platforms.sort();
    platforms.dedup();
    platforms
}

/// Replaces the ID of the config of a credential spec by its name.
fn name_credentials(fields: &mut Values, configs: &Answer<'_>) {
    let Some(id) = fields.text("credential_spec.config") else {
        return;
    };
    let config = configs
        .items()
        .find(|config| config.at("ConfigID").text() == Some(id));
    if let Some(name) = config.and_then(|config| config.must("ConfigName").filled()) {
        let name = Value::Text(Sensitive::public(name));
        fields.insert("credential_spec.config", name);
    }
}

/// What a service mounts: what it is by its target, and its options by target and name.
fn mounts(answer: &Answer<'_>) -> Entries {
    let mut entries = Entries::new();
    for asked in answer.items() {
        let kind: Option<MountKind> = asked.must("Type").parse("a type of mount");
        let (Some(kind), Some(target)) = (kind, asked.must("Target").filled()) else {
            continue;
        };
        let volume = asked.at("VolumeOptions");
        let mount = Mount {
            target: clean(target),
            kind,
            source: asked.at("Source").text().map(str::to_owned),
            fields: options(&asked),
        };
        mount.describe(mount.source.as_deref(), &mut entries);
        for (name, value) in volume.at("Labels").map() {
            let value = Sensitive::of_option(&name, value);
            entries.insert(format!("{},labels.{name}", mount.target), Some(value));
        }
        let driver = volume.at("DriverConfig");
        if let Some(name) = driver.at("Name").text() {
            let name = Sensitive::public(name);
            entries.insert(format!("{},driver", mount.target), Some(name));
        }
        for (name, value) in driver.at("Options").map() {
            let value = Sensitive::of_option(&name, value);
            entries.insert(format!("{},driver_opts.{name}", mount.target), Some(value));
        }
    }
    entries
}

/// The options of a mount, which the table has as those of a container's.
fn options(asked: &Answer<'_>) -> Values {
    let mut fields = Values::default();
    for field in MOUNT {
        let path = match field.path {
            "volume.labels" => None,
            "bind.propagation" => Some("BindOptions.Propagation"),
            "read_only" => Some("ReadOnly"),
            _ => field.engine.strip_prefix("HostConfig.Mounts."),
        };
        let Some(path) = path else { continue };
        let at = path.split('.').fold(asked.clone(), |at, name| at.at(name));
        setup::set(&mut fields, field, &at);
    }
    fields
}
