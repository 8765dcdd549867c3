//! A value of a Compose file, with its place.

use super::super::fill;
use super::super::notes::Sources;
use super::super::tree::{Entry, Kind, Mark, Node};
use crate::source::Place;

/// A value of a Compose file, with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(in crate::compose) node: &'a Node,
    pub(super) key: Mark,
    name: Option<&'a str>,
    sources: &'a Sources,
}

/// A name with its value, as `KEY=VALUE` of a list or an entry of a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Pair<'a> {
    pub(crate) name: String,
    /// `None` where only the name is written.
    pub(crate) value: Option<String>,
    /// The item of the list, or the value of the entry.
    pub(crate) at: At<'a>,
}

/// What visits a scalar: the key that names it, where one does, its text, and where it is.
type Visit<'a> = dyn FnMut(Option<&str>, &str, At<'_>) + 'a;

impl<'a> At<'a> {
    /// The root of a tree.
    pub(in crate::compose) fn root(node: &'a Node, sources: &'a Sources) -> Self {
        Self {
            node,
            key: node.at,
            name: None,
            sources,
        }
    }

    /// The key that names the value, where one does.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The place of the value.
    pub(crate) fn place(&self) -> Place {
        self.sources.place(self.node.at)
    }

    /// The place of the key that names the value; that of the value where none does.
    pub(crate) fn key_place(&self) -> Place {
        self.sources.place(self.key)
    }

    /// The place of the key that names the value; of a list to which another file adds, that of the last item.
    pub(crate) fn last_place(&self) -> Place {
        let last = self.node.items().last();
        let added = last.filter(|item| item.at.source != self.node.at.source);
        self.sources.place(added.map_or(self.key, |item| item.at))
    }

    /// The value as it is written, with its quotes.
    pub(crate) fn written(&self) -> &'a str {
        self.sources.written(self.node.at)
    }

    /// The value as it is written, without its quotes.
    pub(crate) fn unquoted(&self) -> &'a str {
        self.written().trim_matches(['"', '\''])
    }

    /// Whether its key is written in a file, rather than added by a pass.
    pub(in crate::compose) fn is_declared(&self) -> bool {
        self.key != Mark::default()
    }

    /// Whether nothing is written here (`key:` or `key: null`).
    pub(crate) fn is_null(&self) -> bool {
        self.node.is_null()
    }

    pub(crate) fn is_list(&self) -> bool {
        self.node.as_list().is_some()
    }

    pub(crate) fn is_mapping(&self) -> bool {
        self.node.as_map().is_some()
    }

    /// Whether no variable without a value is left in it.
    pub(crate) fn is_known(&self) -> bool {
        self.node.unset.is_none()
    }

    /// A text, number or boolean as text; a variable that is not set is kept as written.
    pub(crate) fn text(&self) -> Option<String> {
        self.node.scalar()
    }

    /// Whether it is a number with a fraction or an exponent: Compose takes none for a number of bytes.
    pub(crate) fn is_fraction(&self) -> bool {
        matches!(self.node.kind, Kind::Float(_))
    }

    /// Whether it says yes or no; `None` where that depends on a variable.
    pub(crate) fn flag(&self) -> Option<bool> {
        flag(self.node)
    }

    /// A boolean of YAML, whatever the field holds.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.node.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// What is under a key, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let (key, entry) = self.node.as_map()?.get_key_value(key)?;
        Some(self.under(key, entry))
    }

    /// Like `get`, where the value is not null.
    pub(crate) fn field(&self, key: &str) -> Option<Self> {
        self.get(key).filter(|field| !field.is_null())
    }

    /// Whether the field under a key says yes.
    pub(crate) fn is_on(&self, key: &str) -> bool {
        self.get(key).and_then(|at| at.flag()) == Some(true)
    }

    /// What is at the end of a path of keys, where it is not null.
    pub(crate) fn dig(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(*self, |at, key| at.field(key))
    }

    /// The entries of a mapping, by their keys; nothing where it is not a mapping.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'a str, Self)> {
        self.node
            .entries()
            .map(move |(key, entry)| (key, self.under(key, entry)))
    }

    /// The items of a list; nothing where it is not a list.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().iter().map(move |item| self.item(item))
    }

    /// The scalars of a list, or the one that is in its place.
    pub(crate) fn texts(self) -> impl Iterator<Item = (String, Self)> {
        scalars(self.node)
            .iter()
            .filter_map(move |item| Some((item.scalar()?, self.item(item))))
    }

    /// `KEY=VALUE` of a list, or the entries of a mapping.
    pub(crate) fn pairs(self) -> impl Iterator<Item = Pair<'a>> {
        pairs(self.node).map(move |(name, value, node)| Pair {
            name,
            value,
            at: self.item(node),
        })
    }

    /// An option that a network or volume hands to its driver.
    pub(crate) fn driver_option(&self, name: &str) -> Option<Self> {
        self.get("driver_opts")?.get(name)
    }

    /// Visits every scalar below it.
    pub(crate) fn each_scalar(self, visit: &mut Visit<'_>) {
        for item in self.items() {
            item.each_scalar(visit);
        }
        for (_, value) in self.entries() {
            value.each_scalar(visit);
        }
        if let Some(text) = self.text() {
            visit(self.name, &text, self);
        }
    }

    fn under(&self, key: &'a str, entry: &'a Entry) -> Self {
        Self {
            node: &entry.value,
            key: entry.key_at,
            name: Some(key),
            sources: self.sources,
        }
    }

    fn item(&self, node: &'a Node) -> Self {
        Self {
            node,
            key: node.at,
            name: None,
            sources: self.sources,
        }
    }
}

/// Whether a value says yes or no; `None` where that depends on a variable.
pub(in crate::compose) fn flag(node: &Node) -> Option<bool> {
    match &node.kind {
        _ if node.unset.is_some() => None,
        Kind::Bool(value) => Some(*value),
        Kind::Text(text) => fill::flag_of_text(text),
        _ => None,
    }
}

/// A whole number; `None` where it depends on a variable.
pub(in crate::compose) fn whole(node: &Node) -> Option<i64> {
    match &node.kind {
        _ if node.unset.is_some() => None,
        Kind::Int(number) => i64::try_from(number.get()).ok(),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "Compose cuts the fraction off"
        )]
        Kind::Float(number) => Some(*number as i64),
        Kind::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The items of a list, or the scalar that is in its place.
pub(in crate::compose) fn scalars(node: &Node) -> &[Node] {
    match node.kind {
        Kind::List(_) => node.items(),
        Kind::Map(_) | Kind::Null => &[],
        _ => std::slice::from_ref(node),
    }
}

/// `KEY=VALUE` of a list, or the entries of a mapping: the name, the value, and the item or value.
pub(in crate::compose) fn pairs(
    node: &Node,
) -> impl Iterator<Item = (String, Option<String>, &Node)> {
    let listed = node.items().iter().filter_map(|item| {
        let text = item.scalar()?;
        Some(match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned()), item),
            None => (text, None, item),
        })
    });
    let entries = node.own_entries().into_iter();
    listed.chain(entries.map(|(name, value, node)| (name.to_owned(), value, node)))
}
