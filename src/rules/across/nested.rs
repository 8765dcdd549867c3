//! Paths inside other paths: directories in directories, subnets in subnets.

use std::collections::HashMap;
use std::hash::Hash;

use crate::rules::MAX_NAMED;

/// Things by their paths, which are lists of steps. A path that continues another one is inside it.
#[derive(Debug)]
pub(in crate::rules) struct Nested<S, G> {
    next: HashMap<(usize, S), usize>,
    nodes: Vec<Node<G>>,
}

/// How many are collected; the first of them are reported.
const ENOUGH: usize = 4 * MAX_NAMED;

/// The first few things of different owners: the owner of each, and its number.
type Few<G> = Vec<(G, usize)>;

#[derive(Debug)]
struct Node<G> {
    /// Those whose path ends here.
    here: Few<G>,
    /// Those whose path ends or continues here.
    below: Few<G>,
}

impl<G> Default for Node<G> {
    fn default() -> Self {
        Self {
            here: Vec::new(),
            below: Vec::new(),
        }
    }
}

impl<S, G> Default for Nested<S, G> {
    fn default() -> Self {
        Self {
            next: HashMap::new(),
            nodes: vec![Node::default()],
        }
    }
}

impl<S: Eq + Hash, G: Copy + PartialEq> Nested<S, G> {
    /// Adds a thing of an owner.
    pub(in crate::rules) fn add(&mut self, way: impl Iterator<Item = S>, owner: G, number: usize) {
        let mut at = 0;
        self.note(at, owner, number, false);
        for step in way {
            let free = self.nodes.len();
            at = *self.next.entry((at, step)).or_insert(free);
            if at == free {
                self.nodes.push(Node::default());
            }
            self.note(at, owner, number, false);
        }
        self.note(at, owner, number, true);
    }

    fn note(&mut self, at: usize, owner: G, number: usize, is_end: bool) {
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        let few = if is_end {
            &mut node.here
        } else {
            &mut node.below
        };
        // One more than are reported, as one of them may be the file itself.
        if few.len() <= MAX_NAMED && few.iter().all(|(own, _)| *own != owner) {
            few.push((owner, number));
        }
    }

    /// The numbers of things of other owners that contain a path, or are inside it: one of each owner, and
    /// of very many owners the first few.
    pub(in crate::rules) fn touching(
        &self,
        way: impl Iterator<Item = S>,
        is_other: impl Fn(G) -> bool,
    ) -> Vec<usize> {
        let mut found: Vec<(G, usize)> = Vec::new();
        let mut take = |few: &Few<G>| {
            for (owner, number) in few.iter().filter(|(owner, _)| is_other(*owner)) {
                match found.iter_mut().find(|(known, _)| known == owner) {
                    Some((_, known)) => *known = (*known).min(*number),
                    None => found.push((*owner, *number)),
                }
            }
            found.len()
        };
        let mut at = Some(0);
        let mut way = way;
        while let Some(node) = at.and_then(|at| self.nodes.get(at)) {
            let Some(step) = way.next() else {
                take(&node.below);
                break;
            };
            if take(&node.here) > ENOUGH {
                break;
            }
            at = at.and_then(|at| self.next.get(&(at, step)).copied());
        }
        let mut numbers: Vec<usize> = found.into_iter().map(|(_, number)| number).collect();
        numbers.sort_unstable();
        numbers.truncate(MAX_NAMED);
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::Nested;

    #[test]
    fn a_path_inside_another_is_found_from_both_ends() {
        let mut nested = Nested::default();
        for (number, (path, owner)) in [("a/b", 'x'), ("a", 'y'), ("c", 'x'), ("a/b/c", 'z')]
            .into_iter()
            .enumerate()
        {
            nested.add(path.split('/'), owner, number);
        }
        let touching =
            |path: &str, owner: char| nested.touching(path.split('/'), |other| other != owner);
        assert_eq!(touching("a/b", 'w'), [0, 1, 3]);
        assert_eq!(touching("a/b/c/d", 'z'), [0, 1]);
        assert_eq!(touching("a", 'x'), [1, 3]);
        assert_eq!(touching("a/x", 'w'), [1]);
        assert_eq!(touching("b", 'w'), [0; 0]);
    }
}
