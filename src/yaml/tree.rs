//! A YAML document as a tree in which every value knows its place, also after it was merged with others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};

/// A value, and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(super) content: TreeContent,
    source: Arc<Source>,
    path: Path,
    /// The entries without a value that were taken out of it.
    removed: Vec<(String, Self)>,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum TreeContent {
    /// Text, a number, `true` or `false`, or nothing.
    Scalar(Value),
    /// Values in order.
    List(Vec<Tree>),
    /// Values by name, in the order of the text.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// The tree of a document. A key that is not text is noted and left out.
    pub(crate) fn of(value: &Value, source: &Arc<Source>, problems: &mut Diagnostics) -> Self {
        Self::at(value, source, Path::root(), problems)
    }

    fn at(value: &Value, source: &Arc<Source>, path: Path, problems: &mut Diagnostics) -> Self {
        let content = match value {
            Value::Sequence(items) => TreeContent::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::at(item, source, path.index(index), problems))
                    .collect(),
            ),
            Value::Mapping(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let Some(key) = key.as_str() else {
                        not_text(key, source, &path, problems);
                        continue;
                    };
                    let value = Self::at(value, source, path.key(key), problems);
                    map.push((key.to_owned(), value));
                }
                TreeContent::Map(map)
            }
            scalar => TreeContent::Scalar(scalar.clone()),
        };
        Self {
            content,
            source: Arc::clone(source),
            path,
            removed: Vec::new(),
        }
    }

    /// What it is.
    pub(crate) fn content(&self) -> &TreeContent {
        &self.content
    }

    /// The route to it in its source.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The place of the value.
    pub(crate) fn place(&self) -> Place {
        Place::value(&self.source, self.path.clone())
    }

    /// The place of the key that names the value.
    pub(crate) fn key_place(&self) -> Place {
        Place::key(&self.source, self.path.clone())
    }

    /// The value of a key, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The entries, where this is a mapping.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match &self.content {
            TreeContent::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Keeps the entries whose keys `keeps` accepts, where this is a mapping.
    pub(crate) fn retain(&mut self, keeps: impl Fn(&str) -> bool) {
        if let TreeContent::Map(entries) = &mut self.content {
            entries.retain(|(key, _)| keeps(key));
        }
    }

    /// Keeps the entries whose values `keeps` accepts, where this is a mapping.
    pub(crate) fn retain_values(&mut self, keeps: impl Fn(&Self) -> bool) {
        if let TreeContent::Map(entries) = &mut self.content {
            entries.retain(|(_, value)| keeps(value));
        }
    }

    /// Replaces the entries that another mapping has as null, where this is a mapping.
    pub(crate) fn take_null(&mut self, other: &Self) {
        let TreeContent::Map(entries) = &mut self.content else {
            return;
        };
        let null = other.entries().iter().filter(|(_, value)| value.is_null());
        let keys: HashSet<&str> = null.clone().map(|(key, _)| key.as_str()).collect();
        entries.retain(|(own, _)| !keys.contains(own.as_str()));
        entries.extend(null.cloned());
    }

    /// The value without entries that are null, where it is a mapping.
    #[must_use]
    pub(crate) fn without_null(mut self) -> Self {
        if let TreeContent::Map(entries) = &mut self.content {
            let removed = entries.extract_if(.., |(_, value)| value.is_null());
            self.removed.extend(removed);
        }
        self
    }

    /// The entries without a value that were taken out of it, whose names are read nevertheless.
    pub(super) fn removed(&self) -> &[(String, Self)] {
        &self.removed
    }

    /// The value without null entries under some of its keys, and in the mappings there.
    #[must_use]
    pub(crate) fn without_null_in(mut self, keys: &[&str]) -> Self {
        if let TreeContent::Map(entries) = &mut self.content {
            let is_one = |key: &str| keys.contains(&key);
            entries.retain(|(key, value)| !is_one(key) || !value.is_null());
            for (_, value) in entries.iter_mut().filter(|(key, _)| is_one(key)) {
                *value = value.clone().without_null();
            }
        }
        self
    }

    /// What is at a route, where that leads through mappings.
    pub(crate) fn at_mut(&mut self, route: &[&str]) -> Option<&mut Self> {
        route
            .iter()
            .try_fold(self, |tree, key| match &mut tree.content {
                TreeContent::Map(entries) => {
                    let entry = entries.iter_mut().find(|(name, _)| name == key);
                    entry.map(|(_, value)| value)
                }
                _ => None,
            })
    }

    /// Replaces every value for which `fill` returns another text, and every such key, but only in mappings whose path `has_keys`
    /// accepts. Values and keys keep their places. It is an error if two keys of a mapping become the same.
    pub(crate) fn fill(
        &mut self,
        fill: &impl Fn(&str) -> Option<String>,
        has_keys: &impl Fn(&Path) -> bool,
        problems: &mut Diagnostics,
    ) {
        match &mut self.content {
            TreeContent::Scalar(Value::String(text)) => {
                if let Some(filled) = fill(text) {
                    *text = filled;
                }
            }
            TreeContent::Scalar(_) => {}
            TreeContent::List(items) => {
                for item in items {
                    item.fill(fill, has_keys, problems);
                }
            }
            TreeContent::Map(entries) => {
                for (_, value) in entries.iter_mut() {
                    value.fill(fill, has_keys, problems);
                }
                let mut is_filled = false;
                if has_keys(&self.path) {
                    for (key, _) in entries.iter_mut() {
                        if let Some(filled) = fill(key) {
                            (*key, is_filled) = (filled, true);
                        }
                    }
                }
                if is_filled {
                    once(entries, problems);
                }
            }
        }
    }

    /// A list of texts as a mapping, where `entry` says what each item means; of two for one key, the last.
    pub(crate) fn keyed(&self, entry: impl Fn(&str) -> (String, Value)) -> Option<Self> {
        let TreeContent::List(items) = &self.content else {
            return None;
        };
        let mut entries: Vec<(String, Self)> = Vec::new();
        for item in items {
            let (key, value) = entry(item.as_str()?);
            let value = Self::at(
                &value,
                &item.source,
                item.path.clone(),
                &mut Diagnostics::default(),
            );
            entries.retain(|(known, _)| *known != key);
            entries.push((key, value));
        }
        Some(Self {
            content: TreeContent::Map(entries),
            ..self.clone()
        })
    }

    /// The text, where this is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.content {
            TreeContent::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// The items, where this is a list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            TreeContent::List(items) => items,
            _ => &[],
        }
    }

    /// It without its places.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            TreeContent::Scalar(value) => value.clone(),
            TreeContent::List(items) => items.iter().map(Self::to_value).collect(),
            TreeContent::Map(entries) => Value::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (Value::from(key.as_str()), value.to_value()))
                    .collect(),
            ),
        }
    }

    /// This value with another one over it: mappings are merged key by key, `null` removes what is there, anything else
    /// is replaced. It keeps its place; what is in it has the place where it was written last.
    #[must_use]
    pub(crate) fn with(mut self, over: &Self) -> Self {
        self.merge(over);
        self
    }

    /// This value over another one; what is merged has the place of this one.
    #[must_use]
    pub(crate) fn over(self, base: &Self) -> Self {
        let (source, path) = (Arc::clone(&self.source), self.path.clone());
        Self {
            source,
            path,
            ..base.clone().with(&self)
        }
    }

    /// Whether nothing is written.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, TreeContent::Scalar(Value::Null))
    }

    fn merge(&mut self, over: &Self) {
        let (TreeContent::Map(entries), TreeContent::Map(others)) =
            (&mut self.content, &over.content)
        else {
            *self = over.clone();
            return;
        };
        let known: HashMap<String, usize> = entries
            .iter()
            .enumerate()
            .map(|(at, (key, _))| (key.clone(), at))
            .collect();
        let mut removed = HashSet::new();
        for (key, value) in others {
            match known.get(key).and_then(|at| entries.get_mut(*at)) {
                Some(_) if value.is_null() => {
                    removed.insert(key);
                }
                Some((_, own)) => {
                    own.merge(value);
                    (own.source, own.path) = (Arc::clone(&value.source), value.path.clone());
                }
                None => entries.push((key.clone(), value.clone())),
            }
        }
        entries.retain(|(key, _)| !removed.contains(key));
    }
}

/// Leaves the first of the entries that have one key, and notes the others.
fn once(entries: &mut Vec<(String, Tree)>, problems: &mut Diagnostics) {
    let mut first: HashMap<String, Place> = HashMap::new();
    entries.retain(|(key, value)| {
        let known = first.get(key).cloned();
        if let Some(known) = &known {
            problems.push(super::set_twice(key, value.key_place(), known.clone()));
        } else {
            first.insert(key.clone(), value.key_place());
        }
        known.is_none()
    });
}

/// The kind of a value in words, with its article.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
        Value::Tagged(_) => "a tagged value",
    }
}

fn not_text(key: &Value, source: &Arc<Source>, path: &Path, problems: &mut Diagnostics) {
    let place = Place::value(source, path.clone());
    let path = path.to_string();
    let owner = if path.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{path}`")
    };
    let is_expression = place.range().is_some_and(|range| {
        let text = source.text.get(range).unwrap_or_default();
        text.starts_with("{{")
    });
    if is_expression {
        problems.unreadable(super::field(source, &place.path()));
        problems.push(
            Diagnostic::new(format!("{owner} is an expression, and this is not a template"), place)
                .label("expected the value itself")
                .help("write the value in each environment, or this field in a template; a text with `{{` in it needs quotes"),
        );
        return;
    }
    let message = format!("{owner} has a key that is {}", kind_of(key));
    problems.push(
        Diagnostic::new(message, place)
            .label("expected keys that are text")
            .help("put quotes around the key"),
    );
}

#[cfg(test)]
mod tests {
    use super::{Tree, TreeContent};
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;

    fn tree(name: &str, text: &str) -> Tree {
        let mut problems = Diagnostics::default();
        let source = Source::new(name, text);
        let tree = Tree::of(&serde_yaml::from_str(text).unwrap(), &source, &mut problems);
        assert!(problems.is_empty());
        tree
    }

    #[test]
    fn mappings_merge_key_by_key_and_what_is_written_last_has_its_own_place() {
        let base = tree(
            "base",
            "limits: { cpus: 1, memory: 1G }\nlist: [1, 2]\nonly: base\n",
        );
        let over = tree("over", "limits: { memory: 2G }\nlist: [3]\nmore: 1\n");
        let merged = base.with(&over);
        let limits = merged.get("limits").unwrap();
        assert_eq!(merged.source.name, "base");
        assert_eq!(limits.source.name, "over");
        let memory = limits.get("memory").unwrap();
        assert_eq!(
            (memory.as_str(), memory.source.name.as_str()),
            (Some("2G"), "over")
        );
        assert_eq!(limits.get("cpus").unwrap().source.name, "base");
        let TreeContent::List(items) = merged.get("list").unwrap().content() else {
            panic!("it was a list");
        };
        assert_eq!(items.len(), 1);
        let names: Vec<&str> = merged
            .entries()
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(names, ["limits", "list", "only", "more"]);
    }
}
