//! What runs together: the services, networks, volumes and routes of a stack or a host.

use std::collections::BTreeMap;

use super::address::Subnet;
use super::located::Located;
use super::names::{AbsolutePath, FilePath, Key, Memory, Mode, Name, RoutePath};
use super::read::{at_key, located, optional, read_map, readable, record};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::{Cursor, Fields};

record! {
    /// A network that a host declares.
    pub(crate) Network, read(cursor, fields, problems):
    /// Where it is declared.
    computed pub(crate) place: Place = Some(cursor.key_place()),
    /// Whether it is internal (`internal: true` in Compose).
    optional pub(crate) internal: Option<Located<bool>>,
    /// Its subnet, where the spec pins one.
    optional pub(crate) subnet: Option<Located<Subnet>>,
}

readable!(Network, Volume, Ephemeral);

impl Network {
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
}

/// What a volume is made of.
#[derive(Debug, Clone)]
pub(crate) enum VolumeKind {
    /// A named volume of the project.
    Named,
    /// A named volume in memory, gone when nothing uses it.
    Ephemeral(Ephemeral),
    /// A directory of the host.
    Bind(Located<AbsolutePath>),
}

record! {
    /// A named volume in memory.
    pub(crate) Ephemeral, read(cursor, fields, problems):
    /// The most that it holds.
    required pub(crate) size: Located<Memory>,
    /// The user and group that own it, by number.
    computed pub(crate) user: Located<u64> = fields
        .required("user", problems)
        .and_then(|c| located(&c, c.whole(0, u64::from(u32::MAX), problems))),
    /// The mode of its root directory.
    required pub(crate) mode: Located<Mode>,
}

/// The paths of one domain, and who answers on each.
pub(crate) type Routes = BTreeMap<RoutePath, Located<Name>>;

/// What one file says of a stack or a host; a host overrides its stack.
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
            template: optional(fields, "template", problems),
            services: optional(fields, "services", problems),
            networks: optional(fields, "networks", problems),
            volumes: optional(fields, "volumes", problems),
            routes: fields
                .optional("routes")
                .map(|c| read_map(&c, at_key, problems))
                .unwrap_or_default(),
        }
    }

    /// This layout, overridden by another one.
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

/// Reads a stack.
pub(super) fn stack(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<Layout>> {
    let mut fields = cursor.fields(problems)?;
    let layout = Layout::read(&mut fields, problems);
    fields.finish(problems);
    Some(Located::new(layout, cursor.key_place()))
}

impl Volume {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = cursor.fields(problems)?;
        let bind: Option<Located<AbsolutePath>> = optional(&mut fields, "bind", problems);
        let ephemeral = optional(&mut fields, "ephemeral", problems);
        fields.finish(problems);
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
                    .label("expected one of the two"),
                );
                return None;
            }
        };
        Some(Self {
            place: cursor.key_place(),
            kind,
        })
    }
}
