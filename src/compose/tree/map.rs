//! The entries of a mapping, sorted by their keys.
//!
//! Most mappings of a Compose file have a few entries, and there may be hundreds of thousands of them
//! (what a service depends on, long forms of ports). A tree takes more than a kilobyte for the first
//! entry, so that few entries are a sorted list, and only many a tree.
//!
//! Most keys that are looked up are not there: a service has ten of more than a hundred fields. A mapping has a 64-bit filter of
//! its keys, so that most of these lookups do not search the entries.

use std::collections::BTreeMap;
use std::iter::{Chain, Flatten};
use std::{option, slice, vec};

use super::Entry;

/// The most entries that are a list.
const FEW: usize = 16;

/// The entries of a mapping. Their order has no meaning in Compose.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Map {
    entries: Entries,
    /// The bits of all keys that were ever added. Removing a key does not clear its bit, as others may share it.
    bits: u64,
}

#[derive(Debug, Clone)]
enum Entries {
    /// By their keys.
    Few(Vec<(String, Entry)>),
    #[allow(
        clippy::box_collection,
        reason = "it is rare, and every mapping would be larger"
    )]
    Many(Box<Tree>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// The bit of a key. Any function of the key would do; in this one, most names of fields that are found in one mapping differ.
fn bit(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let number = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    let (first, last) = (number(bytes.first()), number(bytes.last()));
    1 << ((bytes.len() * 7 + first * 5 + last * 3) % 64)
}

/// Where the entry of a key is in a list. Most texts differ by their length alone, so that a linear search is faster than a binary
/// one.
fn position(few: &[(String, Entry)], key: &str) -> Option<usize> {
    few.iter().position(|(own, _)| own == key)
}

impl Map {
    pub(in super::super) fn new() -> Self {
        Self::default()
    }

    pub(in super::super) fn len(&self) -> usize {
        match &self.entries {
            Entries::Few(few) => few.len(),
            Entries::Many(many) => many.len(),
        }
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an entry may have this key.
    fn may_have(&self, key: &str) -> bool {
        self.bits & bit(key) != 0
    }

    pub(in super::super) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(in super::super) fn get(&self, key: &str) -> Option<&Entry> {
        self.get_key_value(key).map(|(_, entry)| entry)
    }

    pub(in super::super) fn get_key_value(&self, key: &str) -> Option<(&String, &Entry)> {
        if !self.may_have(key) {
            return None;
        }
        match &self.entries {
            Entries::Few(few) => {
                let (key, entry) = few.get(position(few, key)?)?;
                Some((key, entry))
            }
            Entries::Many(many) => many.get_key_value(key),
        }
    }

    pub(in super::super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        if !self.may_have(key) {
            return None;
        }
        match &mut self.entries {
            Entries::Few(few) => {
                let at = position(few, key)?;
                few.get_mut(at).map(|(_, entry)| entry)
            }
            Entries::Many(many) => many.get_mut(key),
        }
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
        if !self.may_have(key) {
            return None;
        }
        match &mut self.entries {
            Entries::Few(few) => {
                let at = position(few, key)?;
                Some(few.remove(at).1)
            }
            Entries::Many(many) => many.remove(key),
        }
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
        match &mut self.entries {
            Entries::Few(few) => few.retain_mut(|(key, entry)| keeps(key, entry)),
            Entries::Many(many) => many.retain(keeps),
        }
    }

    /// Adds an entry of a key that has none.
    fn add(&mut self, key: String, entry: Entry) {
        self.bits |= bit(&key);
        match &mut self.entries {
            Entries::Few(few) if few.len() < FEW => {
                if few.len() == few.capacity() {
                    // A `Vec` begins with room for four; many mappings have one entry.
                    few.reserve_exact(few.len().max(1));
                }
                // Entries are mostly added in order, so that the search from the end is short.
                let before = few.iter().rposition(|(own, _)| *own < key);
                let at = before.map_or(0, |before| before + 1);
                few.insert(at, (key, entry));
            }
            Entries::Few(few) => {
                let mut many: Tree = std::mem::take(few).into_iter().collect();
                many.insert(key, entry);
                self.entries = Entries::Many(Box::new(many));
            }
            Entries::Many(many) => {
                many.insert(key, entry);
            }
        }
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
        let (few, many): (&[_], _) = match &self.entries {
            Entries::Few(few) => (few, None),
            Entries::Many(many) => (&[], Some(&**many)),
        };
        few.iter().map(pair).chain(many.into_iter().flatten())
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a String, &'a mut Entry);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> Self::IntoIter {
        let pair: PairMut<'a> = |(key, entry)| (&*key, entry);
        let (few, many): (&mut [_], _) = match &mut self.entries {
            Entries::Few(few) => (few, None),
            Entries::Many(many) => (&mut [], Some(&mut **many)),
        };
        few.iter_mut().map(pair).chain(many.into_iter().flatten())
    }
}

impl IntoIterator for Map {
    type Item = (String, Entry);
    type IntoIter = Chain<vec::IntoIter<(String, Entry)>, Flatten<option::IntoIter<Tree>>>;

    fn into_iter(self) -> Self::IntoIter {
        let (few, many) = match self.entries {
            Entries::Few(few) => (few, None),
            Entries::Many(many) => (Vec::new(), Some(*many)),
        };
        few.into_iter().chain(many.into_iter().flatten())
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
