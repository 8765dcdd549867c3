//! What a host's template is given: the catalogue as this host sees it.
//!
//! docs/templates.md lists these names for those who write templates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::usage::Node;
use super::{Planned, document};
use crate::files::Root;
use crate::source::Place;
use crate::spec::{
    Catalog, Environment, Ephemeral, Host, Key, Located, Network, Service, Upstream, Volume,
    VolumeKind,
};
use crate::yaml::Tree;

/// The names that templates have; `service` in those of services.
pub(crate) const NAMES: [&str; 22] = [
    "access", "compose", "data", "domains", "engine", "environment", "health", "host", "machine",
    "namespaces", "networks", "product", "project", "retention", "routes", "secrets", "sections",
    "service", "services", "upstreams", "values", "volumes",
];

/// The names that only have a value where the specs give them one, by what holds them: the names on the way there, with
/// `*` for any.
const OPTIONAL: [(&[&str], &[&str]); 9] = [
    (&[], &["data", "health"]),
    (&["services", "*"], &["image", "role", "serves", "metrics"]),
    (&["services", "*", "limits"], &["cpus", "memory", "pids"]),
    (&["secrets"], &["class", "directory"]),
    (
        &["upstreams", "*"],
        &["route", "host", "port", "address", "fallback"],
    ),
    (&["routes", "*", "*"], &["port"]),
    (&["networks", "*"], &["subnet"]),
    (&["volumes", "*"], &["ephemeral"]),
    (&["volumes", "*", "ephemeral"], &["user", "mode"]),
];

/// The names below a route that only have a value where the specs give them one.
pub(super) fn optional(route: &[&str]) -> &'static [&'static str] {
    let is_there = |at: &[&str]| {
        let mut steps = at.iter().zip(route);
        at.len() == route.len() && steps.all(|(own, step)| *own == "*" || own == step)
    };
    let found = OPTIONAL.iter().find(|(at, _)| is_there(at));
    found.map_or(&[], |(_, names)| names)
}

/// The names that the template of a host can use, and their values.
pub(super) fn of(catalog: &Catalog, planned: &Planned<'_>, root: Option<&Root>) -> Arc<Node> {
    let (environment, host) = (planned.environment, planned.host);
    let compose = document::of(catalog, planned, root);
    let mut names = vec![
        ("product", Node::own(catalog.product.as_str())),
        ("environment", Node::own(environment.name.as_str())),
        ("host", Node::own(host.name.as_str())),
        ("machine", Node::own(host.machine.as_str())),
        ("engine", Node::own(<&str>::from(host.orchestrator.value))),
        ("project", Node::own(host.project.as_str())),
        ("domains", texts(&environment.domains)),
        ("namespaces", texts(&environment.namespaces)),
        ("secrets", secrets(environment, host)),
        ("upstreams", upstreams(environment)),
        ("access", access(environment)),
        ("retention", texts(&environment.retention)),
        ("routes", routes(host)),
        ("services", services(catalog, host)),
        ("networks", keyed(&host.networks, network)),
        ("volumes", keyed_named(host)),
        ("compose", Arc::clone(&compose)),
        ("sections", sections(&compose)),
        ("values", values(host.values.as_ref())),
    ];
    if let Some(data) = &environment.data {
        names.push(("data", Node::from_spec(data.as_str(), &data.place)));
    }
    if let Some(health) = &environment.health {
        names.push(("health", Node::from_spec(health.as_str(), &health.place)));
    }
    debug_assert!(names.iter().all(|(name, _)| NAMES.contains(name)));
    Node::map(names)
}

/// What an environment says that templates read: the section, and the name in it.
pub(super) fn read(names: &Node) -> impl Iterator<Item = (&'static str, String)> {
    let entries = ["domains", "namespaces", "secrets", "upstreams"]
        .into_iter()
        .filter_map(|section| match &**names.entry(section)? {
            Node::Map(entries, _) => Some((section, entries)),
            _ => None,
        });
    let entries = entries
        .flat_map(|(section, all)| all.iter().map(move |(name, node)| (section, name, node)));
    entries
        .filter(|(_, _, node)| node.is_read())
        .map(|(section, name, _)| (section, name.clone()))
}

/// Takes what rules judge for read: it has an effect whether or not a template uses it. Where everything that is
/// promised must be kept, it must also be in a file.
pub(super) fn judged(names: &Node) {
    let judged = [
        "access", "data", "domains", "health", "namespaces", "retention", "routes", "upstreams",
    ];
    let own = judged.iter().filter_map(|name| names.entry(name));
    own.for_each(|node| node.mark_read());
    if let Some(Node::Map(services, _)) = names.entry("services").map(|node| &**node) {
        for service in services.values() {
            let judged = ["calls", "serves"].into_iter();
            let judged = judged.filter_map(|name| service.entry(name));
            judged.for_each(|node| node.mark_read());
        }
    }
}

/// Free values; an empty mapping where there are none.
fn values(tree: Option<&Tree>) -> Arc<Node> {
    tree.map_or_else(|| Node::map::<String>([]), Node::value_of)
}

/// All of the file that stands beside its name and its services.
fn sections(compose: &Node) -> Arc<Node> {
    match compose {
        Node::Map(entries, order) => {
            let others = entries
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "name" | "services"));
            Node::in_order(
                order,
                others.map(|(name, node)| (name.as_str(), Arc::clone(node))),
            )
        }
        _ => Node::map::<String>([]),
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
fn sorted<'a, T: Display + 'a>(items: impl IntoIterator<Item = &'a Located<T>>) -> Arc<Node> {
    let mut items: Vec<(String, &Place)> = items
        .into_iter()
        .map(|item| (item.value.to_string(), &item.place))
        .collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    Node::list(
        items
            .into_iter()
            .map(|(text, place)| Node::from_spec(text, place)),
    )
}

fn secrets(environment: &Environment, host: &Host) -> Arc<Node> {
    let used = host.services.values().flat_map(|service| &service.secrets);
    let names: BTreeSet<&str> = used.map(|secret| secret.as_str()).collect();
    let mut entries = vec![("names", Node::list(names.into_iter().map(Node::own)))];
    let class = environment
        .secrets
        .as_ref()
        .and_then(|secrets| secrets.class.as_ref());
    if let Some(class) = class {
        entries.push(("class", Node::own(class.as_str())));
    }
    if let Some(directory) = environment.secret_directory() {
        entries.push(("directory", text(directory)));
    }
    Node::map(entries)
}

fn upstreams(environment: &Environment) -> Arc<Node> {
    let upstreams = environment.upstreams.iter();
    Node::map(upstreams.map(|(name, one)| (name.as_str(), upstream(environment, one))))
}

fn upstream(environment: &Environment, upstream: &Upstream) -> Arc<Node> {
    // The rules read it, whether or not a template does.
    let mut entries = vec![("level", Node::own(upstream.level.as_str()))];
    if let Some(route) = &upstream.route {
        entries.push(("route", text(route)));
        entries.push(("host", Node::own(route.host.as_str())));
        entries.push(("port", Node::own(route.port)));
    }
    if let Some(published) = environment.address(upstream) {
        entries.push(("address", Node::own(published.address.to_string())));
    }
    if let Some(fallback) = &upstream.fallback {
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
    let none = || Node::list([]);
    let mut entries = vec![
        ("name", Node::own(service.name.as_str())),
        ("networks", sorted(&service.networks)),
        (
            "volumes",
            document::mounts(host, service).unwrap_or_else(none),
        ),
        ("secrets", sorted(&service.secrets)),
        (
            "needs",
            sorted(host.needs(service).map(|need| &need.service)),
        ),
        ("calls", list(&service.calls)),
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
        ("ports", document::ports(host, service).unwrap_or_else(none)),
        ("limits", Node::map(document::limits(service))),
        ("compose", document::service(catalog, host, service)),
        ("options", document::options(catalog, host, service)),
        ("values", values(service.values.as_ref())),
    ];
    entries.extend(document::image(catalog, service).map(|image| ("image", image)));
    if let Some(role) = &service.role {
        entries.push(("role", Node::own(role.name.as_str())));
    }
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

fn network(network: &Network) -> Arc<Node> {
    let internal = match &network.internal {
        Some(internal) => Node::from_spec(internal.value, &internal.place),
        None => Node::own(false),
    };
    let mut entries = vec![
        ("internal", internal),
        ("compose", document::network(network)),
    ];
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
    let mut entries = vec![("compose", document::volume(volume))];
    if let VolumeKind::Ephemeral(Ephemeral { size, user, mode }) = &volume.kind {
        let mut ephemeral = vec![("size", Node::from_spec(size.as_option(), &size.place))];
        ephemeral.extend(user.as_ref().map(|user| ("user", number(user))));
        ephemeral.extend(mode.as_ref().map(|mode| ("mode", text(mode))));
        entries.push(("ephemeral", Node::map(ephemeral)));
    }
    Node::map(entries)
}
