//! Roles: what services are for, and what is true of every service with a role.

use std::collections::{BTreeMap, BTreeSet};

use super::located::Located;
use super::names::Name;
use super::read::dangling;
use super::words::Trait;
use crate::diagnostic::Diagnostics;
use crate::source::Place;

/// The roles that every product has without declaring them.
const DEFAULT: [(&str, &[Trait]); 9] = [
    ("edge", &[Trait::Public]),
    ("web", &[]),
    ("api", &[Trait::Backend]),
    ("worker", &[Trait::Backend]),
    ("job", &[Trait::Backend, Trait::Job]),
    ("state", &[Trait::KeepsData]),
    ("model", &[Trait::KeepsData]),
    ("monitor", &[]),
    ("mock", &[Trait::StandsIn]),
];

/// The roles of a product, by name.
#[derive(Debug, Clone)]
pub(super) struct Roles {
    all: BTreeMap<String, BTreeSet<Trait>>,
    /// Where the catalogue declares some.
    pub(super) declared: BTreeMap<Name, Place>,
}

/// The role of a service.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    /// Its name.
    pub(crate) name: Name,
    traits: BTreeSet<Trait>,
}

impl Roles {
    /// The default roles, and those that the catalogue declares.
    pub(super) fn new(declared: &BTreeMap<Name, Located<Vec<Located<Trait>>>>) -> Self {
        let default = DEFAULT
            .iter()
            .map(|(name, traits)| ((*name).to_owned(), traits.iter().copied().collect()));
        let own = declared.iter().map(|(name, traits)| {
            let traits = traits.value.iter().map(|one| one.value).collect();
            (name.to_string(), traits)
        });
        let declared = declared.iter();
        Self {
            all: default.chain(own).collect(),
            declared: declared
                .map(|(name, traits)| (name.clone(), traits.place.clone()))
                .collect(),
        }
    }

    /// Whether services with the role of a name have a trait.
    pub(super) fn has(&self, name: &str, one: Trait) -> bool {
        self.all
            .get(name)
            .is_some_and(|traits| traits.contains(&one))
    }

    /// The role with a name.
    pub(super) fn find(
        &self,
        name: Located<Name>,
        problems: &mut Diagnostics,
    ) -> Option<Located<Role>> {
        let Some(traits) = self.all.get(name.as_str()) else {
            problems.push(dangling("role", &name, self.all.keys()));
            return None;
        };
        let traits = traits.clone();
        Some(name.map(|name| Role { name, traits }))
    }
}

impl Role {
    /// Whether something is true of its services.
    pub(crate) fn has(&self, one: Trait) -> bool {
        self.traits.contains(&one)
    }
}
