//! What the templates are given, and which of it they read.
//!
//! A spec value that no template reads is a promise that nothing keeps, so every leaf remembers
//! whether it was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::marks;
use crate::source::{At, Place};

/// A value for the templates, with the place in a spec that it came from.
#[derive(Debug)]
pub(super) enum Node {
    /// A text, number or boolean.
    Leaf(Leaf),
    /// Names to values.
    Map(BTreeMap<String, Arc<Node>>),
    /// Values in order.
    List(Vec<Arc<Node>>),
}

#[derive(Debug)]
pub(super) struct Leaf {
    value: Value,
    /// The expression of a variable, as `{TAG:?why}`, that follows the value; Compose fills it in.
    variable: Option<String>,
    origin: Option<Place>,
    is_read: AtomicBool,
}

impl Node {
    /// A value that is composegen's own, so that no template has to read it.
    pub(super) fn own(value: impl Into<Value>) -> Arc<Self> {
        Self::leaf(value, None, None)
    }

    /// A value of a spec, which some template has to read.
    pub(super) fn from_spec(value: impl Into<Value>, origin: &Place) -> Arc<Self> {
        Self::leaf(value, None, Some(origin.clone()))
    }

    /// A text of a spec that ends in a variable, given by its expression without the `$`.
    pub(super) fn with_variable(
        text: String,
        variable: Option<String>,
        origin: &Place,
    ) -> Arc<Self> {
        Self::leaf(text, variable, Some(origin.clone()))
    }

    /// Names to values.
    pub(super) fn map<K: Into<String>>(
        entries: impl IntoIterator<Item = (K, Arc<Self>)>,
    ) -> Arc<Self> {
        let entries = entries.into_iter().map(|(key, node)| (key.into(), node));
        Arc::new(Self::Map(entries.collect()))
    }

    /// Values in order.
    pub(super) fn list(items: impl IntoIterator<Item = Arc<Self>>) -> Arc<Self> {
        Arc::new(Self::List(items.into_iter().collect()))
    }

    fn leaf(value: impl Into<Value>, variable: Option<String>, origin: Option<Place>) -> Arc<Self> {
        Arc::new(Self::Leaf(Leaf {
            value: value.into(),
            variable,
            origin,
            is_read: AtomicBool::new(false),
        }))
    }

    /// The value as templates see it; a leaf counts as read. `dollar` stands for the `$` of
    /// variables.
    pub(super) fn value(self: &Arc<Self>, dollar: char) -> Value {
        match &**self {
            Self::Leaf(leaf) => {
                leaf.is_read.store(true, Ordering::Relaxed);
                match &leaf.variable {
                    Some(variable) => Value::from(format!("{}{dollar}{variable}", leaf.value)),
                    None => leaf.value.clone(),
                }
            }
            _ => Value::from_object(Tracked(Arc::clone(self), dollar)),
        }
    }

    /// The value under a name, where this is a map.
    pub(super) fn get(&self, name: &str, dollar: char) -> Option<Value> {
        match self {
            Self::Map(entries) => entries.get(name).map(|node| node.value(dollar)),
            _ => None,
        }
    }

    /// Notes the characters of all texts in the tree that marks could be chosen from.
    pub(super) fn note_characters(&self, used: &mut BTreeSet<char>) {
        match self {
            Self::Leaf(leaf) => {
                if let Some(text) = leaf.value.as_str() {
                    marks::note(used, text);
                }
                if let Some(variable) = &leaf.variable {
                    marks::note(used, variable);
                }
            }
            Self::Map(entries) => {
                for (name, node) in entries {
                    marks::note(used, name);
                    node.note_characters(used);
                }
            }
            Self::List(items) => items.iter().for_each(|node| node.note_characters(used)),
        }
    }

    /// All names in the tree, for "did you mean".
    pub(super) fn names<'a>(&'a self, into: &mut BTreeSet<&'a str>) {
        match self {
            Self::Leaf(_) => {}
            Self::Map(entries) => {
                for (name, node) in entries {
                    into.insert(name);
                    node.names(into);
                }
            }
            Self::List(items) => items.iter().for_each(|node| node.names(into)),
        }
    }

    fn leaves<'a>(&'a self, into: &mut Vec<&'a Leaf>) {
        match self {
            Self::Leaf(leaf) => into.push(leaf),
            Self::Map(entries) => entries.values().for_each(|node| node.leaves(into)),
            Self::List(items) => items.iter().for_each(|node| node.leaves(into)),
        }
    }
}

/// The places of all spec values that none of the trees' readers read, in order, each once.
pub(super) fn unread<'a>(trees: impl IntoIterator<Item = &'a Arc<Node>>) -> Vec<Place> {
    let mut leaves = Vec::new();
    for tree in trees {
        tree.leaves(&mut leaves);
    }
    // One place can be in several trees: a service of the catalogue does in every environment.
    let mut places: BTreeMap<(&str, String), (&Place, bool)> = BTreeMap::new();
    for leaf in leaves {
        let Some(origin) = &leaf.origin else { continue };
        let At::Value(path) = &origin.at else {
            continue;
        };
        let is_read = leaf.is_read.load(Ordering::Relaxed);
        let key = (origin.source.name.as_str(), path.to_string());
        places.entry(key).or_insert((origin, false)).1 |= is_read;
    }
    let unread = places.into_values().filter(|(_, is_read)| !is_read);
    unread.map(|(place, _)| place.clone()).collect()
}

/// A map or list of a tree, as a template's object; with what stands for the `$` of variables.
#[derive(Debug)]
struct Tracked(Arc<Node>, char);

impl Object for Tracked {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match *self.0 {
            Node::List(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match &*self.0 {
            Node::List(items) => Some(items.get(key.as_usize()?)?.value(self.1)),
            map => map.get(key.as_str()?, self.1),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &*self.0 {
            Node::Map(entries) => Enumerator::Values(
                entries
                    .keys()
                    .map(|key| Value::from(key.as_str()))
                    .collect(),
            ),
            Node::List(items) => Enumerator::Seq(items.len()),
            Node::Leaf(_) => Enumerator::NonEnumerable,
        }
    }
}
