//! Cycles in dependencies.

use std::collections::{BTreeMap, VecDeque};

/// A graph of dependencies: for each number, those that it needs.
#[derive(Debug)]
pub(crate) struct Needs(pub(crate) Vec<Vec<usize>>);

impl Needs {
    /// The shortest cycle through the first number that is on one; then, without that number, the next,
    /// and so on. A cycle begins and ends with the same number.
    pub(crate) fn cycles(&self) -> Vec<Vec<usize>> {
        let mut from: Vec<Vec<usize>> = vec![Vec::new(); self.0.len()];
        for (number, to) in self.0.iter().enumerate() {
            for next in to {
                if let Some(users) = from.get_mut(*next) {
                    users.push(number);
                }
            }
        }
        let mut left = vec![true; self.0.len()];
        let mut cycles = Vec::new();
        let mut loose: Vec<usize> = (0..self.0.len()).collect();
        for first in 0..self.0.len() {
            self.remove_loose(&from, &mut left, &mut loose);
            if left.get(first) == Some(&true) {
                cycles.extend(self.way_back(first, &left));
                remove(&mut left, first);
                loose.extend(self.0.get(first).into_iter().flatten());
                loose.extend(from.get(first).into_iter().flatten());
            }
        }
        cycles
    }

    /// Removes the numbers that need nothing that is left or are needed by nothing: they are on no
    /// cycle, and are most of all.
    fn remove_loose(&self, from: &[Vec<usize>], left: &mut [bool], loose: &mut Vec<usize>) {
        while let Some(number) = loose.pop() {
            let is_left = |number: &usize| left.get(*number) == Some(&true);
            let (to, users) = (self.0.get(number), from.get(number));
            let has = |ends: Option<&Vec<usize>>| ends.into_iter().flatten().any(is_left);
            if is_left(&number) && !(has(to) && has(users)) {
                remove(left, number);
                loose.extend(to.into_iter().chain(users).flatten());
            }
        }
    }

    fn way_back(&self, first: usize, left: &[bool]) -> Option<Vec<usize>> {
        let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut ahead = VecDeque::from([first]);
        while let Some(number) = ahead.pop_front() {
            for next in self.0.get(number).into_iter().flatten() {
                if *next == first {
                    let mut way = vec![first, number];
                    while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                        way.push(*before);
                    }
                    way.reverse();
                    return Some(way);
                }
                if left.get(*next) == Some(&true) && !came_from.contains_key(next) {
                    came_from.insert(*next, number);
                    ahead.push_back(*next);
                }
            }
        }
        None
    }
}

/// How many names of a cycle a message shows at each of its ends.
const NAMED: usize = 10;

/// A cycle in words; of a long one only both ends, since many cycles may be long.
pub(crate) fn in_words(names: &[&str]) -> String {
    let between = names.len().saturating_sub(2 * NAMED);
    if between < 2 {
        return names.join(" → ");
    }
    let (first, rest) = names.split_at(NAMED);
    let (_, last) = rest.split_at(between);
    format!(
        "{} → … ({between} more) → {}",
        first.join(" → "),
        last.join(" → ")
    )
}

fn remove(left: &mut [bool], number: usize) {
    if let Some(one) = left.get_mut(number) {
        *one = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{Needs, in_words};

    fn cycles(to: &[&[usize]]) -> Vec<Vec<usize>> {
        Needs(to.iter().map(|to| to.to_vec()).collect()).cycles()
    }

    #[test]
    fn each_cycle_is_found_once_and_is_the_shortest() {
        for (to, expected) in [
            (&[&[1][..], &[2], &[]][..], &[][..]),
            (&[&[0]], &[&[0, 0][..]]),
            (&[&[1], &[0]], &[&[0, 1, 0]]),
            (&[&[1, 2], &[2], &[0]], &[&[0, 2, 0]]),
            (&[&[1], &[2], &[1]], &[&[1, 2, 1]]),
            (&[&[1], &[0, 2], &[3], &[2]], &[&[0, 1, 0], &[2, 3, 2]]),
            (&[&[1], &[1, 0], &[9]], &[&[0, 1, 0], &[1, 1]]),
        ] {
            assert_eq!(cycles(to), expected, "{to:?}");
        }
    }

    #[test]
    fn both_ends_of_a_long_cycle_are_named() {
        assert_eq!(in_words(&["a", "b", "a"]), "a → b → a");
        let names: Vec<String> = (0..100).map(|name| name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let words = in_words(&names);
        assert!(words.contains("9 → … (80 more) → 90"), "{words}");
    }

    #[test]
    fn a_cycle_of_fifty_thousand_is_found() {
        let chain: Vec<Vec<usize>> = (0..50_000).map(|number| vec![number + 1]).collect();
        assert_eq!(Needs(chain.clone()).cycles(), [[0; 0]; 0]);
        let mut cycle = chain;
        cycle.push(vec![0]);
        assert_eq!(Needs(cycle).cycles()[0].len(), 50_002);
    }
}
