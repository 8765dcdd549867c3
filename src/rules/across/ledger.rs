//! Finds the first entry that uses one of some ports.

use std::collections::HashMap;

/// Entries by their port ranges, in trees that halve the range of all ports until an entry covers whole
/// parts: adding and finding take a few steps, however many entries there are.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    nodes: HashMap<(usize, u32), Node>,
}

/// A part of all ports.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The first entry that uses all of it.
    whole: usize,
    /// The first entry that uses any of it.
    any: usize,
}

/// No entry.
const NONE: usize = usize::MAX;

/// The number of the root, which covers all ports; its halves have twice the number, and one more.
const ROOT: u32 = 1;

/// The ports from `first` to `last`.
#[derive(Debug, Clone, Copy)]
struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    const ALL: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    fn halves(self) -> (Self, Self) {
        let Self { first, last } = self;
        let middle = first + (last - first) / 2;
        let low = Self {
            first,
            last: middle,
        };
        let high = Self {
            first: middle + 1,
            last,
        };
        (low, high)
    }
}

impl Ledger {
    /// Adds an entry to a tree. Entries are added in the order of their numbers.
    pub(super) fn add(&mut self, tree: usize, first: u16, last: u16, entry: usize) {
        self.add_below(tree, ROOT, Ports::ALL, Ports { first, last }, entry);
    }

    /// The first entry of a tree that uses one of these ports.
    pub(super) fn first(&self, tree: usize, first: u16, last: u16) -> Option<usize> {
        let found = self.first_below(tree, ROOT, Ports::ALL, Ports { first, last });
        (found != NONE).then_some(found)
    }

    fn add_below(&mut self, tree: usize, number: u32, part: Ports, wanted: Ports, entry: usize) {
        if !wanted.overlaps(part) {
            return;
        }
        let node = self.nodes.entry((tree, number)).or_insert(Node {
            whole: NONE,
            any: NONE,
        });
        node.any = node.any.min(entry);
        if wanted.contains(part) {
            node.whole = node.whole.min(entry);
            return;
        }
        let (low, high) = part.halves();
        self.add_below(tree, 2 * number, low, wanted, entry);
        self.add_below(tree, 2 * number + 1, high, wanted, entry);
    }

    fn first_below(&self, tree: usize, number: u32, part: Ports, wanted: Ports) -> usize {
        if !wanted.overlaps(part) {
            return NONE;
        }
        let Some(node) = self.nodes.get(&(tree, number)) else {
            return NONE;
        };
        if wanted.contains(part) {
            return node.any;
        }
        let (low, high) = part.halves();
        let below = self
            .first_below(tree, 2 * number, low, wanted)
            .min(self.first_below(tree, 2 * number + 1, high, wanted));
        node.whole.min(below)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Ledger;

    proptest! {
        /// The first that is found is that of looking at all of them.
        #[test]
        fn the_first_is_found(ranges in prop::collection::vec((0_u16..=u16::MAX, 0_u16..300, 0_usize..2), 1..40)) {
            let mut ledger = Ledger::default();
            let ranges: Vec<_> = ranges
                .into_iter()
                .map(|(first, more, tree)| (first % 600, (first % 600).saturating_add(more), tree))
                .collect();
            for (at, (first, last, tree)) in ranges.iter().enumerate() {
                let expected = ranges.iter().take(at).position(|(from, to, other)| {
                    other == tree && from <= last && first <= to
                });
                prop_assert_eq!(ledger.first(*tree, *first, *last), expected);
                ledger.add(*tree, *first, *last, at);
            }
        }
    }

    #[test]
    fn all_ports_are_one_range() {
        let mut ledger = Ledger::default();
        ledger.add(0, 0, u16::MAX, 3);
        assert_eq!(ledger.first(0, u16::MAX, u16::MAX), Some(3));
        assert_eq!(ledger.first(0, 0, 0), Some(3));
        assert_eq!(ledger.first(1, 0, u16::MAX), None);
    }
}
