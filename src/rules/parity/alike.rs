//! What is alike in two environments but for their own names.
//!
//! A name of one environment may be a part of what both have: `acme` is the project of one, and `com.acme.role` a label in both.
//! So a name is only taken for one where the other environment has its own in the same place.

use std::collections::{BTreeMap, BTreeSet};

use super::Facts;
use super::own::{END, KINDS, NameForm, OwnNames};

/// The most places in which two texts are tried to go on in two ways.
const MOST_TRIED: usize = 4096;

/// A text with the names of an environment in it.
struct Marked {
    text: Vec<char>,
    /// Where each name begins: its kind, and where it ends.
    names: BTreeMap<usize, (char, usize)>,
}

impl Marked {
    fn of(text: &str) -> Self {
        let mut marked = Self {
            text: Vec::new(),
            names: BTreeMap::new(),
        };
        let mut begun = Vec::new();
        for c in text.chars() {
            let at = marked.text.len();
            if KINDS.contains(&c) {
                begun.push((at, c));
            } else if c != END {
                marked.text.push(c);
            } else if let Some((start, kind)) = begun.pop() {
                marked.names.insert(start, (kind, at));
            }
        }
        marked
    }
}

/// Whether two texts with marked names are the same, or but for names of one kind in the same place.
pub(super) fn is_alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (Marked::of(ours), Marked::of(theirs));
    let mut tried = BTreeSet::new();
    let mut left = vec![(0, 0)];
    while let Some((mut our, mut their)) = left.pop() {
        loop {
            let names = (ours.names.get(&our), theirs.names.get(&their));
            if let (Some((kind, our_end)), Some((other, their_end))) = names
                && kind == other
                && tried.insert((our, their))
            {
                if tried.len() > MOST_TRIED {
                    return false;
                }
                left.push((*our_end, *their_end));
            }
            match (ours.text.get(our), theirs.text.get(their)) {
                (None, None) => return true,
                (our, their) if our != their => break,
                _ => (our, their) = (our + 1, their + 1),
            }
        }
    }
    false
}

/// A path in which names of an environment are.
pub(super) struct Named {
    /// The path without the names.
    generic: String,
    /// The path with the names marked.
    marked: String,
}

impl Facts {
    /// The path of a part of `what` as it is written. `shown` is what is shown of its name.
    pub(super) fn path(
        &mut self,
        own: &OwnNames<'_>,
        what: &str,
        name: &str,
        shown: impl Fn(String) -> String,
    ) -> String {
        let path = |name: String| format!("{what}.{}", shown(name));
        let written = path(name.to_owned());
        let generic = own.written(name, NameForm::Hidden);
        if generic != name {
            let named = Named {
                generic: path(generic),
                marked: format!("{what}.{}", own.written(name, NameForm::Marked)),
            };
            self.named.insert(written.clone(), named);
        }
        written
    }

    /// Which of the paths with names only this environment has.
    fn own_paths(&self, other: &Self) -> Vec<String> {
        let paths = self.named.keys();
        let own = paths.filter(|path| !other.known.contains_key(*path));
        own.cloned().collect()
    }

    /// Renames paths, and those below them.
    fn rename(&mut self, paths: &BTreeMap<String, String>) {
        if paths.is_empty() {
            return;
        }
        let renamed = |path: &str| {
            let dots = path.match_indices('.').map(|(at, _)| at);
            let mut ends = dots.chain([path.len()]);
            ends.find_map(|end| {
                let (start, rest) = path.split_at_checked(end)?;
                Some(format!("{}{rest}", paths.get(start)?))
            })
        };
        for (path, facts) in std::mem::take(&mut self.known) {
            let path = renamed(&path).unwrap_or(path);
            for fact in facts {
                self.insert(path.clone(), fact);
            }
        }
        self.unsure = std::mem::take(&mut self.unsure)
            .into_iter()
            .map(|path| renamed(&path).unwrap_or(path))
            .collect();
    }
}

/// Gives one path to what two environments call alike but for their own names.
pub(super) fn unite_names(ours: &mut Facts, theirs: &mut Facts) {
    let (our, their) = (ours.own_paths(theirs), theirs.own_paths(ours));
    let generic = |facts: &Facts, path: &String| {
        let named = facts.named.get(path)?;
        Some((path.clone(), named.generic.clone()))
    };
    let their_paths: BTreeMap<String, String> = their
        .iter()
        .filter_map(|path| generic(theirs, path))
        .collect();
    let known: BTreeSet<&String> = their_paths.values().collect();
    let our_paths: BTreeMap<String, String> = our
        .iter()
        .filter_map(|path| {
            let (path, own) = generic(ours, path)?;
            if known.contains(&own) {
                return Some((path, own));
            }
            // A part of it is the same in both.
            let marked = &ours.named.get(&path)?.marked;
            let mut others = theirs.named.iter();
            let alike = others.find(|(other, named)| {
                their_paths.contains_key(*other) && is_alike(marked, &named.marked)
            });
            Some((path, alike.map_or(own, |(_, named)| named.generic.clone())))
        })
        .collect();
    ours.rename(&our_paths);
    theirs.rename(&their_paths);
}

#[cfg(test)]
mod tests {
    use super::{END, is_alike};

    /// A text in which names are between brackets, each with its kind in front.
    fn marked(text: &str) -> String {
        let kinds = text.replace("[p ", "\u{f0000}").replace("[d ", "\u{f0001}");
        kinds.replace(']', &END.to_string())
    }

    #[test]
    fn texts_are_alike_where_both_have_a_name_or_the_same_text() {
        for (ours, theirs, expected) in [
            ("com.[p acme].role", "com.acme.role", true),
            ("com.[p acme]/[p acme]", "com.acme/[p acme-staging]", true),
            ("[p acme]/com.[p acme]", "[p acme-staging]/com.acme", true),
            (
                "[p acme]-staging [p acme]",
                "[p acme-staging] [p acme-staging]",
                true,
            ),
            ("[p acme]", "[d acme.example]", false),
            ("[p acme].a", "[p acme-staging].b", false),
            ("[p acme]", "other", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(
                is_alike(&marked(ours), &marked(theirs)),
                expected,
                "{ours} {theirs}"
            );
            assert_eq!(
                is_alike(&marked(theirs), &marked(ours)),
                expected,
                "{theirs} {ours}"
            );
        }
    }
}
