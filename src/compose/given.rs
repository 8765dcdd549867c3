//! A Compose file that is given value by value, as if it had been written and read.

use super::Document;
use super::loader::File;
use super::notes::Notes;
use super::tree::{self, Entry, Kind, MAX_DEPTH, Map, Mark, Node, Resets};

/// Makes the values of a Compose file. Each has a mark of its own, which is not a place in a text.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// How many values there are.
    count: u32,
    /// The marks of the digests of definitions, in ascending order.
    digests: Vec<usize>,
}

/// A value of a Compose file.
#[derive(Debug)]
pub(crate) struct GivenValue {
    node: Node,
    /// How many values are in each other.
    depth: usize,
}

impl Builder {
    /// A text.
    pub(crate) fn text(&mut self, text: String) -> GivenValue {
        self.value(Kind::Text(text), 0)
    }

    /// What a scalar without quotes is.
    pub(crate) fn bare(&mut self, text: &str) -> GivenValue {
        self.value(tree::plain(text), 0)
    }

    /// The digest of the definition around it, which is not known: a text that holds its place.
    pub(crate) fn digest(&mut self, placeholder: &str) -> GivenValue {
        let value = self.text(placeholder.to_owned());
        self.digests.push(value.node.at.start as usize);
        value
    }

    /// Values in order.
    pub(crate) fn list(&mut self, items: Vec<GivenValue>) -> GivenValue {
        let depth = depth(&items);
        let items = items.into_iter().map(|item| item.node).collect();
        self.value(Kind::List(items), depth)
    }

    /// Values by name; of two with one name the later one.
    pub(crate) fn map(&mut self, entries: Vec<(String, GivenValue)>) -> GivenValue {
        let depth = entries.iter().map(|(_, value)| value.depth + 1).max();
        let mut map = Map::new();
        for (key, GivenValue { node: value, .. }) in entries {
            let key_at = self.mark();
            map.insert(key, Entry { key_at, value });
        }
        self.value(Kind::Map(map), depth.unwrap_or_default())
    }

    fn value(&mut self, kind: Kind, depth: usize) -> GivenValue {
        let node = Node::new(kind, self.mark());
        GivenValue { node, depth }
    }

    fn mark(&mut self) -> Mark {
        let start = self.count;
        self.count = start.saturating_add(1);
        Mark {
            source: 0,
            start,
            end: self.count,
        }
    }

    /// The Compose file with this value. There is none where a text of it would not be read: where it is too deep, or
    /// sets the label of a digest itself.
    pub(crate) fn document(self, root: GivenValue) -> Option<Document> {
        if root.depth > MAX_DEPTH {
            return None;
        }
        let document = tree::Document {
            root: root.node,
            resets: Resets::default(),
        };
        let document = Document {
            file: File {
                path: std::path::PathBuf::new(),
                documents: vec![document],
            },
            notes: Notes::default(),
        };
        let is_sound = document.other_definitions(&self.digests).is_empty();
        is_sound.then_some(document)
    }
}

fn depth(items: &[GivenValue]) -> usize {
    items
        .iter()
        .map(|item| item.depth + 1)
        .max()
        .unwrap_or_default()
}
