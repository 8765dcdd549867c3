//! A Compose file as a tree of values, each of which knows where it was written.
//!
//! Values from several files end up in one tree, so a place is a mark into the table of all texts
//! that were read ([`super::notes::Notes`]).

mod events;
mod map;
mod outline;
mod parse;
mod raw;
mod resets;
mod scalar;

use std::ops::Range;

pub(super) use events::flow;
pub(super) use map::Map;
pub(super) use outline::outline;
pub(super) use parse::{Document, MAX_COPIED, documents};
pub(super) use raw::MAX_DEPTH;
pub(super) use resets::Resets;
pub(crate) use scalar::float_text;
pub(super) use scalar::plain;

/// Where something was written: a text, and its first and last byte there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Mark {
    pub(super) source: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Mark {
    /// The bytes of the text.
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) at: Mark,
    /// Why a text is not known: a variable in it has no value.
    pub(super) unset: Option<Box<UnsetVariables>>,
}

/// A text that names variables without a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UnsetVariables {
    /// Its path in the file that it was written in.
    pub(super) path: String,
    /// The variables.
    pub(super) names: Vec<String>,
}

/// What a value is: the kinds that Compose's own YAML reader distinguishes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Kind {
    #[default]
    Null,
    Bool(bool),
    Int(Whole),
    Float(f64),
    /// A bare date, which Compose does not accept as text.
    Date,
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// A value with the key that names it.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) key_at: Mark,
    pub(super) value: Node,
}

impl PartialEq for Node {
    /// Whether two values are the same, wherever they were written.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    pub(super) fn new(kind: Kind, at: Mark) -> Self {
        Self {
            kind,
            at,
            unset: None,
        }
    }

    pub(super) fn text(text: impl Into<String>, at: Mark) -> Self {
        Self::new(Kind::Text(text.into()), at)
    }

    pub(super) fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_list_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key of a mapping, also if it is null.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).map(|entry| &entry.value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?
            .get_mut(key)
            .map(|entry| &mut entry.value)
    }

    /// The value of a key of a mapping, unless it is null.
    pub(super) fn field(&self, key: &str) -> Option<&Node> {
        self.get(key).filter(|field| !field.is_null())
    }

    /// The entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.get(key)
    }

    /// The entries, if this is a mapping.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.as_map()
            .into_iter()
            .flatten()
            .map(|(key, entry)| (key.as_str(), entry))
    }

    /// The entries of a mapping whose keys are the user's own, as Compose reads them: it takes those
    /// that begin with `x-` for extensions everywhere, and one field is left of them, which
    /// holds their text in Go's form (compose-go, `loader/loader.go`, `processExtensions`).
    pub(super) fn own_entries(&self) -> Vec<(&str, Option<String>, &Node)> {
        let mut own = Vec::new();
        let mut extensions = Vec::new();
        for (key, entry) in self.entries() {
            let text = entry.value.scalar();
            if key.starts_with("x-") {
                extensions.push(format!("{key}:{}", text.as_deref().unwrap_or("<nil>")));
            } else {
                own.push((key, text, &entry.value));
            }
        }
        if !extensions.is_empty() {
            let text = format!("map[{}]", extensions.join(" "));
            own.push(("#extensions", Some(text), self));
        }
        own
    }

    /// The items, if this is a list.
    pub(super) fn items(&self) -> &[Node] {
        self.as_list().unwrap_or_default()
    }

    /// The items of the list under a key.
    pub(super) fn list(&self, key: &str) -> &[Node] {
        self.get(key).map(Self::items).unwrap_or_default()
    }

    /// The items of the list under a key, for changing them.
    pub(super) fn items_mut(&mut self, key: &str) -> impl Iterator<Item = &mut Node> {
        self.get_mut(key)
            .and_then(Node::as_list_mut)
            .into_iter()
            .flatten()
    }

    /// The text under a key; none if it is empty.
    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text().filter(|text| !text.is_empty())
    }

    /// Whether the value of a key is `true`.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.get(key).map(|node| &node.kind) == Some(&Kind::Bool(true))
    }

    /// The value at the end of these keys.
    pub(super) fn dig(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of the mapping under a key, as `services`.
    pub(super) fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Entry)> {
        self.get(name).into_iter().flat_map(Node::entries)
    }

    /// Like `section`, for changing the values.
    pub(super) fn section_mut(&mut self, name: &str) -> impl Iterator<Item = (&String, &mut Node)> {
        self.get_mut(name)
            .and_then(Node::as_map_mut)
            .into_iter()
            .flatten()
            .map(|(key, entry)| (key, &mut entry.value))
    }

    /// Sets a field of a mapping, as if it were written at `at`.
    pub(super) fn set(&mut self, key: &str, value: Node, at: Mark) {
        if let Some(map) = self.as_map_mut() {
            map.insert(key.to_owned(), Entry { key_at: at, value });
        }
    }

    /// How much a value takes: one for each value in it, and one for every few bytes of text.
    pub(super) fn size(&self) -> usize {
        1 + match &self.kind {
            Kind::Text(text) => text_size(text),
            Kind::List(items) => items.iter().map(Self::size).sum(),
            Kind::Map(map) => map
                .iter()
                .map(|(key, entry)| text_size(key) + entry.value.size())
                .sum(),
            _ => 0,
        }
    }

    /// The text of a scalar, as Compose prints it (Go, `fmt.Sprint`); `None` for anything else.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Int(number) => Some(number.get().to_string()),
            Kind::Float(number) => Some(scalar::float_text(*number)),
            _ => None,
        }
    }
}

/// What a text adds to the size of a value, which is one without it.
fn text_size(text: &str) -> usize {
    const BYTES: usize = 64;
    text.len() / BYTES
}

/// A whole number, of 64 bits with or without a sign. It is aligned to 8 bytes: the 16 of `i128` would make every value a third
/// larger.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(Rust, packed(8))]
pub(super) struct Whole(i128);

impl Whole {
    pub(super) fn get(self) -> i128 {
        self.0
    }
}

impl Kind {
    /// A whole number.
    pub(super) fn whole(number: impl Into<i128>) -> Self {
        Self::Int(Whole(number.into()))
    }

    /// The kind in words, with its article.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Null => "empty",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Date => "a date",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}
