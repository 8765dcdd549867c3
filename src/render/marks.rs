//! The characters that stand for something else while a template renders.
//!
//! They are chosen for each run, from those that neither the templates nor the values hold, so
//! no text can be taken for a mark, and no character is forbidden.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Where marks are chosen from: private-use and unassigned planes. None of these characters has an
/// upper or lower case or needs an escape in YAML. An input that held all of them would be larger
/// than what is read of templates.
const POOL: [RangeInclusive<char>; 2] = ['\u{F0000}'..='\u{10FFFD}', '\u{40000}'..='\u{EFFFD}'];

/// The marks of one render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// Begins a placeholder: the index of a value follows.
    pub(super) open: char,
    /// Ends a placeholder.
    pub(super) close: char,
    /// Stands for the `$` of a variable that Compose is to fill in; any other `$` of a value is
    /// text.
    pub(super) dollar: char,
    /// What `definition()` gives.
    pub(super) digest: char,
    /// Surrounds what says where a part of a text comes from.
    pub(super) origin: char,
}

impl Marks {
    /// Marks that are not among the `used` characters; `None` where these leave no five.
    pub(super) fn absent_from(used: &BTreeSet<char>) -> Option<Self> {
        let is_noncharacter = |c: char| u32::from(c) & 0xFFFE == 0xFFFE;
        let mut free = POOL
            .into_iter()
            .flatten()
            .filter(|c| !is_noncharacter(*c) && !used.contains(c));
        Some(Self {
            open: free.next()?,
            close: free.next()?,
            dollar: free.next()?,
            digest: free.next()?,
            origin: free.next()?,
        })
    }

    fn all(self) -> [char; 5] {
        [self.open, self.close, self.dollar, self.digest, self.origin]
    }

    /// Whether one of the marks is among the `used` characters.
    pub(super) fn clash(self, used: &BTreeSet<char>) -> bool {
        self.all().iter().any(|mark| used.contains(mark))
    }

    /// Whether a text holds a placeholder, or a part of one.
    pub(super) fn is_rendered(self, text: &str) -> bool {
        may_hold_marks(text) && text.contains([self.open, self.close])
    }

    /// Whether a text holds any mark.
    pub(super) fn is_marked(self, text: &str) -> bool {
        may_hold_marks(text) && text.contains(self.all())
    }
}

/// Notes the characters of a text that marks could be chosen from.
pub(super) fn note(used: &mut BTreeSet<char>, text: &str) {
    if may_hold_marks(text) {
        used.extend(
            text.chars()
                .filter(|c| POOL.iter().any(|range| range.contains(c))),
        );
    }
}

/// All characters of the pool begin with one of the last bytes of UTF-8, which texts hardly hold.
fn may_hold_marks(text: &str) -> bool {
    // The greatest of all bytes is found many at a time, the first such byte would not be.
    text.bytes().fold(0, u8::max) >= 0xF1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Marks, note};

    #[test]
    fn marks_are_five_characters_that_the_texts_do_not_hold() {
        let mut used = BTreeSet::new();
        for _ in 0..3 {
            let marks = Marks::absent_from(&used).unwrap();
            assert!(!marks.clash(&used));
            assert_eq!(BTreeSet::from(marks.all()).len(), 5);
            note(&mut used, &String::from_iter(marks.all()));
            assert!(marks.clash(&used));
        }
        assert_eq!(used.len(), 15);
    }

    #[test]
    fn the_pool_can_be_used_up() {
        let all: String = super::POOL.into_iter().flatten().collect();
        let mut used = BTreeSet::new();
        note(&mut used, &all);
        assert_eq!(Marks::absent_from(&used), None);
    }
}
