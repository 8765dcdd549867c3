//! A Compose file of what a host runs.
//!
//! It begins with what every Compose file has to say, and is then patched like any other: what a comparison still
//! finds is what neither the images nor the engine set.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::edits::{declared, is_in, literal, shared, short, written_mount, written_pools};
use super::{Hidden, PatchInput, SkipReason};
use crate::compose;
use crate::drift::Select;
use crate::fields::is_profile;
use crate::finding::Finding;
use crate::source::Source;
use crate::state::{Container, State, container_names, is_predefined};
use crate::target::Target;
use crate::text::plural::and_more;
use crate::yaml::block;

/// Whether a service of the project has a container.
pub(crate) fn has_services(observed: &State) -> bool {
    let mut containers = observed.live.iter().flat_map(|live| &live.containers);
    containers.any(|container| container.serves().is_some())
}

/// The other projects of the engine, as a hint: `; others are …`.
pub(crate) fn other_projects(observed: &State) -> String {
    const SHOWN: usize = 5;
    let others: BTreeSet<&str> = observed
        .live
        .iter()
        .flat_map(|live| &live.foreign)
        .filter_map(|one| one.project.as_deref())
        .collect();
    if others.is_empty() {
        return String::new();
    }
    let more = and_more(others.len().saturating_sub(SHOWN));
    let others: Vec<String> = others
        .iter()
        .take(SHOWN)
        .map(|one| format!("`{one}`"))
        .collect();
    format!("; other projects there: {}{more}", others.join(", "))
}

/// A Compose file of what a host runs.
pub(crate) struct LiveFile {
    pub(crate) text: String,
    /// What it does not say, and why.
    pub(crate) left: Vec<(Finding, SkipReason)>,
}

impl LiveFile {
    /// The file for what a target runs; nothing where Compose refuses that.
    pub(crate) fn of(target: &Target, observed: &State, today: Date) -> Option<Self> {
        let input = PatchInput {
            files: vec![Source::new("compose.yml", beginning(observed))],
            read: Box::new(compose::read_plain),
            observed,
            context: &target.context.without_files(),
            ignore: &[],
            select: &Select::default(),
            today,
            hidden: Hidden::Variable,
        };
        let patched = input.patch()?;
        let mut edited = patched.files.iter().map(|(_, new)| new);
        let file = edited.next().or(input.files.first())?;
        Some(Self {
            text: file.text.clone(),
            left: patched.left,
        })
    }
}

/// The services of a project that have containers, with what they are attached to, and the project's networks and
/// volumes.
fn beginning(observed: &State) -> String {
    let mut file = Writer {
        observed,
        pools: pools_of_pinned(observed),
        networks: Map::new(),
        volumes: Map::new(),
    };
    let mut services: BTreeMap<&str, Vec<&Container>> = BTreeMap::new();
    for container in observed.live.iter().flat_map(|live| &live.containers) {
        if let Some(service) = container.serves() {
            services.entry(service).or_default().push(container);
        }
    }
    let services: Map<String, Value> = services
        .into_iter()
        .filter_map(|(name, containers)| {
            let service = file.service(name, containers.first()?, containers.len());
            Some((name.to_owned(), service))
        })
        .collect();
    let mut all = json!({ "name": observed.project, "services": services });
    for (section, things) in [("networks", file.networks), ("volumes", file.volumes)] {
        if let (false, Value::Object(all)) = (things.is_empty(), &mut all) {
            all.insert(section.to_owned(), Value::Object(things));
        }
    }
    block::write(&all)
}

/// The subnets, by networks, in which containers have addresses that were asked for: no engine gives these in a subnet that it chose.
fn pools_of_pinned(observed: &State) -> HashMap<&str, Vec<Value>> {
    let mut pinned: HashMap<&str, Vec<&str>> = HashMap::new();
    for container in observed.live.iter().flat_map(|live| &live.containers) {
        for (network, attached) in &container.networks {
            let addresses = attached.pinned.iter().map(String::as_str);
            pinned.entry(network).or_default().extend(addresses);
        }
    }
    let mut pools = HashMap::new();
    for network in observed.networks.values() {
        let addresses = pinned.get(network.name.as_str());
        let addresses = addresses.map(Vec::as_slice).unwrap_or_default();
        let is_wanted = |subnet: &str| addresses.iter().any(|address| is_in(address, subnet));
        let wanted = written_pools(network, is_wanted);
        if !wanted.is_empty() {
            pools.insert(network.name.as_str(), wanted);
        }
    }
    pools
}

struct Writer<'a> {
    observed: &'a State,
    /// The subnets that the file has to declare, by the names of their networks.
    pools: HashMap<&'a str, Vec<Value>>,
    networks: Map<String, Value>,
    volumes: Map<String, Value>,
}

impl Writer<'_> {
    fn service(&mut self, name: &str, container: &Container, count: usize) -> Value {
        let mut service = Map::new();
        service.insert("image".to_owned(), json!(container.image));
        if count != 1 {
            service.insert("scale".to_owned(), json!(count));
        }
        // A container that exited with 0 is a job; without a restart policy, only the file says so.
        let policy = container.config.fields.text("restart");
        if container.state == "exited"
            && container.exit_code == Some(0)
            && policy.is_none_or(|policy| policy == "no")
        {
            service.insert("restart".to_owned(), json!("no"));
        }
        let number = container.number.unwrap_or(1);
        if !container_names(&self.observed.project, name, number).contains(&container.name) {
            service.insert("container_name".to_owned(), json!(container.name));
        }
        // Options are of a driver, which is said with them.
        let fields = &container.config.fields;
        if let (false, Some(driver)) = (
            fields.map("logging.options").is_empty(),
            fields.text("logging.driver"),
        ) {
            service.insert("logging".to_owned(), json!({ "driver": driver }));
        }
        // A profile cannot be written; the other options are not to be left out with it.
        let (profiles, others): (Vec<&String>, Vec<&String>) = fields
            .list("security_opt")
            .iter()
            .partition(|option| is_profile(option));
        if !profiles.is_empty() && !others.is_empty() {
            service.insert("security_opt".to_owned(), literal(&json!(others)));
        }
        match container.network_mode.as_deref() {
            Some(mode) => {
                let mode = shared(self.observed, mode);
                service.insert("network_mode".to_owned(), json!(mode));
            }
            None if container.networks.keys().eq(["bridge"]) => {
                service.insert("network_mode".to_owned(), json!("bridge"));
            }
            None => {
                // Compose cannot join one of the engine's own beside others.
                let networks = container.networks.keys();
                let networks = networks.filter(|network| !is_predefined(network));
                let keys: Vec<String> = networks.map(|network| self.network(network)).collect();
                if keys != ["default"] && !keys.is_empty() {
                    service.insert("networks".to_owned(), json!(keys));
                }
            }
        }
        let mounts: Vec<Value> = container
            .mounts
            .iter()
            .filter_map(|mount| written_mount(mount, |volume| Some(self.volume(volume))))
            .collect();
        let ports: Vec<Value> = container
            .ports
            .iter()
            .map(ToString::to_string)
            .map(|port| json!(short(&port)))
            .collect();
        for (key, list) in [("volumes", mounts), ("ports", ports)] {
            if !list.is_empty() {
                service.insert(key.to_owned(), Value::Array(list));
            }
        }
        Value::Object(service)
    }

    fn network(&mut self, name: &str) -> String {
        let (key, mut network) = declared(self.observed, "networks", name);
        let pools = self
            .pools
            .get(name)
            .filter(|_| network.get("external").is_none());
        if let Some(pools) = pools {
            let ipam = json!({ "config": pools });
            match &mut network {
                Value::Object(network) => {
                    network.insert("ipam".to_owned(), ipam);
                }
                other => *other = json!({ "ipam": ipam }),
            }
        }
        declare(&mut self.networks, key, network)
    }

    fn volume(&mut self, name: &str) -> String {
        let (key, volume) = declared(self.observed, "volumes", name);
        declare(&mut self.volumes, key, volume)
    }
}

/// Declares a network or volume, and gives the key that the file has for it.
fn declare(section: &mut Map<String, Value>, key: String, declared: Value) -> String {
    // The default network need not be declared.
    if key != "default" || !declared.is_null() {
        section.insert(key.clone(), declared);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::beginning;
    use crate::fields::{Value, Values};
    use crate::state::{Attached, Container, Live, Network, Origin, State};

    #[test]
    fn the_subnet_of_an_address_that_was_asked_for_is_declared() {
        let attached = Attached {
            pinned: vec!["fd00::5".into()],
            ..Attached::default()
        };
        let container = |service: &str, attached| Container {
            service: Some(service.into()),
            networks: [("shop_back".to_owned(), attached)].into(),
            ..Container::default()
        };
        let subnets = ["172.20.0.0/16", "fd00::/64"].map(str::to_owned);
        let mut fields = Values::default();
        fields.insert("ipam.config.subnet", Value::List(subnets.into()));
        let network = Network {
            name: "shop_back".into(),
            origin: Some(Origin {
                project: Some("shop".into()),
                key: Some("back".into()),
                ..Origin::default()
            }),
            fields,
            ..Network::default()
        };
        let state = State {
            networks: [("back".to_owned(), network)].into(),
            live: Some(Live {
                containers: vec![
                    container("api", attached),
                    container("web", Attached::default()),
                ],
                ..Live::default()
            }),
            ..State::empty("shop")
        };
        let text = beginning(&state);
        assert!(text.contains("- subnet: fd00::/64\n"), "{text}");
        assert!(!text.contains("172.20.0.0/16"), "{text}");
    }

    #[test]
    fn a_seccomp_profile_is_left_out_alone() {
        let options = ["no-new-privileges", "seccomp=sha256:0"].map(str::to_owned);
        let mut container = Container {
            service: Some("web".into()),
            image: "nginx".into(),
            ..Container::default()
        };
        let fields = &mut container.config.fields;
        fields.insert("security_opt", Value::List(options.into()));
        let state = State {
            live: Some(Live {
                containers: vec![container],
                ..Live::default()
            }),
            ..State::empty("shop")
        };
        let text = beginning(&state);
        assert!(text.contains("- no-new-privileges\n"), "{text}");
        assert!(!text.contains("seccomp"), "{text}");
    }
}
