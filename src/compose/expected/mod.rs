//! A model in canonical form becomes a state: the types that cannot hold a wrong port or mount.

mod config;
mod copies;
mod environment;
mod inherit;
mod listed;
mod mounts;
mod networks;
mod reading;
mod seccomp;
mod sent;
mod service;
mod stack;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::interpolate::Unset;
use super::loader::{LoadContext, Loader};
use super::normalize::{empty_network_mode, normalize};
use super::notes::Stop;
use super::tree::Node;
use super::{check, values, view};
use crate::orchestrator::Orchestrator;
use crate::redact::{HIDDEN, is_hidden_path, is_variable};
use crate::state::{State, Unused, VERSION};

/// The state that a project asks for.
pub(super) fn project(
    loader: &mut Loader,
    mut model: Node,
    name: &str,
    context: &LoadContext,
    profiles: &[String],
) -> Result<State, Stop> {
    let is_stack = loader.orchestrator == Orchestrator::Swarm;
    if is_stack {
        stack::leave_out(&mut model);
    }
    normalize(&mut model, name);
    values::check(&model, &mut loader.notes);
    loader.notes.go_on()?;
    let disabled = disable(&mut model, profiles);
    check::project(&model, &disabled, loader.orchestrator, &mut loader.notes);
    empty_network_mode(&mut model);
    loader.notes.go_on()?;
    let sources = loader.notes.sources.clone();
    let mut reader = Reader {
        loader,
        context,
        root: &model,
        unset: BTreeMap::new(),
    };
    // What a provider runs is not a container of Compose's.
    let own = view::services(&model, &sources).filter(|service| service.get("provider").is_none());
    let mut services: BTreeMap<_, _> = own
        .map(|service| (service.name.to_owned(), service::read(&mut reader, service)))
        .collect();
    inherit::mounts(&model, &mut services, &mut reader.loader.notes);
    let networks = networks::networks(&mut reader, &services);
    let volumes = networks::volumes(&mut reader, &services);
    let used = |section: &str| -> BTreeSet<String> {
        match section {
            "networks" => networks
                .values()
                .map(|network| network.name.clone())
                .collect(),
            _ => volumes.values().map(|volume| volume.name.clone()).collect(),
        }
    };
    let declared = |section: &str| -> BTreeSet<String> {
        let all = model.section(section);
        all.filter_map(|(_, entry)| entry.value.get("name")?.scalar())
            .filter(|name| !name.is_empty())
            .collect()
    };
    let unused = Unused {
        services: disabled,
        networks: &declared("networks") - &used("networks"),
        volumes: &declared("volumes") - &used("volumes"),
    };
    let stack = is_stack.then(|| stack::stack(&mut reader, name, &services, &volumes));
    let unset = reader.unset;
    loader.notes.go_on()?;
    let required = std::mem::take(&mut loader.notes.required);
    Ok(State {
        version: VERSION,
        salt: None,
        project: name.to_owned(),
        networks,
        volumes,
        services,
        stack,
        unset,
        required,
        unused,
        live: None,
    })
}

/// Removes the services whose profile is not enabled, and returns their names.
fn disable(model: &mut Node, profiles: &[String]) -> BTreeSet<String> {
    let mut disabled = BTreeSet::new();
    let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) else {
        return disabled;
    };
    services.retain(|name, entry| {
        let own = entry
            .value
            .get("profiles")
            .map(Node::items)
            .unwrap_or_default();
        let is_asked = |own: &Node| {
            let own = own.as_text().unwrap_or_default();
            profiles.iter().any(|profile| profile == own)
        };
        let is_enabled = own.is_empty()
            || profiles.iter().any(|profile| profile == "*")
            || own.iter().any(is_asked);
        if !is_enabled {
            disabled.insert(name.clone());
        }
        is_enabled
    });
    disabled
}

/// A text that is not empty: an empty one means that the field is not set.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Reads the values of a model, and notes those that are unknown.
struct Reader<'a> {
    loader: &'a mut Loader,
    context: &'a LoadContext,
    root: &'a Node,
    unset: BTreeMap<String, Vec<String>>,
}

impl Reader<'_> {
    /// Notes a field that is unknown because these variables are not set.
    fn note(&mut self, path: &str, names: &[String]) {
        let is_hidden = is_hidden_path(path);
        let known = self.unset.entry(path.to_owned()).or_default();
        // What a `$` makes a variable may be a part of a password.
        let shown = |name: &String| {
            if is_hidden && !is_variable(name) {
                HIDDEN.to_owned()
            } else {
                name.clone()
            }
        };
        // Each value names a variable once, so that only those of several values are looked for.
        let mut seen: HashSet<String> = known.iter().cloned().collect();
        let names = names.iter().map(shown);
        known.extend(names.filter(|name| seen.insert(name.clone())));
    }

    /// Whether a value is known; one that is not is noted.
    fn is_known(&mut self, node: &Node) -> bool {
        if let Some(unset) = &node.unset {
            self.note(&unset.path, &unset.names);
        }
        node.unset.is_none()
    }

    /// Whether all fields of a mapping are known; those that are not are noted.
    fn all_known(&mut self, node: &Node) -> bool {
        let mut all = self.is_known(node);
        for (_, entry) in node.entries() {
            all &= self.is_known(&entry.value);
        }
        all
    }

    /// Whether a value and all that is below it are known; what is not is noted.
    fn is_wholly_known(&mut self, node: &Node) -> bool {
        let mut all = self.is_known(node);
        for (_, entry) in node.entries() {
            all &= self.is_wholly_known(&entry.value);
        }
        for item in node.items() {
            all &= self.is_wholly_known(item);
        }
        all
    }

    /// A scalar as text. An unknown one stays as it is written.
    fn text(&mut self, node: Option<&Node>) -> Option<String> {
        let node = node?;
        self.is_known(node);
        node.scalar()
    }

    /// A scalar as text, for a field that has to be understood.
    fn known(&mut self, node: Option<&Node>) -> Option<String> {
        let node = node?;
        if self.is_known(node) {
            node.scalar()
        } else {
            None
        }
    }

    fn boolean(&mut self, node: Option<&Node>) -> Option<bool> {
        let node = node?;
        self.is_known(node);
        view::flag(node)
    }

    /// A whole number.
    fn whole(&mut self, node: Option<&Node>) -> Option<i64> {
        let node = node?;
        self.is_known(node);
        view::whole(node)
    }

    /// A list of texts, or one text.
    fn texts(&mut self, node: Option<&Node>) -> Vec<String> {
        let Some(node) = node else { return Vec::new() };
        view::scalars(node)
            .iter()
            .filter_map(|item| self.text(Some(item)))
            .collect()
    }

    /// A list of `KEY=VALUE`, or a mapping. What is unknown is noted below `path`.
    fn pairs(&mut self, node: Option<&Node>, path: &str) -> BTreeMap<String, String> {
        let mut pairs = BTreeMap::new();
        for (key, value, at) in node.into_iter().flat_map(view::pairs) {
            if let Some(unset) = &at.unset {
                self.note(&format!("{path}.{key}"), &unset.names);
            }
            pairs.insert(key, value.unwrap_or_default());
        }
        pairs
    }

    /// Whether a value comes from a variable that may be secret.
    fn is_from_secret(&self, node: &Node) -> bool {
        self.loader.notes.from_secrets.contains(&node.at)
    }

    /// Whether variables that are not set are kept, instead of being replaced with an empty text.
    fn keeps(&self) -> bool {
        self.loader.unset == Unset::Keep
    }
}
