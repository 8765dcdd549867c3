//! What runs together on a host: services, networks, volumes, secrets, configs and routes. A stack of the catalogue
//! and a host say it in the same fields.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Subnet;
use super::in_compose::labels_once;
use super::located::Located;
use super::names::{FilePath, HostPath, Key, Mode, Name, RoutePath, Size};
use super::pull_request;
use super::read::{Readable, at_key, demand_one, located, optional, read_map, readable, record};
use super::service::Service;
use crate::compose::field_names;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::text::expected;
use crate::yaml::{Cursor, Fields, Tree, TreeContent};

/// A network that a host declares.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// Where it is declared.
    pub(crate) place: Place,
    /// Whether it is internal (`internal: true` in Compose).
    pub(crate) internal: Option<Located<bool>>,
    /// Its subnet, where the spec pins one.
    pub(crate) subnet: Option<Located<Subnet>>,
    /// Whether something else creates and removes it.
    pub(crate) is_external: bool,
    /// Its fields that Compose has, as they are written.
    pub(crate) compose: Tree,
}

readable!(Network, Volume, Ephemeral);

impl Network {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = resource(cursor, problems)?;
        let internal = optional(&mut fields, "internal", problems);
        let subnet = optional(&mut fields, "subnet", problems);
        fields.finish_beside(&field_names("networks"), |_| None, problems);
        external_alone(cursor, problems);
        Some(Self {
            place: cursor.key_place(),
            internal,
            subnet,
            is_external: is_external(cursor.tree()),
            compose: without(cursor.tree(), &["subnet"]),
        })
    }

    /// Whether it is internal: containers attached only to it reach nothing outside.
    pub(crate) fn is_internal(&self) -> bool {
        self.internal
            .as_ref()
            .is_some_and(|internal| internal.value)
    }
}

/// A volume that a host declares.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    /// Where it is declared.
    pub(crate) place: Place,
    /// What it is made of.
    pub(crate) kind: VolumeKind,
    /// Whether something else creates and removes it.
    pub(crate) is_external: bool,
    /// Its fields that Compose has, as they are written.
    pub(crate) compose: Tree,
}

impl Volume {
    /// Whether it is in memory.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.kind, VolumeKind::Ephemeral(_))
    }
}

/// What a volume is made of.
#[derive(Debug, Clone)]
pub(crate) enum VolumeKind {
    /// A named volume.
    Named,
    /// A named volume in memory, gone when nothing uses it.
    Ephemeral(Ephemeral),
    /// A directory of the host.
    Bind(Located<HostPath>),
}

record! {
    /// A named volume in memory.
    pub(crate) Ephemeral, read(cursor, fields, problems):
    /// The most that it holds.
    required pub(crate) size: Located<Size>,
    /// The user and group that own it, by number; what the image has at its place where none is set.
    computed pub(crate) user: Option<Located<u64>> = Some(fields
        .optional("user")
        .and_then(|c| located(&c, c.whole(0, u64::from(u32::MAX), problems)))),
    /// The mode of its root directory; that of the image's where none is set.
    optional pub(crate) mode: Option<Located<Mode>>,
}

impl Volume {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = resource(cursor, problems)?;
        let bind: Option<Located<HostPath>> = optional(&mut fields, "bind", problems);
        let ephemeral: Option<Ephemeral> = optional(&mut fields, "ephemeral", problems);
        fields.finish_beside(&field_names("volumes"), |_| None, problems);
        external_alone(cursor, problems);
        let is_bind = bind.is_some();
        if is_bind || ephemeral.is_some() {
            let key = if is_bind { "bind" } else { "ephemeral" };
            let why = if is_bind {
                "a bind mount is not a volume of Compose"
            } else {
                "its driver and its options are those of a tmpfs"
            };
            let goes_with = |other: &str| match key {
                "ephemeral" => !matches!(other, "driver" | "driver_opts" | "external"),
                // That it is both is said below.
                _ => other == "ephemeral",
            };
            apart(cursor, key, goes_with, why, problems);
        }
        let kind = match (bind, ephemeral) {
            (None, None) => VolumeKind::Named,
            (Some(bind), None) => VolumeKind::Bind(bind),
            (None, Some(ephemeral)) => VolumeKind::Ephemeral(ephemeral),
            (Some(bind), Some(_)) => {
                problems.push(
                    Diagnostic::new(
                        format!("`{}` is a `bind` and `ephemeral`", cursor.path()),
                        bind.place.to_key(),
                    )
                    .label(expected::ONE_OF_TWO),
                );
                return None;
            }
        };
        Some(Self {
            place: cursor.key_place(),
            kind,
            is_external: is_external(cursor.tree()),
            compose: without(cursor.tree(), &["bind", "ephemeral"]),
        })
    }
}

/// What something else creates has no fields here but its name.
fn external_alone(cursor: &Cursor<'_>, problems: &mut Diagnostics) {
    if is_external(cursor.tree()) {
        let goes_with = |other: &str| other == "name" || other.starts_with("x-");
        let why = "whoever creates it decides this";
        apart(cursor, "external", goes_with, why, problems);
    }
}

/// Notes the fields that have no effect beside another one.
fn apart(
    cursor: &Cursor<'_>,
    key: &'static str,
    goes_with: impl Fn(&str) -> bool,
    why: &'static str,
    problems: &mut Diagnostics,
) {
    let others: Vec<_> = cursor
        .tree()
        .entries()
        .iter()
        .filter(|(other, _)| other != key && !goes_with(other))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let (Some((_, first)), Some(field)) = (others.first(), cursor.get(key)) else {
        return;
    };
    let names: Vec<String> = others
        .iter()
        .map(|(other, _)| format!("`{other}`"))
        .collect();
    let message = format!("{} cannot be used beside `{key}`", names.join(", "));
    problems.push(
        Diagnostic::new(message, first.key_place())
            .label(why)
            .related(field.key_place(), "beside this"),
    );
}

/// The fields of a network or volume; as in Compose it may have none.
fn resource<'a>(cursor: &Cursor<'a>, problems: &mut Diagnostics) -> Option<Fields<'a>> {
    if cursor.tree().is_null() {
        return Some(Fields::none(cursor.clone()));
    }
    labels_once(cursor, problems);
    cursor.fields(problems)
}

fn is_external(tree: &Tree) -> bool {
    match tree.get("external").map(Tree::content) {
        Some(TreeContent::Scalar(value)) => value.as_bool() != Some(false),
        Some(_) => true,
        None => false,
    }
}

fn without(tree: &Tree, fields: &[&str]) -> Tree {
    let mut tree = tree.clone();
    tree.retain(|key| !fields.contains(&key));
    tree
}

/// The paths of one domain, and who answers on each.
pub(crate) type Routes = BTreeMap<RoutePath, Located<Name>>;

/// The routes of a domain.
fn routes(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<Routes>> {
    if let TreeContent::Map(_) = cursor.tree().content() {
        return at_key(cursor, problems);
    }
    cursor.mismatch("a service for each path, such as `{ /: web }`", problems);
    None
}

/// The keys that describe what runs together; a stack and a host both have them.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) template: Option<Located<FilePath>>,
    pub(super) services: Option<Vec<Located<Name>>>,
    pub(super) networks: BTreeMap<Key, Network>,
    pub(super) volumes: BTreeMap<Key, Volume>,
    /// The sections of the Compose file that are written as they are, by name.
    pub(super) sections: BTreeMap<&'static str, Tree>,
    pub(super) routes: BTreeMap<Key, Located<Routes>>,
}

/// The sections of a Compose file that a spec has in Compose's own syntax.
const SECTIONS: [&str; 4] = ["configs", "include", "models", "secrets"];

/// The fields of a layout.
pub(super) const FIELDS: [&str; 9] = [
    "template", "services", "networks", "volumes", "routes", "configs", "include", "models",
    "secrets",
];

impl Layout {
    /// Reads a layout's own fields, and leaves the others to the caller.
    pub(super) fn read(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Self {
        let services = fields.optional("services");
        if let Some(services) = &services {
            let help = "name the services, or leave `services` out for all that the catalog has";
            demand_one(services, "service", help, problems);
        }
        Self {
            template: optional(fields, "template", problems),
            services: services.and_then(|services| Readable::read(&services, problems)),
            networks: optional(fields, "networks", problems),
            volumes: optional(fields, "volumes", problems),
            sections: SECTIONS
                .into_iter()
                .filter_map(|name| Some((name, fields.optional(name)?.tree().clone())))
                .collect(),
            routes: fields
                .optional("routes")
                .map(|c| read_map(&c, routes, problems))
                .unwrap_or_default(),
        }
    }
}

impl Layout {
    /// Leaves out the networks and volumes of a stack that no service of its host uses, and that the host does not name
    /// itself.
    pub(super) fn keep_used(&mut self, services: &BTreeMap<Name, Service>, host: &Tree) {
        let services = || services.values();
        let is_named = |section: &str, key: &Key| {
            let section = host.get(section);
            section.is_some_and(|section| section.get(key.as_str()).is_some())
        };
        let networks: BTreeSet<&Key> = services()
            .flat_map(|service| &service.networks)
            .map(|network| &network.value)
            .collect();
        // A name that leads nowhere may be a mistyped one of those that nothing uses.
        if networks.iter().all(|key| self.networks.contains_key(*key)) {
            // Compose puts services without networks on that one.
            let is_default_used = services().any(|service| {
                service.networks.is_empty() && service.compose.get("network_mode").is_none()
            });
            self.networks.retain(|key, _| {
                networks.contains(key)
                    || is_named("networks", key)
                    || key.as_str() == "default" && is_default_used
            });
        }
        let volumes: BTreeSet<&Key> = services()
            .flat_map(|service| &service.mounts)
            .filter_map(|mount| Some(&mount.volume.as_ref()?.value))
            .collect();
        if volumes.iter().all(|key| self.volumes.contains_key(*key)) {
            self.volumes
                .retain(|key, _| volumes.contains(key) || is_named("volumes", key));
        }
    }
}

/// Reads a stack; what it says is merged with what its hosts say, and read again.
pub(super) fn stack(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Tree> {
    let mut sample = cursor.tree().clone();
    pull_request::fill_in_sample(&mut sample);
    let sample = sample.cursor();
    let mut fields = sample.fields(problems)?;
    Layout::read(&mut fields, problems);
    fields.finish(problems);
    Some(cursor.tree().clone())
}
