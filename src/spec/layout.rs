//! What runs together: the services, networks, volumes and routes of a stack or a host.

use std::collections::BTreeMap;

use super::located::Located;
use super::names::{AbsolutePath, FilePath, Key, Memory, Mode, Name, RoutePath, Subnet};
use super::read::{keyed, located, parse_list, parse_map};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::{Cursor, Fields};

/// A network that a host declares.
#[derive(Debug, Clone)]
pub struct Network {
    /// Where it is declared.
    pub place: Place,
    /// Whether it has no way out (`internal: true` in Compose).
    pub internal: Option<Located<bool>>,
    /// Its subnet, where the spec pins one.
    pub subnet: Option<Located<Subnet>>,
}

impl Network {
    /// Whether it has no way out.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.internal
            .as_ref()
            .is_some_and(|internal| internal.value)
    }
}

/// A volume that a host declares.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Where it is declared.
    pub place: Place,
    /// What it is made of.
    pub kind: VolumeKind,
}

/// What a volume is made of.
#[derive(Debug, Clone)]
pub enum VolumeKind {
    /// A named volume of the project.
    Named,
    /// A named volume in memory, gone when nothing uses it.
    Ephemeral {
        /// The most that it holds.
        size: Located<Memory>,
        /// The user and group that own it, by number.
        user: Located<u64>,
        /// The mode of its root directory.
        mode: Located<Mode>,
    },
    /// A directory of the host.
    Bind(Located<AbsolutePath>),
}

/// The paths of one domain, and who answers on each.
pub type Routes = BTreeMap<RoutePath, Located<Name>>;

/// What one file says of a stack or a host; a host's words go over its stack's.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) template: Option<Located<FilePath>>,
    pub(super) services: Option<Vec<Located<Name>>>,
    pub(super) networks: BTreeMap<Key, Network>,
    pub(super) volumes: BTreeMap<Key, Volume>,
    pub(super) routes: BTreeMap<Key, Located<Routes>>,
}

impl Layout {
    /// Reads a layout's own fields, and leaves the others to the caller.
    pub(super) fn read(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Self {
        Self {
            template: fields
                .optional("template")
                .and_then(|c| located(&c, c.parse(problems))),
            services: fields
                .optional("services")
                .map(|c| parse_list(&c, problems)),
            networks: read_map(fields.optional("networks"), network, problems),
            volumes: read_map(fields.optional("volumes"), volume, problems),
            routes: read_map(
                fields.optional("routes"),
                |c, problems| Some(Located::new(parse_map(c, problems), c.key_place())),
                problems,
            ),
        }
    }

    /// This layout with `other`'s words over its own.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.networks.extend(other.networks);
        self.volumes.extend(other.volumes);
        self.routes.extend(other.routes);
        Self {
            template: other.template.or(self.template),
            services: other.services.or(self.services),
            ..self
        }
    }
}

/// Reads a mapping of the user's own keys to things of one kind.
pub(super) fn read_map<K, T>(
    cursor: Option<Cursor<'_>>,
    read: impl Fn(&Cursor<'_>, &mut Diagnostics) -> Option<T>,
    problems: &mut Diagnostics,
) -> BTreeMap<K, T>
where
    K: std::str::FromStr + Ord + std::fmt::Display,
    K::Err: std::fmt::Display,
{
    let Some(cursor) = cursor else {
        return BTreeMap::new();
    };
    let mut map: BTreeMap<K, T> = BTreeMap::new();
    for (key, value) in keyed(&cursor, problems) {
        match read(&value, problems) {
            Some(thing) => drop(map.insert(key, thing)),
            None => problems.unreadable(key.to_string()),
        }
    }
    map
}

fn network(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Network> {
    let mut fields = cursor.fields(problems)?;
    let network = Network {
        place: cursor.key_place(),
        internal: fields
            .optional("internal")
            .and_then(|c| located(&c, c.boolean(problems))),
        subnet: fields
            .optional("subnet")
            .and_then(|c| located(&c, c.parse(problems))),
    };
    fields.finish(problems);
    Some(network)
}

fn volume(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Volume> {
    let mut fields = cursor.fields(problems)?;
    let bind = fields
        .optional("bind")
        .and_then(|c| located(&c, c.parse::<AbsolutePath>(problems)));
    let ephemeral = fields
        .optional("ephemeral")
        .and_then(|c| ephemeral(&c, problems));
    fields.finish(problems);
    let kind = match (bind, ephemeral) {
        (None, None) => VolumeKind::Named,
        (Some(bind), None) => VolumeKind::Bind(bind),
        (None, Some(ephemeral)) => ephemeral,
        (Some(bind), Some(_)) => {
            problems.push(
                Diagnostic::new(
                    format!("`{}` is a `bind` and `ephemeral`", cursor.path()),
                    bind.place.to_key(),
                )
                .label("expected one of the two"),
            );
            return None;
        }
    };
    Some(Volume {
        place: cursor.key_place(),
        kind,
    })
}

fn ephemeral(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<VolumeKind> {
    let mut fields = cursor.fields(problems)?;
    let size = fields
        .required("size", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let user = fields
        .required("user", problems)
        .and_then(|c| located(&c, c.whole(0, u64::from(u32::MAX), problems)));
    let mode = fields
        .required("mode", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    fields.finish(problems);
    Some(VolumeKind::Ephemeral {
        size: size?,
        user: user?,
        mode: mode?,
    })
}
