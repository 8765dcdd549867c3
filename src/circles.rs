//! Circles in who needs whom.

use std::collections::{BTreeMap, VecDeque};

/// Who needs whom, by number: of each, those that it needs.
#[derive(Debug)]
pub(crate) struct Needs(pub(crate) Vec<Vec<usize>>);

impl Needs {
    /// The shortest circle through the first that is on one; that one taken out, through the first of
    /// those that are left, and so on. A circle begins and ends with the first in it.
    pub(crate) fn circles(&self) -> Vec<Vec<usize>> {
        let mut from: Vec<Vec<usize>> = vec![Vec::new(); self.0.len()];
        for (number, to) in self.0.iter().enumerate() {
            for next in to {
                if let Some(users) = from.get_mut(*next) {
                    users.push(number);
                }
            }
        }
        let mut left = vec![true; self.0.len()];
        let mut circles = Vec::new();
        let mut loose: Vec<usize> = (0..self.0.len()).collect();
        for first in 0..self.0.len() {
            self.take_loose(&from, &mut left, &mut loose);
            if left.get(first) == Some(&true) {
                circles.extend(self.way_back(first, &left));
                take(&mut left, first);
                loose.extend(self.0.get(first).into_iter().flatten());
                loose.extend(from.get(first).into_iter().flatten());
            }
        }
        circles
    }

    /// Takes out whoever needs nobody that is left, or whom nobody needs: they are on no circle, and
    /// are most of all.
    fn take_loose(&self, from: &[Vec<usize>], left: &mut [bool], loose: &mut Vec<usize>) {
        while let Some(number) = loose.pop() {
            let is_left = |number: &usize| left.get(*number) == Some(&true);
            let (to, users) = (self.0.get(number), from.get(number));
            let has = |ends: Option<&Vec<usize>>| ends.into_iter().flatten().any(is_left);
            if is_left(&number) && !(has(to) && has(users)) {
                take(left, number);
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

/// How many of those on a circle a message names at each of its ends.
const NAMED: usize = 10;

/// A circle in words; of a long one both ends, as nobody reads on, and as many circles may be long.
pub(crate) fn in_words(names: &[&str]) -> String {
    let between = names.len().saturating_sub(2 * NAMED);
    if between < 2 {
        return names.join(" → ");
    }
    let first: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let last: Vec<&str> = names.iter().skip(NAMED + between).copied().collect();
    format!(
        "{} → … ({between} more) → {}",
        first.join(" → "),
        last.join(" → ")
    )
}

fn take(left: &mut [bool], number: usize) {
    if let Some(one) = left.get_mut(number) {
        *one = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{Needs, in_words};

    fn circles(to: &[&[usize]]) -> Vec<Vec<usize>> {
        Needs(to.iter().map(|to| to.to_vec()).collect()).circles()
    }

    #[test]
    fn circles_are_found_once_and_the_shortest() {
        for (to, expected) in [
            (&[&[1][..], &[2], &[]][..], &[][..]),
            (&[&[0]], &[&[0, 0][..]]),
            (&[&[1], &[0]], &[&[0, 1, 0]]),
            (&[&[1, 2], &[2], &[0]], &[&[0, 2, 0]]),
            (&[&[1], &[2], &[1]], &[&[1, 2, 1]]),
            (&[&[1], &[0, 2], &[3], &[2]], &[&[0, 1, 0], &[2, 3, 2]]),
            (&[&[1], &[1, 0], &[9]], &[&[0, 1, 0], &[1, 1]]),
        ] {
            assert_eq!(circles(to), expected, "{to:?}");
        }
    }

    #[test]
    fn of_a_long_circle_both_ends_are_named() {
        assert_eq!(in_words(&["a", "b", "a"]), "a → b → a");
        let names: Vec<String> = (0..100).map(|name| name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let words = in_words(&names);
        assert!(words.contains("9 → … (80 more) → 90"), "{words}");
    }

    #[test]
    fn long_rows_take_no_time() {
        let row: Vec<Vec<usize>> = (0..50_000).map(|number| vec![number + 1]).collect();
        assert_eq!(Needs(row.clone()).circles(), [[0; 0]; 0]);
        let mut round = row;
        round.push(vec![0]);
        assert_eq!(Needs(round).circles()[0].len(), 50_002);
    }
}
