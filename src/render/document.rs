//! The Compose file that the specs ask for by themselves: what a host without a template gets, and what a rendered file
//! is compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::usage::{Node, Order};
use super::{Planned, stack};
use crate::files::Root;
use crate::source::Place;
use crate::spec::{
    Catalog, Environment, Host, ImageSource, Key, Network, Service, StartCondition, Trait, Volume,
    VolumeKind,
};
use crate::state::DEFINITION;
use crate::yaml::{Tree, TreeContent};

/// The order of a file that people and linters expect.
const FILE: Order = &[
    "name", "include", "services", "networks", "volumes", "secrets", "configs", "models",
];

/// The order of the keys of a service (dclint, `service-keys-order`).
const SERVICE: Order = &[
    "image", "build", "container_name", "depends_on", "volumes", "volumes_from", "configs",
    "secrets", "environment", "env_file", "ports", "networks", "network_mode", "extra_hosts",
    "command", "entrypoint", "working_dir", "restart", "healthcheck", "logging", "labels", "user",
];

/// The keys of a mapping.
type Entries = BTreeMap<String, Arc<Node>>;

/// The whole file.
pub(super) fn of(catalog: &Catalog, planned: &Planned<'_>, root: Option<&Root>) -> Arc<Node> {
    let (environment, host) = (planned.environment, planned.host);
    let services = host
        .services
        .iter()
        .map(|(name, service)| (name.as_str(), self::service(catalog, host, service)));
    let mut file = vec![("services", Node::map(services))];
    // A stack is named where it is deployed.
    if !host.is_stack() {
        file.push(("name", Node::own(host.project.as_str())));
    }
    if !host.networks.is_empty() {
        let networks = host
            .networks
            .iter()
            .map(|(name, network)| (name.as_str(), self::network(network)));
        file.push(("networks", Node::map(networks)));
    }
    let volumes: Vec<_> = host
        .named_volumes()
        .map(|(name, volume)| (name.as_str(), self::volume(volume)))
        .collect();
    if !volumes.is_empty() {
        file.push(("volumes", Node::map(volumes)));
    }
    let mut sections: BTreeMap<&str, Arc<Node>> = host
        .sections
        .iter()
        .map(|(name, tree)| (*name, Node::compose(tree)))
        .collect();
    if let Some(secrets) = secrets(environment, host) {
        sections.insert("secrets", secrets);
    }
    if let Some(configs) = sections.get_mut("configs").filter(|_| host.is_stack()) {
        *configs = stack::named(configs, planned, root);
    }
    file.extend(sections);
    Node::in_order(FILE, file)
}

/// The secrets that services use: those that the host declares, and for the others files of the environment's directory.
fn secrets(environment: &Environment, host: &Host) -> Option<Arc<Node>> {
    let used: BTreeSet<&Key> = host
        .services
        .values()
        .flat_map(|service| &service.secrets)
        .map(|secret| &secret.value)
        .collect();
    let declared = host.sections.get("secrets");
    let mut entries: Entries = entries(declared);
    if let Some(directory) = environment.secret_directory() {
        for name in used {
            entries.entry(name.to_string()).or_insert_with(|| {
                let file = format!("{}/{name}", directory.value);
                Node::map([("file", Node::from_spec(file, &directory.place))])
            });
        }
    }
    (!entries.is_empty()).then(|| Node::map(entries))
}

/// What is written of a mapping; nothing where there is none.
fn entries(tree: Option<&Tree>) -> Entries {
    tree.map(Tree::entries)
        .unwrap_or_default()
        .iter()
        .map(|(key, value)| (key.clone(), Node::compose(value)))
        .collect()
}

/// A service of the file.
pub(super) fn service(catalog: &Catalog, host: &Host, service: &Service) -> Arc<Node> {
    let tree = &service.compose;
    let mut fields = entries(Some(tree));
    let mut set = |key: &str, node: Option<Arc<Node>>| {
        if let Some(node) = node {
            fields.insert(key.to_owned(), node);
        }
    };
    set("image", image(catalog, service));
    set("depends_on", depends_on(host, service));
    set("volumes", mounts(host, service));
    set("networks", sorted(tree.get("networks")));
    set("secrets", sorted(tree.get("secrets")));
    set("ports", ports(host, service));
    set("deploy", deploy(host, service));
    if host.is_stack() {
        stack::fit(&mut fields, service);
        // A label of its containers would replace them whenever the definition changes.
        let deploy = fields
            .get("deploy")
            .map_or_else(|| Node::map::<&str>([]), Arc::clone);
        let labels = labels(tree.get("deploy"));
        fields.insert("deploy".to_owned(), deploy.with([("labels", labels)]));
    } else {
        fields.insert("labels".to_owned(), labels(Some(tree)));
    }
    Node::in_order(SERVICE, fields)
}

/// The fields that a service has in Compose's own syntax, besides those that templates are given by name.
pub(super) fn options(catalog: &Catalog, host: &Host, service: &Service) -> Arc<Node> {
    const NAMED: [&str; 7] = [
        "image", "depends_on", "volumes", "networks", "secrets", "ports", "labels",
    ];
    if host.is_stack() {
        return self::service(catalog, host, service).without(&NAMED);
    }
    let mut tree = service.compose.clone();
    tree.retain(|key| !NAMED.contains(&key));
    Node::in_order(SERVICE, entries(Some(&tree)))
}

/// The image of a service as the Compose file has it; a release ends in a variable.
pub(super) fn image(catalog: &Catalog, service: &Service) -> Option<Arc<Node>> {
    let image = service.image.as_ref()?;
    Some(match (&image.value, &catalog.registry) {
        (ImageSource::Named(_), _) => Node::compose(service.compose.get("image")?),
        (ImageSource::Released(released), Some(registry)) => {
            let name = format!("{}/{}:", registry.prefix.value, released.image);
            let shared = registry.tag.as_ref().map(|tag| &tag.value);
            let variable = released.tag.as_ref().or(shared);
            let variable =
                variable.map(|tag| format!("{{{tag}:?set it to the release that is to run}}"));
            Node::with_variable(name, variable, &image.place)
        }
        // Refused by the catalogue's own check.
        (ImageSource::Released(_), None) => return None,
    })
}

fn depends_on(host: &Host, service: &Service) -> Option<Arc<Node>> {
    let written = service.compose.get("depends_on");
    let needs: Vec<_> = host.needs(service).collect();
    if needs.is_empty() {
        return written.map(Node::compose);
    }
    let started = || Node::map([("condition", Node::own(StartCondition::Started.in_compose()))]);
    let mut all = match written.map(Tree::content) {
        Some(TreeContent::List(items)) => items
            .iter()
            .filter_map(|item| Some((item.as_str()?.to_owned(), started())))
            .collect(),
        _ => entries(written),
    };
    for need in needs {
        let name = &need.service;
        let condition = need.until.unwrap_or_else(|| {
            let is_job = host
                .services
                .get(&name.value)
                .is_some_and(|service| service.has(Trait::Job));
            if is_job {
                StartCondition::Completed
            } else {
                StartCondition::Healthy
            }
        });
        let condition = Node::from_spec(condition.in_compose(), &name.place);
        all.insert(name.to_string(), Node::map([("condition", condition)]));
    }
    Some(Node::map(all))
}

/// What a service mounts, in Compose's long syntax where the spec has the short one of its own.
pub(super) fn mounts(host: &Host, service: &Service) -> Option<Arc<Node>> {
    let mounts = service.mounts.iter().map(|mount| {
        let name = mount.volume.as_ref();
        let bind = name.and_then(|name| match &host.volumes.get(&name.value)?.kind {
            VolumeKind::Bind(path) => Some(path),
            _ => None,
        });
        let target = Node::from_spec(mount.target.as_str(), &mount.target.place);
        let (kind, source) = match (bind, &mount.written, name) {
            (Some(path), ..) => ("bind", Node::from_spec(path.as_str(), &path.place)),
            (None, Some(written), _) => return Node::compose(written),
            (None, None, Some(name)) => ("volume", Node::own(name.as_str())),
            (None, None, None) => {
                return Node::map([("type", Node::own("volume")), ("target", target)]);
            }
        };
        let mut fields = vec![
            ("type", Node::own(kind)),
            ("source", source),
            ("target", target),
        ];
        if mount.is_read_only {
            fields.push(("read_only", Node::own(true)));
        }
        Node::map(fields)
    });
    let mounts: Vec<_> = mounts.collect();
    (!mounts.is_empty()).then(|| Node::list(mounts))
}

/// A list of names in alphabetical order, as linters of Compose files ask for; anything else as it is written.
fn sorted(tree: Option<&Tree>) -> Option<Arc<Node>> {
    let tree = tree?;
    let mut items: Vec<&Tree> = tree.items().iter().collect();
    if items.is_empty() || items.iter().any(|item| item.as_str().is_none()) {
        return Some(Node::compose(tree));
    }
    items.sort_by_key(|item| item.as_str());
    Some(Node::list(items.into_iter().map(Node::compose)))
}

/// The ports of a service: those that it has in Compose's own syntax, and those that its host lists.
pub(super) fn ports(host: &Host, service: &Service) -> Option<Arc<Node>> {
    let written = service
        .compose
        .get("ports")
        .map(Tree::items)
        .unwrap_or_default();
    let mut listed: Vec<_> = service.listed.iter().collect();
    listed.sort_by(|a, b| a.value.cmp(&b.value));
    let listed = listed.into_iter().map(|port| {
        let text = port.value.to_string();
        // A swarm has no other address.
        let text = match text.strip_prefix("0.0.0.0:") {
            Some(text) if host.is_stack() => text.to_owned(),
            _ => text,
        };
        Node::from_spec(text, &port.place)
    });
    let all: Vec<_> = written.iter().map(Node::compose).chain(listed).collect();
    (!all.is_empty()).then(|| Node::list(all))
}

/// The limits of a service, numbers where no variable gives them.
pub(super) fn limits(service: &Service) -> impl Iterator<Item = (&'static str, Arc<Node>)> {
    let limits = &service.limits;
    let number = |text: &str, place: &Place| match (text.parse::<u64>(), text.parse::<f64>()) {
        (Ok(number), _) => Node::from_spec(number, place),
        (_, Ok(number)) => Node::from_spec(number, place),
        _ => Node::compose_text(text, place),
    };
    let (cpus, memory) = (limits.cpus.as_ref(), limits.memory.as_ref());
    let pids = limits.pids.as_ref();
    let all = [
        cpus.map(|cpus| ("cpus", number(cpus.as_str(), &cpus.place))),
        memory.map(|memory| ("memory", Node::compose_text(memory.as_str(), &memory.place))),
        pids.map(|pids| ("pids", number(pids.as_str(), &pids.place))),
    ];
    all.into_iter().flatten()
}

/// The limits of a service, merged with what else it says under `deploy`.
fn deploy(host: &Host, service: &Service) -> Option<Arc<Node>> {
    let mut set: Entries = limits(service)
        .map(|(key, node)| (key.to_owned(), node))
        .collect();
    if let Some(cpus) = service.limits.cpus.as_ref().filter(|_| host.is_stack()) {
        // A stack takes processors as text only.
        let text = match cpus.as_str().parse::<f64>() {
            Ok(number) => number.to_string(),
            Err(_) => cpus.to_string(),
        };
        set.insert("cpus".to_owned(), Node::compose_text(&text, &cpus.place));
    }
    let written = service.compose.get("deploy");
    if set.is_empty() {
        return written.map(Node::compose);
    }
    let under = |tree: Option<&Tree>, key: &str, node: Arc<Node>| {
        let mut all = entries(tree);
        all.insert(key.to_owned(), node);
        Node::map(all)
    };
    let resources = written.and_then(|deploy| deploy.get("resources"));
    let written_limits = resources.and_then(|resources| resources.get("limits"));
    let mut limits = entries(written_limits);
    limits.extend(set);
    let resources = under(resources, "limits", Node::map(limits));
    Some(under(written, "resources", resources))
}

/// The labels of a service, a network or a volume, with the digest of its definition.
fn labels(tree: Option<&Tree>) -> Arc<Node> {
    let written = tree.and_then(|tree| tree.get("labels"));
    let mut all = match written.map(Tree::content) {
        Some(TreeContent::List(items)) => items
            .iter()
            .filter_map(|item| {
                let (name, value) = item
                    .as_str()?
                    .split_once('=')
                    .unwrap_or((item.as_str()?, ""));
                Some((name.to_owned(), Node::compose_text(value, &item.place())))
            })
            .collect(),
        _ => entries(written),
    };
    all.insert(DEFINITION.to_owned(), Node::digest());
    Node::map(all)
}

pub(super) fn network(network: &Network) -> Arc<Node> {
    let tree = &network.compose;
    let mut fields = entries(Some(tree));
    if let Some(subnet) = &network.subnet {
        let subnet = Node::from_spec(subnet.to_string(), &subnet.place);
        let config = Node::list([Node::map([("subnet", subnet)])]);
        let mut ipam = entries(tree.get("ipam"));
        ipam.insert("config".to_owned(), config);
        fields.insert("ipam".to_owned(), Node::map(ipam));
    }
    if !network.is_external {
        fields.insert("labels".to_owned(), labels(Some(tree)));
    }
    Node::map(fields)
}

pub(super) fn volume(volume: &Volume) -> Arc<Node> {
    let tree = &volume.compose;
    let mut fields = entries(Some(tree));
    if let VolumeKind::Ephemeral(ephemeral) = &volume.kind {
        let mut options = format!("size={}", ephemeral.size.as_option());
        let mut others = Vec::new();
        if let Some(user) = &ephemeral.user {
            options = format!("{options},uid={0},gid={0}", user.value);
            others.push(&user.place);
        }
        if let Some(mode) = &ephemeral.mode {
            options = format!("{options},mode={}", mode.value);
            others.push(&mode.place);
        }
        let options = Node::from_specs(options, &ephemeral.size.place, &others);
        let tmpfs = || Node::own("tmpfs");
        let options = Node::map([("type", tmpfs()), ("device", tmpfs()), ("o", options)]);
        fields.insert("driver_opts".to_owned(), options);
    }
    if !volume.is_external {
        fields.insert("labels".to_owned(), labels(Some(tree)));
    }
    Node::map(fields)
}
