//! What a model in canonical form says, field by field: the one reader of ports, mounts, networks and
//! the like. The state that a file asks for is made of it, and rules look at it; what depends on a
//! variable without a value is a hole to both.

mod at;
mod mount;
mod port;
mod restart;

pub(crate) use at::{At, Pair};
pub(super) use at::{flag, pairs, scalars, whole};
pub(crate) use mount::Mount;
pub(in crate::compose) use mount::is_created;
pub(crate) use port::{Address, HostPort, Port};
pub(crate) use restart::Restart;
pub(super) use restart::restart;

use std::collections::BTreeSet;

use super::notes::Sources;
use super::tree::Node;
use crate::fields::{self, capability};
use crate::source::Place;
use crate::state::STARTED;

/// A service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service<'a> {
    pub(crate) name: &'a str,
    pub(crate) at: At<'a>,
}

/// A service that another waits for.
#[derive(Debug, Clone)]
pub(crate) struct Dependency<'a> {
    pub(crate) name: &'a str,
    /// What is waited for, as `service_started`.
    pub(crate) condition: String,
    pub(crate) is_required: bool,
    /// Whether the service is restarted when that one is recreated.
    pub(crate) restarts: bool,
    /// Where it is named.
    pub(crate) at: At<'a>,
}

/// The services of a model.
pub(super) fn services<'a>(
    model: &'a Node,
    sources: &'a Sources,
) -> impl Iterator<Item = Service<'a>> {
    let entries = At::root(model, sources)
        .get("services")
        .into_iter()
        .flat_map(At::entries);
    entries.map(|(name, at)| Service { name, at })
}

impl<'a> Service<'a> {
    /// The place of its name.
    pub(crate) fn place(self) -> Place {
        self.at.key_place()
    }

    /// A field that is set.
    pub(crate) fn get(self, key: &str) -> Option<At<'a>> {
        self.at.field(key)
    }

    /// What is at the end of a path of keys, where it is set.
    pub(crate) fn dig(self, keys: &[&str]) -> Option<At<'a>> {
        self.at.dig(keys)
    }

    /// A limit, in its own field and below `deploy`, where it is set.
    pub(crate) fn limits(self, own: &str) -> impl Iterator<Item = At<'a>> {
        let deploy = fields::limits().find(|(limit, _)| *limit == own);
        let deployed =
            deploy.and_then(|(_, path)| path.split('.').try_fold(self.at, |at, key| at.field(key)));
        self.get(own).into_iter().chain(deployed)
    }

    /// A scalar as text.
    pub(crate) fn text(self, key: &str) -> Option<String> {
        self.get(key)?.text()
    }

    /// Whether it runs only without another one: each has profiles, and they share none.
    pub(crate) fn replaces(self, other: Self) -> bool {
        let profiles = |service: Self| service.texts("profiles").map(|(profile, _)| profile);
        let own: BTreeSet<String> = profiles(self).collect();
        let mut others = profiles(other).peekable();
        !own.is_empty() && others.peek().is_some() && others.all(|profile| !own.contains(&profile))
    }

    /// Whether a field says yes.
    pub(crate) fn is_on(self, key: &str) -> bool {
        self.at.is_on(key)
    }

    /// The items of a list.
    pub(crate) fn items(self, key: &str) -> impl Iterator<Item = At<'a>> {
        self.get(key).into_iter().flat_map(At::items)
    }

    /// The scalars of a list, or the one that is in its place.
    pub(crate) fn texts(self, key: &str) -> impl Iterator<Item = (String, At<'a>)> {
        self.get(key).into_iter().flat_map(At::texts)
    }

    /// The capabilities under a key, as the engine writes them.
    pub(crate) fn capabilities(self, key: &str) -> impl Iterator<Item = (String, At<'a>)> {
        let texts = self.texts(key);
        texts.map(|(text, at)| (capability(&text), at))
    }

    /// What it mounts.
    pub(crate) fn mounts(self) -> impl Iterator<Item = Mount<'a>> {
        self.items("volumes").filter_map(Mount::read)
    }

    /// What it publishes.
    pub(crate) fn ports(self) -> impl Iterator<Item = Port<'a>> {
        self.items("ports").filter_map(|at| Port::read(at).ok())
    }

    /// The networks that it joins, by their keys.
    pub(crate) fn networks(self) -> impl Iterator<Item = (&'a str, At<'a>)> {
        let joined = self.get("networks");
        let joined =
            joined.filter(|_| self.text("network_mode").is_none_or(|mode| mode.is_empty()));
        let own = self.at;
        joined
            .into_iter()
            .flat_map(At::entries)
            .map(move |(key, mut at)| {
                // One that the file does not name is joined where the service is named.
                if at.key == own.node.at {
                    at.key = own.key;
                }
                (key, at)
            })
    }

    /// The services that it waits for.
    pub(crate) fn needs(self) -> impl Iterator<Item = Dependency<'a>> {
        let needs = self.get("depends_on").into_iter().flat_map(At::entries);
        needs.map(|(name, at)| {
            let condition = at.field("condition").and_then(|at| at.text());
            Dependency {
                name,
                condition: condition.unwrap_or_else(|| STARTED.to_owned()),
                is_required: at.get("required").and_then(|at| at.flag()) != Some(false),
                restarts: at.is_on("restart"),
                at,
            }
        })
    }

    /// How many of it run: `scale`, or `deploy.replicas`; one, where neither says a number.
    pub(crate) fn replicas(self) -> u32 {
        let number = |at: At<'_>| whole(at.node);
        let scale = self.get("scale").and_then(number);
        let number = scale.or_else(|| number(self.dig(&["deploy", "replicas"])?));
        u32::try_from(number.unwrap_or(1)).unwrap_or(u32::MAX)
    }
}
