//! "Did you mean": the word that is closest to another one.

use std::fmt;

use crate::text::expected;

/// The longest word that another is looked for, in bytes, and the most words that are compared with
/// it: the time grows with the product of their lengths.
const MAX_GUESSED: (usize, usize) = (64, 1000);

/// The one of `known` that is closest to `word`, if any other is close. Where there are very many, none is.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_GUESSED.0 {
        return None;
    }
    let known: Vec<&str> = known.into_iter().take(MAX_GUESSED.1 + 1).collect();
    if known.len() > MAX_GUESSED.1 {
        return None;
    }
    // The comparison takes its time, and a file may hold many unknown words. Two texts are
    // at most as alike as the share of their letters that the other one has too.
    let own = letters(word);
    let is_near = |other: &&str| {
        if *other == word {
            return false;
        }
        let all = word.len() + other.len();
        let others = letters(other);
        let here = word.bytes().filter(|byte| others & bit(*byte) != 0);
        let there = other.bytes().filter(|byte| own & bit(*byte) != 0);
        // `ratio >= 0.6`, where the ratio is twice the shared letters by all.
        2 * here.count().min(there.count()) * 10 >= all * 6
    };
    let near: Vec<&str> = known.iter().copied().filter(is_near).collect();
    let near = similar::get_close_matches(word, &near, 1, 0.6);
    near.into_iter().next().or_else(|| shortened(word, &known))
}

/// The end of a message about a word: the one that was probably meant, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DidYouMean<'a>(pub(crate) Option<&'a str>);

impl<'a> DidYouMean<'a> {
    /// The one of `known` that is closest to `word`.
    pub(crate) fn of(word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self(closest(word, known))
    }

    /// The one of `known` that is closest to `word` behind the beginning that all of them have, which says nothing.
    pub(crate) fn behind(
        start: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    ) -> Self {
        let known = known.into_iter();
        let rest = word.strip_prefix(start).unwrap_or(word);
        let rests = known.clone().filter_map(|one| one.strip_prefix(start));
        let meant = closest(rest, rests);
        let is_meant = |one: &&str| meant.is_some() && one.strip_prefix(start) == meant;
        Self(known.into_iter().find(is_meant))
    }
}

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => Ok(()),
        }
    }
}

/// The message about a name that does not exist, with the names that do.
pub(crate) fn no_such(what: &str, name: &str, known: &[impl AsRef<str>]) -> String {
    let names = || known.iter().map(AsRef::as_ref);
    let meant = DidYouMean::of(name, names());
    match known {
        [] => format!("there is no {what} `{name}`"),
        _ => format!(
            "there is no {what} `{name}` ({}){meant}",
            expected::one_of(names())
        ),
    }
}

/// The only one of `known` that a word is the beginning of.
fn shortened<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut longer = known.iter().copied().filter(|other| {
        word.len() >= SHORTEST && other.len() > word.len() && other.starts_with(word)
    });
    let first = longer.next();
    first.filter(|_| longer.next().is_none())
}

/// The shortest word that is taken for the beginning of another one, in bytes.
const SHORTEST: usize = 3;

/// The letters of a word, one bit for each or for a few that share it.
fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |letters, byte| letters | bit(byte))
}

fn bit(byte: u8) -> u64 {
    1 << (byte & 63)
}

/// The one of `known` that `name` is but for a slip.
pub(crate) fn misspelt<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known.into_iter().find(|other| is_one_slip(name, other))
}

/// Whether two names differ by one letter: another one, one that is missing, or two in the wrong order. Names that are
/// counted differ by a digit.
pub(crate) fn is_one_slip(a: &str, b: &str) -> bool {
    let start = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.as_bytes().get(start..), b.as_bytes().get(start..));
    let (Some(a), Some(b)) = (a, b) else {
        return false;
    };
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (a.get(..a.len() - end), b.get(..b.len() - end));
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    let are_letters = a.iter().chain(b).all(u8::is_ascii_alphabetic);
    are_letters
        && match (a, b) {
            ([_], [_] | []) | ([], [_]) => true,
            ([first, second], [other, another]) => first == another && second == other,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::{DidYouMean, is_one_slip};

    #[test]
    fn what_all_names_begin_with_makes_none_close() {
        let known = ["ENGINE_OF_WEB", "ENGINE_OF_DATABASE"];
        for (word, meant) in [
            ("ENGINE_OF_WBE", Some("ENGINE_OF_WEB")),
            ("ENGINE_OF_DATABSE", Some("ENGINE_OF_DATABASE")),
            ("ENGINE_OF_26_NETNS", None),
            ("ENGINE_OF_QA", None),
        ] {
            assert_eq!(DidYouMean::behind("ENGINE_OF_", word, known).0, meant);
        }
    }

    #[test]
    fn a_slip_is_one_letter() {
        for (a, b) in [
            ("db_password", "db_pasword"),
            ("token", "tokne"),
            ("key", "kex"),
            ("a", "ab"),
        ] {
            assert!(is_one_slip(a, b) && is_one_slip(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("key_1", "key_2"),
            ("key", "key_2"),
            ("key", "key"),
            ("rails_key", "meili_key"),
        ] {
            assert!(!is_one_slip(a, b), "{a} {b}");
        }
    }
}
