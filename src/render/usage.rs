//! What the templates are given, and which of it they read.
//!
//! A spec value that no template reads is a promise that nothing keeps, so every leaf remembers
//! whether it was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::definition::PLACEHOLDER;
use super::marks::{self, Marks};
use super::structure::{Structure, bare};
use crate::source::{Place, Segment, TextPart};
use crate::yaml::{Tree, TreeContent};

/// A value for the templates, with the place in a spec that it came from.
#[derive(Debug)]
pub(super) enum Node {
    /// A text, number or boolean.
    Leaf(Leaf),
    /// Names to values, and the order in which they are written.
    Map(BTreeMap<String, Arc<Node>>, Order),
    /// Values in order.
    List(Vec<Arc<Node>>),
}

/// The order of a mapping: these names first, then the others by name.
pub(super) type Order = &'static [&'static str];

#[derive(Debug)]
pub(super) struct Leaf {
    value: Value,
    kind: LeafKind,
    origin: Option<Place>,
    /// The other places that it is made of.
    others: Vec<Place>,
    is_read: AtomicBool,
}

impl Leaf {
    /// Whether a template read it.
    pub(super) fn is_read(&self) -> bool {
        self.is_read.load(Ordering::Relaxed)
    }

    /// All places in specs that it came from.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Place> {
        self.origin.iter().chain(&self.others)
    }
}

/// What a leaf is to Compose.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LeafKind {
    /// A value, in which a `$` means nothing.
    Plain,
    /// A text that ends in a variable, given by its expression, as `{TAG:?why}`.
    Variable(String),
    /// A text of a Compose file, in which Compose fills in variables.
    Compose,
    /// The digest of the definition around it.
    Digest,
}

impl Node {
    /// A value that is composegen's own, so that no template has to read it.
    pub(super) fn own(value: impl Into<Value>) -> Arc<Self> {
        Self::leaf(value, LeafKind::Plain, None)
    }

    /// A value of a spec, which some template has to read.
    pub(super) fn from_spec(value: impl Into<Value>, origin: &Place) -> Arc<Self> {
        Self::leaf(value, LeafKind::Plain, Some(origin.clone()))
    }

    /// A value that is made of several of a spec.
    pub(super) fn from_specs(
        value: impl Into<Value>,
        origin: &Place,
        others: &[&Place],
    ) -> Arc<Self> {
        Self::made_of(value, LeafKind::Plain, Some(origin.clone()), others)
    }

    /// A text of a spec that ends in a variable, given by its expression without the `$`.
    pub(super) fn with_variable(
        text: String,
        variable: Option<String>,
        origin: &Place,
    ) -> Arc<Self> {
        let kind = variable.map_or(LeafKind::Plain, LeafKind::Variable);
        Self::leaf(text, kind, Some(origin.clone()))
    }

    /// Names to values.
    pub(super) fn map<K: Into<String>>(
        entries: impl IntoIterator<Item = (K, Arc<Self>)>,
    ) -> Arc<Self> {
        Self::in_order(&[], entries)
    }

    /// Names to values that are written in an order.
    pub(super) fn in_order<K: Into<String>>(
        order: Order,
        entries: impl IntoIterator<Item = (K, Arc<Self>)>,
    ) -> Arc<Self> {
        let entries = entries.into_iter().map(|(key, node)| (key.into(), node));
        Arc::new(Self::Map(entries.collect(), order))
    }

    /// A mapping with these entries instead of, or beside, its own.
    pub(super) fn with<K: Into<String>>(
        &self,
        entries: impl IntoIterator<Item = (K, Arc<Self>)>,
    ) -> Arc<Self> {
        let (mut own, order) = match self {
            Self::Map(own, order) => (own.clone(), *order),
            _ => (BTreeMap::new(), &[][..]),
        };
        own.extend(entries.into_iter().map(|(key, node)| (key.into(), node)));
        Arc::new(Self::Map(own, order))
    }

    /// A mapping without the entries of these names.
    pub(super) fn without(&self, names: &[&str]) -> Arc<Self> {
        let (mut own, order) = match self {
            Self::Map(own, order) => (own.clone(), *order),
            _ => (BTreeMap::new(), &[][..]),
        };
        own.retain(|name, _| !names.contains(&name.as_str()));
        Arc::new(Self::Map(own, order))
    }

    /// The digest of the definition around it.
    pub(super) fn digest() -> Arc<Self> {
        Self::leaf(PLACEHOLDER, LeafKind::Digest, None)
    }

    /// A part of a Compose file that a spec has in Compose's own syntax.
    pub(super) fn compose(tree: &Tree) -> Arc<Self> {
        Self::of_tree(tree, &LeafKind::Compose)
    }

    /// A text of a Compose file.
    pub(super) fn compose_text(text: &str, origin: &Place) -> Arc<Self> {
        Self::leaf(text, LeafKind::Compose, Some(origin.clone()))
    }

    /// A free value of a spec.
    pub(super) fn value_of(tree: &Tree) -> Arc<Self> {
        Self::of_tree(tree, &LeafKind::Plain)
    }

    fn of_tree(tree: &Tree, kind: &LeafKind) -> Arc<Self> {
        match tree.content() {
            TreeContent::Scalar(value) => {
                Self::leaf(scalar(value), kind.clone(), Some(tree.place()))
            }
            TreeContent::List(items) => {
                Self::list(items.iter().map(|item| Self::of_tree(item, kind)))
            }
            TreeContent::Map(entries) => Self::map(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str(), Self::of_tree(value, kind))),
            ),
        }
    }

    /// Values in order.
    pub(super) fn list(items: impl IntoIterator<Item = Arc<Self>>) -> Arc<Self> {
        Arc::new(Self::List(items.into_iter().collect()))
    }

    fn leaf(value: impl Into<Value>, kind: LeafKind, origin: Option<Place>) -> Arc<Self> {
        Self::made_of(value, kind, origin, &[])
    }

    fn made_of(
        value: impl Into<Value>,
        kind: LeafKind,
        origin: Option<Place>,
        others: &[&Place],
    ) -> Arc<Self> {
        Arc::new(Self::Leaf(Leaf {
            value: value.into(),
            kind,
            origin,
            others: others.iter().map(|place| (*place).clone()).collect(),
            is_read: AtomicBool::new(false),
        }))
    }

    /// The value as templates see it; a leaf counts as read.
    pub(super) fn value(self: &Arc<Self>, marks: Marks) -> Value {
        let Self::Leaf(leaf) = &**self else {
            return Value::from_object(Tracked(Arc::clone(self), marks));
        };
        leaf.is_read.store(true, Ordering::Relaxed);
        match (&leaf.kind, leaf.value.as_str()) {
            (LeafKind::Variable(variable), _) => {
                Value::from(format!("{}{}{variable}", leaf.value, marks.dollar))
            }
            (LeafKind::Digest, _) => Value::from(marks.digest.to_string()),
            (LeafKind::Compose, Some(text)) if text.contains('$') => {
                Value::from(text.replace('$', &marks.dollar.to_string()))
            }
            _ => leaf.value.clone(),
        }
    }

    /// The value under a name, where this is a map.
    pub(super) fn get(&self, name: &str, marks: Marks) -> Option<Value> {
        self.entry(name).map(|node| node.value(marks))
    }

    /// The node under a name, where this is a map.
    pub(super) fn entry(&self, name: &str) -> Option<&Arc<Self>> {
        match self {
            Self::Map(entries, _) => entries.get(name),
            _ => None,
        }
    }

    /// The node one step below: under a name, or at an index.
    pub(super) fn step(&self, step: &str) -> Option<&Arc<Self>> {
        match self {
            Self::Map(entries, _) => entries.get(step),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            Self::Leaf(_) => None,
        }
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Arc<Self>)> {
        let entries = match self {
            Self::Map(entries, _) => Some(entries),
            _ => None,
        };
        entries
            .into_iter()
            .flatten()
            .map(|(name, node)| (name.as_str(), node))
    }

    /// The entries of a map or a list.
    pub(super) fn children(&self) -> impl Iterator<Item = &Arc<Self>> {
        let (map, list) = match self {
            Self::Map(entries, _) => (Some(entries.values()), None),
            Self::List(items) => (None, Some(items)),
            Self::Leaf(_) => (None, None),
        };
        map.into_iter().flatten().chain(list.into_iter().flatten())
    }

    /// The text that it is, without counting as read.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Leaf(leaf) => leaf.value.as_str(),
            _ => None,
        }
    }

    /// Whether it is a text, number or boolean, and not nothing.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self, Self::Leaf(leaf) if !leaf.value.is_none())
    }

    /// How many entries a list has.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::List(items) => Some(items.len()),
            _ => None,
        }
    }

    /// The node at a route, or the last one on the way to it that is there; and how many steps lead to it.
    pub(super) fn nearest(self: &Arc<Self>, route: &[&Segment]) -> (&Arc<Self>, usize) {
        let mut at = self;
        let mut steps = 0;
        for step in route {
            let next = match (&**at, step) {
                (Self::Map(entries, _), Segment::Key(key)) => entries.get(key),
                (Self::List(items), Segment::Index(index)) => items.get(*index),
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
            steps += 1;
        }
        (at, steps)
    }

    /// Whether something in the tree was read.
    pub(super) fn is_read(&self) -> bool {
        let mut leaves = Vec::new();
        self.leaves(&mut leaves);
        leaves.iter().any(|leaf| leaf.is_read())
    }

    /// Takes everything in the tree for read: it is known to be in the file.
    pub(super) fn mark_read(&self) {
        let mut leaves = Vec::new();
        self.leaves(&mut leaves);
        for leaf in leaves {
            leaf.is_read.store(true, Ordering::Relaxed);
        }
    }

    /// Takes everything for read but free values, which nothing else than a template can use.
    pub(super) fn mark_read_but_values(&self) {
        match self {
            Self::Map(entries, _) => {
                entries
                    .iter()
                    .filter(|(name, _)| *name != "values")
                    .for_each(|(_, node)| node.mark_read_but_values());
            }
            _ => self.mark_read(),
        }
    }

    /// The first place in a spec that something in the tree came from.
    pub(super) fn origin(&self) -> Option<&Place> {
        match self {
            Self::Leaf(leaf) => leaf.origin.as_ref(),
            Self::Map(entries, _) => entries.values().find_map(|node| node.origin()),
            Self::List(items) => items.iter().find_map(|node| node.origin()),
        }
    }

    /// How many steps lead to the first place of [`Node::origin`].
    pub(super) fn depth(&self) -> Option<usize> {
        match self {
            Self::Leaf(leaf) => leaf.origin.as_ref().map(|_| 0),
            Self::Map(entries, _) => entries.values().find_map(|node| Some(node.depth()? + 1)),
            Self::List(items) => items.iter().find_map(|node| Some(node.depth()? + 1)),
        }
    }

    /// The place of a value called `name`: its key, where the spec has one of that name, or else the first that is in it.
    pub(super) fn named(&self, name: &Segment) -> Option<Place> {
        let first = self.origin()?;
        let (TextPart::Value(path), Some(below)) = (&first.at, self.depth()) else {
            return Some(first.clone());
        };
        let own = path.above(below);
        if below == 0 || own.segments().last() != Some(&name) {
            return Some(first.clone());
        }
        Some(Place::key(&first.source, own))
    }

    /// The tree as YAML is made of it, without counting anything as read.
    pub(super) fn structure(&self) -> Structure {
        match self {
            Self::Leaf(leaf) => match (&leaf.kind, leaf.value.as_str()) {
                (LeafKind::Digest, _) => Structure::Digest,
                (LeafKind::Variable(variable), text) => {
                    let text = text.unwrap_or_default().replace('$', "$$");
                    Structure::Text(format!("{text}${variable}"))
                }
                (LeafKind::Compose, Some(text)) => Structure::Text(text.to_owned()),
                (_, Some(text)) => Structure::Text(text.replace('$', "$$")),
                (_, None) if leaf.value.is_none() => Structure::Bare("null".to_owned()),
                (_, None) => Structure::Bare(bare(&leaf.value)),
            },
            Self::List(items) => {
                Structure::List(items.iter().map(|item| item.structure()).collect())
            }
            Self::Map(entries, order) => Structure::Map(
                in_order(entries, order)
                    .filter_map(|key| Some((key.to_owned(), entries.get(key)?.structure())))
                    .collect(),
            ),
        }
    }

    /// Notes the characters of all texts in the tree that marks could be chosen from.
    pub(super) fn note_characters(&self, used: &mut BTreeSet<char>) {
        match self {
            Self::Leaf(leaf) => {
                if let Some(text) = leaf.value.as_str() {
                    marks::note(used, text);
                }
                if let LeafKind::Variable(variable) = &leaf.kind {
                    marks::note(used, variable);
                }
            }
            Self::Map(entries, _) => {
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
            Self::Map(entries, _) => {
                for (name, node) in entries {
                    into.insert(name);
                    node.names(into);
                }
            }
            Self::List(items) => items.iter().for_each(|node| node.names(into)),
        }
    }

    /// The names that it has itself.
    pub(super) fn own_names(&self) -> BTreeSet<&str> {
        match self {
            Self::Map(entries, _) => entries.keys().map(String::as_str).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.value.is_none(),
            Self::Map(entries, _) => entries.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }

    /// All leaves of the tree.
    pub(super) fn leaves<'a>(&'a self, into: &mut Vec<&'a Leaf>) {
        match self {
            Self::Leaf(leaf) => into.push(leaf),
            Self::Map(entries, _) => entries.values().for_each(|node| node.leaves(into)),
            Self::List(items) => items.iter().for_each(|node| node.leaves(into)),
        }
    }
}

/// A text, number or boolean of a spec, or nothing.
fn scalar(value: &serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Bool(value) => Value::from(*value),
        serde_yaml::Value::Number(number) => number
            .as_u64()
            .map(Value::from)
            .or_else(|| number.as_i64().map(Value::from))
            .or_else(|| number.as_f64().map(Value::from))
            .unwrap_or_default(),
        serde_yaml::Value::String(text) => Value::from(text.as_str()),
        _ => Value::from(()),
    }
}

/// The names of a mapping in the order in which they are written.
fn in_order(entries: &BTreeMap<String, Arc<Node>>, order: Order) -> impl Iterator<Item = &str> {
    let first = order
        .iter()
        .filter_map(|key| entries.get_key_value(*key))
        .map(|(key, _)| key.as_str());
    let others = entries.keys().map(String::as_str);
    first.chain(others.filter(|key| !order.contains(key)))
}

/// A map or list of a tree, as a template's object; with what stands for variables and digests.
#[derive(Debug)]
struct Tracked(Arc<Node>, Marks);

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
            Node::Map(entries, order) => {
                Enumerator::Values(in_order(entries, order).map(Value::from).collect())
            }
            Node::List(items) => Enumerator::Seq(items.len()),
            Node::Leaf(_) => Enumerator::NonEnumerable,
        }
    }
}
