//! Upstreams: what services call outside their own project, such as a payment provider, a mail service or models on
//! another machine.

use std::collections::BTreeMap;

use super::address::Route;
use super::located::Located;
use super::names::{Name, Word};
use super::read::{Readable, dangling, keyed, readable, record};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::{Cursor, TreeContent};

/// The levels of an upstream: the first reaches nothing real, the last is what customers get.
#[derive(Debug, Clone)]
pub(crate) struct Levels {
    /// Where the upstream is declared.
    pub(crate) place: Place,
    /// Their names, from made up to real.
    pub(crate) names: Vec<Located<Name>>,
}

/// Which level of an upstream an environment uses, and where it is reached.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    /// Where the environment says so.
    pub(crate) place: Place,
    /// The level, by name.
    pub(crate) level: Located<Name>,
    /// Whether the level is the first of all, or the last.
    pub(crate) kind: LevelKind,
    /// Where services reach it.
    pub(crate) route: Option<Located<Route>>,
    /// The host of the same environment that answers there.
    pub(crate) served_by: Option<Located<Name>>,
    /// What is used where it fails.
    pub(crate) fallback: Option<Located<Word>>,
}

/// What a level means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LevelKind {
    /// Nothing outside is reached.
    MadeUp,
    /// Something outside that is for tests.
    Between,
    /// What customers get.
    Real,
}

record! {
    /// An upstream as an environment writes it.
    pub(super) Written, read(cursor, fields, problems):
    required level: Located<Name>,
    optional route: Option<Located<Route>>,
    optional served_by: Option<Located<Name>>,
    optional fallback: Option<Located<Word>>,
}

impl Levels {
    /// What they may be, as a JSON Schema.
    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "array", "items": Name::schema(), "minItems": 2, "uniqueItems": true })
    }

    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        if !matches!(cursor.tree().content(), TreeContent::List(_)) {
            cursor.mismatch(
                "a list of levels, such as `[none, sandbox, live]`",
                problems,
            );
            return None;
        }
        let names: Vec<Located<Name>> = Readable::read(cursor, problems)?;
        if names.len() < 2 {
            problems.push(
                Diagnostic::new(
                    format!("`{}` has fewer than two levels", cursor.path()),
                    cursor.place(),
                )
                .label("expected levels from made up to real, such as `[none, sandbox, live]`"),
            );
            return None;
        }
        Some(Self {
            place: cursor.key_place(),
            names,
        })
    }

    fn kind(&self, level: &Name) -> Option<LevelKind> {
        let at = self.names.iter().position(|name| name.value == *level)?;
        Some(if at == 0 {
            LevelKind::MadeUp
        } else if at + 1 == self.names.len() {
            LevelKind::Real
        } else {
            LevelKind::Between
        })
    }
}

readable!(Levels);

impl Upstream {
    fn read(cursor: &Cursor<'_>, levels: &Levels, problems: &mut Diagnostics) -> Option<Self> {
        let written = if let TreeContent::Scalar(_) = cursor.tree().content() {
            Written {
                level: Readable::read(cursor, problems)?,
                route: None,
                served_by: None,
                fallback: None,
            }
        } else if let TreeContent::List(_) = cursor.tree().content() {
            cursor.mismatch("a level, or a mapping with `level`", problems);
            return None;
        } else {
            Written::read(cursor, problems)?
        };
        let Some(kind) = levels.kind(&written.level) else {
            problems.push(
                dangling(
                    "level",
                    &written.level,
                    levels.names.iter().map(|name| &name.value),
                )
                .related(levels.place.clone(), "the levels of this upstream"),
            );
            return None;
        };
        Some(Self {
            place: cursor.key_place(),
            level: written.level,
            kind,
            route: written.route,
            served_by: written.served_by,
            fallback: written.fallback,
        })
    }
}

/// The upstreams of an environment.
pub(super) fn upstreams(
    cursor: &Cursor<'_>,
    declared: &BTreeMap<Name, Levels>,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Upstream> {
    let mut found = BTreeMap::new();
    for (name, cursor) in keyed::<Name>(cursor, problems) {
        let Some(levels) = declared.get(&name) else {
            let name = Located::new(name, cursor.key_place());
            problems.push(dangling("upstream", &name, declared.keys()).help(
                "declare it in catalog.yaml, with its levels from made up to real: \
                     `upstreams: { mail: [none, sandbox, live] }`",
            ));
            continue;
        };
        match Upstream::read(&cursor, levels, problems) {
            Some(upstream) => {
                found.insert(name, upstream);
            }
            None => problems.unreadable(name.to_string()),
        }
    }
    found
}
