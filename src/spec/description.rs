//! Descriptions of services: what one file sets. They are merged key by key, and the result is a service.

use std::collections::BTreeMap;

use super::located::Located;
use super::names::Name;
use super::pull_request;
use super::read::{dangling, keyed};
use super::roles::Roles;
use super::service::{MAPPINGS, Part, Service};
use crate::diagnostic::Diagnostics;
use crate::source::Place;
use crate::yaml::{Cursor, Tree};

/// What one file sets for a service.
#[derive(Debug, Clone)]
pub(super) struct Description {
    pub(super) tree: Tree,
    /// Whether something was written that could not be read.
    pub(super) has_mistake: bool,
}

impl Description {
    /// Whether it says that the service does not run here.
    pub(super) fn leaves_out(&self) -> bool {
        self.tree.is_null()
    }

    /// Where the service is described.
    pub(super) fn place(&self) -> Place {
        self.tree.key_place()
    }
}

/// The descriptions in a mapping of services. Each is read on its own, so that a mistake is found even where no host
/// runs the service.
pub(super) fn descriptions(
    field: Option<Cursor<'_>>,
    roles: Option<&Roles>,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Description> {
    let (Some(cursor), Some(roles)) = (field, roles) else {
        return BTreeMap::new();
    };
    keyed::<Name>(&cursor, problems)
        .into_iter()
        .map(|(name, cursor)| {
            let description = description(&name, &cursor, roles, problems);
            (name, description)
        })
        .collect()
}

/// What an environment or a host sets for services. It can leave out a service that it would inherit: `cache: null`.
pub(super) fn changes<'a>(
    field: Option<Cursor<'_>>,
    roles: Option<&Roles>,
    known: &(impl Iterator<Item = &'a Name> + Clone),
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Description> {
    let (Some(cursor), Some(roles)) = (field, roles) else {
        return BTreeMap::new();
    };
    let mut changes = BTreeMap::new();
    for (name, cursor) in keyed::<Name>(&cursor, problems) {
        if !cursor.tree().is_null() {
            let description = description(&name, &cursor, roles, problems);
            changes.insert(name, description);
            continue;
        }
        if !known.clone().any(|known| *known == name) {
            let name = Located::new(&name, cursor.key_place());
            problems.push(dangling("service", &name, known.clone()));
        }
        let left_out = Description {
            tree: cursor.tree().clone(),
            has_mistake: false,
        };
        changes.insert(name, left_out);
    }
    changes
}

fn description(
    name: &Name,
    cursor: &Cursor<'_>,
    roles: &Roles,
    problems: &mut Diagnostics,
) -> Description {
    let known = problems.len();
    let mut tree = cursor
        .tree()
        .clone()
        .without_null()
        .without_null_in(&MAPPINGS);
    pull_request::fill_in_sample(&mut tree);
    let read = Service::read(name, &tree.cursor(), Part::Description, roles, problems);
    Description {
        tree: cursor.tree().clone(),
        has_mistake: read.is_none() || problems.len() > known,
    }
}
