//! The entries of a mapping, sorted by their keys.
//!
//! Most mappings of a Compose file have a few entries, and there may be hundreds of thousands of them
//! (what a service depends on, long forms of ports). A tree takes more than a kilobyte for the first
//! entry, so that few entries are a sorted list, and only many a tree.

use std::collections::BTreeMap;
use std::iter::{Chain, Flatten};
use std::{option, slice, vec};

use super::Entry;

/// The most entries that are a list.
const FEW: usize = 16;

/// The entries of a mapping. Their order has no meaning in Compose.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Map {
    /// All of them, by their keys; none where there is a tree.
    few: Vec<(String, Entry)>,
    #[allow(
        clippy::box_collection,
        reason = "it is rare, and every mapping would be larger"
    )]
    many: Option<Box<BTreeMap<String, Entry>>>,
}

impl Map {
    pub(in super::super) fn new() -> Self {
        Self::default()
    }

    pub(in super::super) fn len(&self) -> usize {
        self.few.len() + self.many.as_ref().map_or(0, |many| many.len())
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(in super::super) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(in super::super) fn get(&self, key: &str) -> Option<&Entry> {
        self.get_key_value(key).map(|(_, entry)| entry)
    }

    pub(in super::super) fn get_key_value(&self, key: &str) -> Option<(&String, &Entry)> {
        if let Some(many) = &self.many {
            return many.get_key_value(key);
        }
        let at = self.position(key)?;
        self.few.get(at).map(|(key, entry)| (key, entry))
    }

    pub(in super::super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        if self.many.is_some() {
            return self.many.as_mut()?.get_mut(key);
        }
        let at = self.position(key)?;
        self.few.get_mut(at).map(|(_, entry)| entry)
    }

    /// Sets an entry, and gives the one that it replaces.
    pub(in super::super) fn insert(&mut self, key: String, entry: Entry) -> Option<Entry> {
        if let Some(known) = self.get_mut(&key) {
            return Some(std::mem::replace(known, entry));
        }
        self.add(key, entry);
        None
    }

    /// The entry of a key; a new one where there is none.
    pub(in super::super) fn or_insert_with(&mut self, key: String, entry: impl FnOnce() -> Entry) {
        if !self.contains_key(&key) {
            self.add(key, entry());
        }
    }

    pub(in super::super) fn remove(&mut self, key: &str) -> Option<Entry> {
        if let Some(many) = &mut self.many {
            return many.remove(key);
        }
        let at = self.position(key)?;
        Some(self.few.remove(at).1)
    }

    pub(in super::super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.iter().map(|(key, _)| key)
    }

    pub(in super::super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.into_iter().map(|(_, entry)| entry)
    }

    pub(in super::super) fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    pub(in super::super) fn retain(&mut self, mut keeps: impl FnMut(&String, &mut Entry) -> bool) {
        self.few.retain_mut(|(key, entry)| keeps(key, entry));
        if let Some(many) = &mut self.many {
            many.retain(keeps);
        }
    }

    /// Where the entry of a key is in the list. Texts of different lengths are compared
    /// by length alone, so that a linear search is faster than a binary one.
    fn position(&self, key: &str) -> Option<usize> {
        self.few.iter().position(|(own, _)| own == key)
    }

    /// Adds an entry of a key that has none.
    fn add(&mut self, key: String, entry: Entry) {
        if let Some(many) = &mut self.many {
            many.insert(key, entry);
            return;
        }
        if self.few.len() == FEW {
            let mut many: BTreeMap<_, _> = std::mem::take(&mut self.few).into_iter().collect();
            many.insert(key, entry);
            self.many = Some(Box::new(many));
            return;
        }
        if self.few.len() == self.few.capacity() {
            self.few.reserve_exact(self.few.len().max(1));
        }
        // Entries are mostly added in order, so that the search from the end is short.
        let before = self.few.iter().rposition(|(own, _)| *own < key);
        let at = before.map_or(0, |before| before + 1);
        self.few.insert(at, (key, entry));
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl FromIterator<(String, Entry)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Entry)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, entry) in entries {
            map.insert(key, entry);
        }
        map
    }
}

type Pair<'a> = fn(&'a (String, Entry)) -> (&'a String, &'a Entry);
type PairMut<'a> = fn(&'a mut (String, Entry)) -> (&'a String, &'a mut Entry);
type Tree = BTreeMap<String, Entry>;

/// Goes over the entries.
pub(in super::super) type Iter<'a> = Chain<
    std::iter::Map<slice::Iter<'a, (String, Entry)>, Pair<'a>>,
    Flatten<option::IntoIter<&'a Tree>>,
>;

/// Goes over the entries, to change them.
pub(in super::super) type IterMut<'a> = Chain<
    std::iter::Map<slice::IterMut<'a, (String, Entry)>, PairMut<'a>>,
    Flatten<option::IntoIter<&'a mut Tree>>,
>;

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a String, &'a Entry);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        let pair: Pair<'a> = |(key, entry)| (key, entry);
        let many = self.many.as_deref().into_iter().flatten();
        self.few.iter().map(pair).chain(many)
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a String, &'a mut Entry);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> Self::IntoIter {
        let pair: PairMut<'a> = |(key, entry)| (&*key, entry);
        let many = self.many.as_deref_mut().into_iter().flatten();
        self.few.iter_mut().map(pair).chain(many)
    }
}

impl IntoIterator for Map {
    type Item = (String, Entry);
    type IntoIter = Chain<vec::IntoIter<(String, Entry)>, Flatten<option::IntoIter<Tree>>>;

    fn into_iter(self) -> Self::IntoIter {
        let many = self.many.map(|many| *many).into_iter().flatten();
        self.few.into_iter().chain(many)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::{Entry, Kind, Mark, Node};
    use super::Map;

    fn entry(number: i128) -> Entry {
        Entry {
            key_at: Mark::default(),
            value: Node::new(Kind::whole(number), Mark::default()),
        }
    }

    fn number(entry: &Entry) -> i128 {
        match entry.value.kind {
            Kind::Int(number) => number.get(),
            _ => -1,
        }
    }

    proptest! {
        /// Whatever is done, it holds what a tree would.
        #[test]
        fn it_is_a_sorted_map(steps in prop::collection::vec((0_u8..4, 0_u8..40), 0..120)) {
            let mut map = Map::new();
            let mut tree = BTreeMap::new();
            for (at, (step, key)) in steps.into_iter().enumerate() {
                let (key, value) = (key.to_string(), at as i128);
                match step {
                    0 | 1 => {
                        let before = map.insert(key.clone(), entry(value));
                        prop_assert_eq!(before.as_ref().map(number), tree.insert(key, value));
                    }
                    2 => {
                        let gone = map.remove(&key);
                        prop_assert_eq!(gone.as_ref().map(number), tree.remove(&key));
                    }
                    _ => {
                        map.or_insert_with(key.clone(), || entry(value));
                        tree.entry(key).or_insert(value);
                    }
                }
                let held: Vec<_> = map.iter().map(|(key, entry)| (key.clone(), number(entry))).collect();
                let wanted: Vec<_> = tree.iter().map(|(key, value)| (key.clone(), *value)).collect();
                prop_assert_eq!(held, wanted);
                prop_assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
            }
            for (key, value) in &tree {
                prop_assert_eq!(map.get(key).map(number), Some(*value));
                prop_assert!(map.get_mut(key).is_some() && map.contains_key(key));
            }
            map.retain(|_, entry| number(entry) % 2 == 0);
            tree.retain(|_, value| *value % 2 == 0);
            prop_assert_eq!(map.clone().into_iter().count(), tree.len());
            prop_assert!(map == map.clone().into_iter().collect::<Map>());
        }
    }
}
