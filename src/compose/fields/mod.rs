//! The table of all fields of a Compose file: what each may hold, and how each pass treats it.
//!
//! A row is a field and holds what every pass does with it, so a new field of Compose is one row. What a
//! field may hold is what the schema of the Compose specification says
//! (<https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json>), which Compose
//! checks every model against; the rest is spread over compose-go, in a map of paths per pass.

mod build;
mod common;
mod deploy;
mod network;
mod row;
#[cfg(test)]
mod schema;
mod service;
mod top;
mod two_forms;
mod volume;

use super::trail::Trail;
use super::tree::{Kind, Node};
use crate::state::DeployStep;
pub(super) use service::SERVICE;
pub(crate) use service::TEST_KINDS;
pub(crate) use top::{COMPARED_SECTIONS, SECTIONS};
pub(super) use top::{FILE, NAMED_SECTIONS};
pub(crate) use two_forms::{IN_TWO_FORMS, ListItems};

pub(super) const TEXT: u8 = 1;
pub(super) const WHOLE: u8 = 2;
pub(super) const FRACTION: u8 = 4;
pub(super) const NUMBER: u8 = WHOLE | FRACTION;
pub(super) const BOOLEAN: u8 = 8;
pub(super) const NULL: u8 = 16;
pub(super) const LIST: u8 = 32;
pub(super) const MAP: u8 = 64;

/// A field. The alternatives of what it may hold are of different kinds, so that the kind of a value
/// decides which one is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// The passes that visit it or a field below it, a bit for each.
    passes: u8,
    /// The kinds of scalars that it may hold.
    pub(super) scalars: u8,
    /// The words that a text is one of; any text where there are none.
    pub(super) words: &'static [&'static str],
    pub(super) pattern: Option<Pattern>,
    /// The least and the greatest whole number.
    pub(super) range: Option<(i128, i128)>,
    pub(super) list: Option<List>,
    pub(super) map: Option<Mapping>,
    /// What a text becomes once its variables are filled in.
    pub(super) cast: Option<Cast>,
    pub(super) merge: Merge,
    /// What identifies the entries of a list: of two that are the same, the later one is kept.
    pub(super) identity: Option<EntryIdentity>,
    pub(super) canonical: Option<Canonical>,
    pub(super) path: Option<HostPath>,
    pub(super) meaning: Option<Meaning>,
    /// What `docker stack deploy` makes of it.
    pub(super) stack: InStack,
    /// The kinds of scalars that `docker stack deploy` takes.
    pub(super) stack_scalars: u8,
    /// Whether the client of `docker stack deploy` makes a number or a boolean of a text with variables (docker/cli,
    /// `cli/compose/loader/interpolate.go`). All others stay text.
    pub(super) stack_cast: bool,
    /// Whether `docker stack deploy` takes lists and mappings.
    pub(super) stack_shapes: u8,
    /// Whether `docker stack deploy` takes fields that begin with `x-` in it.
    pub(super) stack_extensions: bool,
    /// The words that a text of a stack is one of.
    pub(super) stack_words: Option<StackWords>,
    /// The durations that a swarm takes, where it looks at them.
    pub(super) stack_duration: Option<StackDuration>,
}

/// A pass that concerns only some fields; it skips what has none of them, such as the values of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldPass {
    /// A text with variables gets the type of its field.
    Cast,
    /// Of what a list has twice, one is dropped.
    Unique,
    /// What a list has twice is noted.
    Repeated,
    Canonical,
    /// Paths of the host become absolute, or start from another directory.
    Paths,
    /// Texts that mean something else are checked.
    Values,
}

impl FieldPass {
    /// Its bit in a set of passes.
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The words that a text of a stack is one of, which only `docker stack deploy` checks.
#[derive(Debug, Clone, Copy)]
pub(super) struct StackWords {
    pub(super) words: &'static [&'static str],
    /// The step that refuses any other word.
    pub(super) step: DeployStep,
    /// Whether case is ignored.
    pub(super) ignores_case: bool,
}

/// The durations that a swarm takes (moby/swarmkit, `manager/controlapi`).
#[derive(Debug, Clone, Copy)]
pub(super) enum StackDuration {
    ZeroOrMore,
    ZeroOrAtLeastOneMillisecond,
}

/// What `docker stack deploy` makes of a field (docker/cli, `cli/compose`: `types/types.go`, the schemas of version 3 and
/// `convert`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InStack {
    /// It is sent to the swarm, or the client needs it.
    Taken,
    /// The client ignores it, and this is what that means.
    Dropped(&'static str),
    /// The client refuses the file, and this is what to write instead; empty where there is nothing.
    Refused(&'static str),
}

/// Whether a text fits, and what is expected.
pub(super) type Pattern = (fn(&str) -> bool, &'static str);

/// A list: what its items are, and whether each may be listed only once.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    pub(super) items: &'static Field,
    pub(super) is_unique: bool,
}

/// A mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping {
    /// The fields that are known, sorted by name.
    pub(super) known: &'static [(&'static str, Field)],
    pub(super) required: &'static [&'static str],
    pub(super) others: Others,
}

/// The fields of a mapping that are not known by name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Others {
    /// There are none.
    Refused,
    /// Those that begin with `x-`.
    Extensions,
    /// Any.
    Any,
    /// All are alike.
    Each(&'static Field),
    /// All are alike, and have a name of letters, digits, `.`, `_` and `-`.
    Named(&'static Field),
    /// As `Named`; one with another name can be anything.
    MaybeNamed(&'static Field),
}

impl Others {
    /// What each of them is, where they are alike.
    const fn field(self) -> Option<&'static Field> {
        match self {
            Self::Each(field) | Self::Named(field) | Self::MaybeNamed(field) => Some(field),
            Self::Refused | Self::Extensions | Self::Any => None,
        }
    }
}

/// The fields of an entry of a section, such as a service; none where there is no such section.
pub(super) fn of_section(section: &str) -> &'static [(&'static str, Field)] {
    let known = FILE.map.map(|map| map.known).unwrap_or_default();
    let section = known.iter().find(|(name, _)| *name == section);
    let others = section.and_then(|(_, field)| Some(field.map?.others));
    match others {
        Some(Others::Named(entry) | Others::MaybeNamed(entry)) => {
            entry.map.map(|map| map.known).unwrap_or_default()
        }
        _ => &[],
    }
}

#[cfg(test)]
/// The mappings with scalars in them that users name, of services, networks, volumes and models.
pub(crate) fn free_mappings() -> Vec<&'static str> {
    fn collect(
        name: &'static str,
        field: &Field,
        found: &mut std::collections::BTreeSet<&'static str>,
    ) {
        let Some(map) = &field.map else {
            return;
        };
        match map.others.field() {
            Some(entry) if entry.scalars & !NULL != 0 => {
                found.insert(name);
            }
            Some(entry) => collect(name, entry, found),
            None if matches!(map.others, Others::Any) => {
                found.insert(name);
            }
            None => {}
        }
        for (name, field) in map.known {
            collect(name, field, found);
        }
    }
    let mut found = std::collections::BTreeSet::new();
    for section in ["services", "networks", "volumes", "models"] {
        for (name, field) in of_section(section) {
            collect(name, field, &mut found);
        }
    }
    found.into_iter().collect()
}

/// What a text becomes (compose-go, `loader/interpolate.go`).
#[derive(Debug, Clone, Copy)]
pub(super) enum Cast {
    Whole,
    Fraction,
    Boolean,
}

/// How two values are merged (compose-go, `override/merge.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// Mappings are merged, lists appended, anything else is replaced.
    ByKind,
    /// The second replaces the first.
    Replace,
    /// Both become lists of `KEY=VALUE`, and are appended.
    Pairs,
    /// As `Pairs`; an item that is listed already is not added again.
    Hosts,
    /// Both become mappings, and are merged.
    Names,
    /// As `Names`; a bare name becomes a dependency with its defaults.
    Dependencies,
    /// A text becomes a mapping with the `context`.
    Build,
    /// Options are merged only where the driver is the same.
    Logging,
    /// Those with the same `subnet` are merged.
    Subnets,
}

/// What identifies the entries of a list (compose-go, `override/uncity.go`).
#[derive(Debug, Clone, Copy)]
pub(super) enum EntryIdentity {
    /// The text before `=`.
    Key,
    /// The text or number itself.
    Scalar,
    /// The path of a mount in the container.
    MountTarget,
    /// The path of a device in the container.
    DeviceTarget,
    /// The target of a secret or config; without one its name in this directory.
    FileTarget(&'static str),
    Port,
    EnvFile,
}

/// What the canonical form is made of (compose-go, `transform/`).
#[derive(Debug, Clone, Copy)]
pub(super) enum Canonical {
    /// A text becomes a list.
    List,
    /// A text becomes a list, and empty texts are dropped.
    FilledList,
    /// A text becomes a mapping with this field.
    Mapping(&'static str),
    /// A list of names becomes a mapping.
    Names,
    /// A list of `KEY=VALUE` becomes a mapping.
    Pairs,
    Dependencies,
    Device,
    External,
    Gpus,
    Limit,
    Mount,
    Ports,
    SshKeys,
}

/// A path of the host (compose-go, `paths/`).
#[derive(Debug, Clone, Copy)]
pub(super) enum HostPath {
    /// Of this kind of system.
    Own,
    /// It may be one of Windows.
    Any,
    /// The source of a mount, if that is a bind mount.
    MountSource,
    /// The device of a volume, if that is a bind mount.
    VolumeDevice,
    /// What an image is built from, or is watched for changes; no state has it.
    Context,
    /// Contexts of a build by name, each as [`Context`](Self::Context); no state has them.
    Contexts,
}

/// What a text means (compose-go, `types/`).
#[derive(Debug, Clone, Copy)]
pub(super) enum Meaning {
    Bytes,
    Duration,
    /// An octal file mode.
    Mode,
    Fraction,
    Whole,
    Boolean,
    DeviceCount,
    /// A whole number that is not negative.
    Count,
    /// A number that may not be written as text.
    Number,
    /// `KEY=VALUE`, whose key does not end with a space.
    Pair,
    /// `NAME=ADDRESS`.
    Host,
    /// A mapping from the names of hosts.
    Hosts,
    Command,
    /// The test of a health check, of which a text is one for a shell.
    Test,
}

impl Field {
    /// The field that an entry of the mapping is.
    fn entry(&self, key: &str) -> Option<&'static Self> {
        let mapping = self.map.as_ref()?;
        mapping.known(key).or(mapping.others.field())
    }

    /// The field of an entry below a field, which may be unknown itself.
    pub(super) fn below(this: Option<&'static Self>, key: &str) -> Option<&'static Self> {
        this?.entry(key)
    }

    /// Whether a text is a duration.
    pub(super) fn is_duration(&self) -> bool {
        matches!(self.meaning, Some(Meaning::Duration))
    }

    /// Whether a key of the mapping is an extension.
    pub(super) fn is_extension(&self, key: &str) -> bool {
        let others = self.map.as_ref().map(|mapping| mapping.others);
        key.starts_with("x-") && matches!(others, Some(Others::Extensions))
    }

    /// The known fields of the mapping and of those in it that are selected, by their paths.
    pub(super) fn select<T>(
        &'static self,
        selected: fn(&'static Self) -> Option<T>,
    ) -> Vec<(Vec<&'static str>, T)> {
        let mut found = Vec::new();
        for (key, field) in self.map.map(|map| map.known).unwrap_or_default() {
            found.extend(selected(field).map(|one| (vec![*key], one)));
            found.extend(field.select(selected).into_iter().map(|(mut path, one)| {
                path.insert(0, key);
                (path, one)
            }));
        }
        found
    }

    /// Visits a value of this field and those below it for a pass, parents first.
    pub(super) fn visit(
        &self,
        pass: FieldPass,
        node: &Node,
        trail: &Trail<'_>,
        visit: &mut dyn FnMut(&Self, &Node, &Trail<'_>),
    ) {
        if !self.is_visited(pass) {
            return;
        }
        visit(self, node, trail);
        if let Some(list) = &self.list {
            for (index, item) in node.items().iter().enumerate() {
                list.items.visit(pass, item, &trail.index(index), visit);
            }
        }
        for (key, entry) in node.entries() {
            if let Some(field) = self.entry(key) {
                field.visit(pass, &entry.value, &trail.key(key), visit);
            }
        }
    }

    /// Like `visit`, for changing values: what a value becomes is visited next.
    pub(super) fn visit_mut(
        &self,
        pass: FieldPass,
        node: &mut Node,
        visit: &mut dyn FnMut(&Self, &mut Node),
    ) {
        if !self.is_visited(pass) {
            return;
        }
        visit(self, node);
        match (&mut node.kind, &self.list) {
            (Kind::List(items), Some(list)) => {
                for item in items {
                    list.items.visit_mut(pass, item, visit);
                }
            }
            (Kind::Map(map), _) => {
                for (key, entry) in map {
                    if let Some(field) = self.entry(key) {
                        field.visit_mut(pass, &mut entry.value, visit);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a pass concerns it or a field below it.
    fn is_visited(&self, pass: FieldPass) -> bool {
        self.passes & pass.bit() != 0
    }
}

impl Mapping {
    /// The field of a name that is known.
    pub(super) fn known(&self, name: &str) -> Option<&'static Field> {
        // Most names differ in their first byte; comparing it needs no call.
        let start = |name: &str| name.as_bytes().first().copied();
        let first = start(name);
        let index = self.known.binary_search_by(|(known, _)| {
            let order = start(known).cmp(&first);
            order.then_with(|| (*known).cmp(name))
        });
        self.known.get(index.ok()?).map(|(_, field)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::{FILE, Field, FieldPass};

    /// Fields are found by a binary search.
    #[test]
    fn fields_are_sorted_by_name() {
        fn check(field: &Field) {
            if let Some(list) = &field.list {
                check(list.items);
            }
            let Some(mapping) = &field.map else { return };
            assert!(mapping.known.is_sorted_by_key(|(name, _)| name));
            for (_, field) in mapping.known {
                check(field);
            }
            mapping.others.field().into_iter().for_each(check);
        }
        check(&FILE);
    }

    /// A pass that does not reach one of its fields would leave it as it is written.
    #[test]
    fn passes_reach_their_fields_and_leave_out_the_others() {
        fn check(field: &Field) -> u8 {
            let is_unique = field.list.is_some_and(|list| list.is_unique);
            let own = [
                (FieldPass::Cast, field.cast.is_some()),
                (FieldPass::Unique, field.identity.is_some()),
                (FieldPass::Repeated, field.identity.is_some() || is_unique),
                (FieldPass::Canonical, field.canonical.is_some()),
                (FieldPass::Paths, field.path.is_some()),
                (FieldPass::Values, field.meaning.is_some()),
            ];
            let mut passes = own
                .iter()
                .filter(|(_, is_own)| *is_own)
                .fold(0, |all, (pass, _)| all | pass.bit());
            let mapping = field.map.as_ref();
            let known = mapping.map(|mapping| mapping.known).unwrap_or_default();
            let others = mapping.and_then(|mapping| mapping.others.field());
            let items = field.list.map(|list| list.items);
            for below in known
                .iter()
                .map(|(_, field)| field)
                .chain(others)
                .chain(items)
            {
                passes |= check(below);
            }
            assert_eq!(field.passes, passes);
            passes
        }
        assert_eq!(check(&FILE), 0b11_1111);
    }
}
