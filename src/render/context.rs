//! What a host's template is given: the catalogue as this host sees it.
//!
//! docs/templates.md lists these names for those who write templates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::usage::Node;
use crate::spec::{
    Catalog, Environment, Ephemeral, Host, ImageSource, Key, Located, Network, Route, Service,
    Volume, VolumeKind,
};

/// The names that the template of `host` can use, and their values.
pub(super) fn of(catalog: &Catalog, environment: &Environment, host: &Host) -> Arc<Node> {
    Node::map([
        ("product", Node::own(catalog.product.as_str())),
        ("environment", Node::own(environment.name.as_str())),
        ("host", Node::own(host.name.as_str())),
        ("machine", Node::own(host.machine.as_str())),
        ("project", Node::own(host.project.as_str())),
        ("domains", texts(&environment.domains)),
        (
            "data",
            Node::from_spec(environment.data.as_str(), &environment.data.place),
        ),
        ("namespaces", namespaces(environment)),
        ("secrets", secrets(environment, host)),
        (
            "channels",
            Node::from_spec(environment.channels.as_str(), &environment.channels.place),
        ),
        ("compute", compute(environment)),
        (
            "health",
            Node::from_spec(environment.health.as_str(), &environment.health.place),
        ),
        ("access", access(environment)),
        ("retention", texts(&environment.retention)),
        ("routes", routes(host)),
        ("services", services(catalog, host)),
        ("networks", keyed(&host.networks, network)),
        ("volumes", keyed_named(host)),
    ])
}

/// The image of a service as the Compose file has it.
pub(super) fn image_as_written(catalog: &Catalog, service: &Service) -> String {
    match image(catalog, service) {
        (image, Some(variable)) => format!("{image}${variable}"),
        (image, None) => image,
    }
}

/// The image of a service, and the expression of the variable that its name ends in.
fn image(catalog: &Catalog, service: &Service) -> (String, Option<String>) {
    match (&service.image.value, &catalog.registry) {
        (ImageSource::Pinned(image), _) => (image.to_string(), None),
        (ImageSource::Released(name), Some(registry)) => {
            let tag = &registry.tag.value;
            let variable = format!("{{{tag}:?set it to the release that is to run}}");
            (format!("{}/{name}:", registry.prefix.value), Some(variable))
        }
        // Refused by the catalogue's own check.
        (ImageSource::Released(name), None) => (name.to_string(), None),
    }
}

fn text<T: Display>(value: &Located<T>) -> Arc<Node> {
    Node::from_spec(value.value.to_string(), &value.place)
}

fn number<T: Copy + Into<u64>>(value: &Located<T>) -> Arc<Node> {
    Node::from_spec(value.value.into(), &value.place)
}

fn texts<K: Display + Ord, T: Display>(map: &BTreeMap<K, Located<T>>) -> Arc<Node> {
    Node::map(
        map.iter()
            .map(|(key, value)| (key.to_string(), text(value))),
    )
}

fn keyed<T>(map: &BTreeMap<Key, T>, node: impl Fn(&T) -> Arc<Node>) -> Arc<Node> {
    Node::map(map.iter().map(|(key, value)| (key.as_str(), node(value))))
}

fn list<T: Display>(items: &[Located<T>]) -> Arc<Node> {
    Node::list(items.iter().map(text))
}

/// A list in alphabetical order, as linters of Compose files ask for.
fn sorted<T: Display + Ord>(items: &[Located<T>]) -> Arc<Node> {
    let mut items: Vec<_> = items.iter().collect();
    items.sort_by(|a, b| a.value.cmp(&b.value));
    Node::list(items.into_iter().map(text))
}

fn namespaces(environment: &Environment) -> Arc<Node> {
    Node::map(
        environment
            .namespaces
            .all()
            .into_iter()
            .map(|(key, name)| (key, text(name))),
    )
}

fn secrets(environment: &Environment, host: &Host) -> Arc<Node> {
    let used = host.services.values().flat_map(|service| &service.secrets);
    let names: BTreeSet<&str> = used.map(|secret| secret.as_str()).collect();
    let mut entries = vec![
        ("class", Node::own(environment.secrets.class.as_str())),
        ("names", Node::list(names.into_iter().map(Node::own))),
    ];
    if let Some(directory) = &environment.secrets.directory {
        entries.push(("directory", text(directory)));
    }
    Node::map(entries)
}

fn compute(environment: &Environment) -> Arc<Node> {
    let compute = &environment.compute;
    let mut entries = vec![("route", text(&compute.route))];
    if let Route::Address { host, port } = &compute.route.value {
        entries.push(("host", Node::own(host.as_str())));
        entries.push(("port", Node::own(*port)));
    }
    if let Some(published) = environment.compute_address() {
        entries.push(("address", Node::own(published.address.to_string())));
    }
    if let Some(fallback) = &compute.fallback {
        entries.push(("fallback", text(fallback)));
    }
    Node::map(entries)
}

/// Who may see each domain; a domain that is not here is open.
fn access(environment: &Environment) -> Arc<Node> {
    keyed(&environment.access, |access| {
        let mfa = match &access.mfa {
            Some(mfa) => Node::from_spec(mfa.value, &mfa.place),
            None => Node::own(false),
        };
        Node::map([("private", list(&access.private)), ("mfa", mfa)])
    })
}

/// The routes of each domain, the longest path first.
fn routes(host: &Host) -> Arc<Node> {
    keyed(&host.routes, |routes| {
        let mut routes: Vec<_> = routes.iter().collect();
        routes.sort_by_key(|(path, _)| (std::cmp::Reverse(path.as_str().len()), *path));
        Node::list(routes.into_iter().map(|(path, service)| {
            let mut entries = vec![
                ("path", Node::own(path.as_str())),
                ("service", text(service)),
            ];
            let serves = host.services.get(&service.value);
            if let Some(port) = serves.and_then(|service| service.serves.as_ref()) {
                entries.push(("port", number(port)));
            }
            Node::map(entries)
        }))
    })
}

fn services(catalog: &Catalog, host: &Host) -> Arc<Node> {
    Node::map(
        host.services
            .iter()
            .map(|(name, service)| (name.as_str(), self::service(catalog, host, service))),
    )
}

fn service(catalog: &Catalog, host: &Host, service: &Service) -> Arc<Node> {
    let limits = &service.limits;
    let (name, variable) = image(catalog, service);
    let mut entries = vec![
        ("name", Node::own(service.name.as_str())),
        (
            "image",
            Node::with_variable(name, variable, &service.image.place),
        ),
        ("role", Node::own(service.role.as_str())),
        ("networks", sorted(&service.networks)),
        ("volumes", mounts(host, service)),
        ("secrets", sorted(&service.secrets)),
        ("needs", sorted(&service.needs)),
        (
            "calls",
            Node::list(
                service
                    .calls
                    .iter()
                    .map(|call| Node::from_spec(call.as_str(), &call.place)),
            ),
        ),
        (
            "allow",
            // Read by the rules, whether or not a template asks.
            Node::map(
                service
                    .allow
                    .iter()
                    .map(|(rule, reason)| (rule.as_str(), Node::own(reason.value.as_str()))),
            ),
        ),
        ("ports", sorted(&service.ports)),
        (
            "limits",
            Node::map([
                (
                    "cpus",
                    Node::from_spec(limits.cpus.value, &limits.cpus.place),
                ),
                ("memory", text(&limits.memory)),
                ("pids", number(&limits.pids)),
            ]),
        ),
    ];
    if let Some(port) = &service.serves {
        entries.push(("serves", number(port)));
    }
    if let Some(metrics) = &service.metrics {
        let path = match &metrics.path {
            Some(path) => text(path),
            None => Node::own("/metrics"),
        };
        let metrics = Node::map([("port", number(&metrics.port)), ("path", path)]);
        entries.push(("metrics", metrics));
    }
    Node::map(entries)
}

fn mounts(host: &Host, service: &Service) -> Arc<Node> {
    Node::list(service.volumes.iter().map(|(name, target)| {
        let bind = host
            .volumes
            .get(name)
            .and_then(|volume| match &volume.kind {
                VolumeKind::Bind(path) => Some(path),
                _ => None,
            });
        let (kind, source) = match bind {
            Some(path) => ("bind", text(path)),
            None => ("volume", Node::own(name.as_str())),
        };
        Node::map([
            ("type", Node::own(kind)),
            ("source", source),
            ("target", text(target)),
        ])
    }))
}

fn network(network: &Network) -> Arc<Node> {
    let internal = match &network.internal {
        Some(internal) => Node::from_spec(internal.value, &internal.place),
        None => Node::own(false),
    };
    let mut entries = vec![("internal", internal)];
    if let Some(subnet) = &network.subnet {
        entries.push(("subnet", text(subnet)));
    }
    Node::map(entries)
}

fn keyed_named(host: &Host) -> Arc<Node> {
    Node::map(
        host.named_volumes()
            .map(|(name, volume)| (name.as_str(), self::volume(volume))),
    )
}

fn volume(volume: &Volume) -> Arc<Node> {
    match &volume.kind {
        VolumeKind::Ephemeral(Ephemeral { size, user, mode }) => {
            let ephemeral = [
                ("size", text(size)),
                ("user", number(user)),
                ("mode", text(mode)),
            ];
            Node::map([("ephemeral", Node::map(ephemeral))])
        }
        VolumeKind::Named | VolumeKind::Bind(_) => Node::map::<String>([]),
    }
}
