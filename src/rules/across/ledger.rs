//! Finds the first entry that uses one of some ports.

use std::collections::HashMap;

use crate::state::PortRange;

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

impl Ledger {
    /// Adds an entry to a tree. Entries are added in the order of their numbers.
    pub(super) fn add(&mut self, tree: usize, ports: PortRange, entry: usize) {
        self.add_below(tree, ROOT, PortRange::ALL, ports, entry);
    }

    /// The first entry of a tree that uses one of these ports.
    pub(super) fn first(&self, tree: usize, ports: PortRange) -> Option<usize> {
        let found = self.first_below(tree, ROOT, PortRange::ALL, ports);
        (found != NONE).then_some(found)
    }

    fn add_below(
        &mut self,
        tree: usize,
        number: u32,
        part: PortRange,
        wanted: PortRange,
        entry: usize,
    ) {
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
        if let Some((low, high)) = part.halves() {
            self.add_below(tree, 2 * number, low, wanted, entry);
            self.add_below(tree, 2 * number + 1, high, wanted, entry);
        }
    }

    fn first_below(&self, tree: usize, number: u32, part: PortRange, wanted: PortRange) -> usize {
        if !wanted.overlaps(part) {
            return NONE;
        }
        let Some(node) = self.nodes.get(&(tree, number)) else {
            return NONE;
        };
        if wanted.contains(part) {
            return node.any;
        }
        let Some((low, high)) = part.halves() else {
            return node.whole;
        };
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
    use crate::state::PortRange;

    fn range(first: u16, last: u16) -> PortRange {
        PortRange::new(first, last).unwrap()
    }

    proptest! {
        /// The first that is found is that of looking at all of them.
        #[test]
        fn the_first_is_found(ranges in prop::collection::vec((1_u16..=600, 0_u16..300, 0_usize..2), 1..40)) {
            let mut ledger = Ledger::default();
            let ranges: Vec<_> = ranges
                .into_iter()
                .map(|(first, more, tree)| (range(first, first + more), tree))
                .collect();
            for (at, (ports, tree)) in ranges.iter().enumerate() {
                let is_first = |(other, its): &(PortRange, usize)| {
                    its == tree && other.overlaps(*ports)
                };
                let expected = ranges.iter().take(at).position(is_first);
                prop_assert_eq!(ledger.first(*tree, *ports), expected);
                ledger.add(*tree, *ports, at);
            }
        }
    }

    #[test]
    fn all_ports_are_one_range() {
        let mut ledger = Ledger::default();
        ledger.add(0, PortRange::ALL, 3);
        assert_eq!(ledger.first(0, range(u16::MAX, u16::MAX)), Some(3));
        assert_eq!(ledger.first(0, range(1, 1)), Some(3));
        assert_eq!(ledger.first(1, PortRange::ALL), None);
    }
}
