//! What `docker compose up -d` would do, as an ordered list of operations with their causes.
//!
//! A pure function of what is expected, what is observed, the [`Facts`] that a comparison of the two
//! found, and the [`Options`] of `up`. It models two lines of Compose ([`Compose`]): that of 2.40,
//! which looks at one service after the other, and the reconciler of 5.2 and later. [`Rule`] names the
//! source of each behaviour. [`stack`] does this for `docker stack deploy`.

mod containers;
mod downtime;
mod facts;
mod images;
mod losses;
mod made;
mod operation;
mod options;
mod order;
mod outcome;
mod planner;
mod policy;
mod ports;
mod published;
mod resources;
mod rule;
pub mod stack;
mod start;
#[cfg(test)]
mod tests;
mod version;

pub use downtime::Downtime;
pub use facts::{DefinitionChange, Facts, Reason, Taken};
pub use made::made;
pub use operation::{Action, Operation};
pub use options::{Options, Pull, Scale};
pub use outcome::Outcome;
pub use rule::Rule;
pub use version::{Compose, VersionSource};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::finding::ResourceKind;
use crate::state::{Live, State};
use planner::Planner;

/// The two states that a plan leads from and to, and what is known of Compose.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What the Compose file asks for.
    pub expected: &'a State,
    /// What the host has.
    pub observed: &'a State,
    /// What only a live host has.
    pub live: &'a Live,
    /// What the comparison of the two found.
    pub facts: &'a Facts,
    /// The options of `up`.
    pub options: &'a Options,
}

/// What `docker compose up -d` would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The version of Compose that is modelled.
    pub compose: Compose,
    /// What is done, in order.
    pub operations: Vec<Operation>,
    /// The services that do not answer for a while, or any more.
    pub downtime: Vec<Downtime>,
    /// What is not known and may change it.
    pub unknown: Vec<String>,
    /// The services that `up` is for.
    pub services: BTreeSet<String>,
    /// The networks of the file, by their keys; one that stays as it is is not among them.
    networks: BTreeMap<String, Outcome>,
    /// The volumes of the file, as the networks.
    volumes: BTreeMap<String, Outcome>,
    /// The project's containers, by their IDs, in the same way.
    containers: BTreeMap<String, Outcome>,
    /// Whether `up` gives up before it looks at a service.
    is_refused: bool,
    /// Whether it already gives up on reading the file.
    is_unread: bool,
    /// The services that cannot be started, and those that wait for one of them.
    blocked: BTreeSet<String>,
}

impl Plan {
    /// The plan for a host.
    #[must_use]
    pub fn of(input: Input<'_>) -> Self {
        let mut planner = Planner::new(input);
        planner.run();
        let downtime = Downtime::of(&planner);
        Self {
            downtime,
            ..planner.plan
        }
    }

    /// What happens to a network of the file.
    #[must_use]
    pub fn network(&self, key: &str) -> Outcome {
        self.networks.get(key).copied().unwrap_or_default()
    }

    /// What happens to a volume of the file.
    #[must_use]
    pub fn volume(&self, key: &str) -> Outcome {
        self.volumes.get(key).copied().unwrap_or_default()
    }

    /// What happens to a container of the project.
    #[must_use]
    pub fn container(&self, id: &str) -> Outcome {
        self.containers.get(id).copied().unwrap_or_default()
    }

    /// Whether `up` gives up before it looks at a service.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Whether `up` gives up on reading the file, so that it does nothing at all.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.is_unread
    }

    /// Whether a service cannot be started, or waits for one that cannot.
    #[must_use]
    pub fn is_blocked(&self, service: &str) -> bool {
        self.is_refused || self.blocked.contains(service)
    }

    /// Why `up` fails.
    #[must_use]
    pub fn failures(&self) -> Failures<'_> {
        let failed = || {
            let operations = self.operations.iter();
            operations.filter(|one| one.action == Action::Fail)
        };
        let own = failed().filter(|one| one.kind == ResourceKind::Service);
        Failures {
            first: failed().next(),
            // Of several, the first one counts.
            own: own
                .rev()
                .map(|one| (one.resource.as_str(), one.cause.as_str()))
                .collect(),
        }
    }

    /// Whether an operation would fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.operations
            .iter()
            .any(|operation| operation.action == Action::Fail)
    }
}

/// Why `up` fails, for the services that it fails for.
#[derive(Debug)]
pub struct Failures<'a> {
    first: Option<&'a Operation>,
    /// The causes of services, by their names.
    own: HashMap<&'a str, &'a str>,
}

impl Failures<'_> {
    /// Why `up` fails for a service: its own operation does, or else another one before.
    #[must_use]
    pub fn of(&self, service: &str) -> Option<String> {
        if let Some(own) = self.own.get(service) {
            return Some((*own).to_owned());
        }
        let first = self.first?;
        let (resource, cause) = (&first.resource, &first.cause);
        let is_named = cause.contains(&format!("`{resource}`"));
        Some(match first.kind {
            ResourceKind::Service if !is_named => format!("service `{resource}`: {cause}"),
            _ => cause.clone(),
        })
    }
}
