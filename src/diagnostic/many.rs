//! All diagnostics of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Diagnostic;
use crate::text::{Style, Styled};

/// The most errors that a run shows, unless all are asked for; more are not fixed in one go.
pub(crate) const MAX_SHOWN: usize = 20;

/// As many are kept, so that those shown are the first in the order of the text. What comes after
/// them is counted.
const MAX_KEPT: usize = 1000;

/// Everything that is wrong with the inputs of a run; as an error, it ends the run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// How many were found beyond those that are kept.
    more: usize,
    unreadable: BTreeSet<UnreadCause>,
}

/// What could not be read, which others refer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UnreadCause {
    /// The thing of a name.
    Thing(String),
    /// All things of a field, such as `services`.
    Field(String),
}

impl Diagnostics {
    /// Takes note of a diagnostic, unless it only follows from one that is known.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_known(&diagnostic) {
            return;
        }
        if self.found.len() < MAX_KEPT {
            self.found.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// Remembers that the thing called `name` is there and could not be read.
    pub(crate) fn unreadable(&mut self, name: impl Into<String>) {
        self.unreadable.insert(UnreadCause::Thing(name.into()));
    }

    /// Remembers that a field is there whose names could not be read.
    pub(crate) fn unreadable_field(&mut self, field: impl Into<String>) {
        self.unreadable.insert(UnreadCause::Field(field.into()));
    }

    /// Whether a diagnostic only follows from what could not be read.
    fn is_known(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic
            .follows
            .iter()
            .any(|cause| self.unreadable.contains(cause))
    }

    /// Takes note of all diagnostics of `others`.
    pub(crate) fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        for other in others {
            self.push(other);
        }
    }

    /// An empty list for a part of the inputs that is read on its own. What could not be read so far is known to it.
    pub(crate) fn of_part(&self) -> Self {
        Self {
            unreadable: self.unreadable.clone(),
            ..Self::default()
        }
    }

    /// Adds the diagnostics of a part of the inputs.
    pub(crate) fn merge(&mut self, part: Self) {
        self.extend(part.found);
        self.more += part.more;
        self.unreadable.extend(part.unreadable);
    }

    /// Removes those that repeat another one about the same place, and those that follow from what was only
    /// later found not to be readable.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        let found = std::mem::take(&mut self.found).into_iter();
        self.found = found.filter(|one| !self.is_known(one)).collect();
        let mut known = BTreeSet::new();
        self.found
            .retain(|one| known.insert((one.place().identity(), one.message().to_owned())));
        self
    }

    /// Joins those that say the same of one place in several hosts, or of several services.
    #[must_use]
    pub(crate) fn across_hosts(mut self) -> Self {
        self.join(|one| Some(one.identity()));
        self.across_services()
    }

    /// Joins those that say the same of one place for several services.
    #[must_use]
    pub(crate) fn across_services(mut self) -> Self {
        self.join(Diagnostic::identity_of_line);
        self
    }

    /// Joins those of the same key with the first of them.
    fn join(&mut self, key: impl Fn(&Diagnostic) -> Option<String>) {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut all: Vec<Diagnostic> = Vec::new();
        for mut one in std::mem::take(&mut self.found) {
            let key = key(&one);
            let first = key.as_ref().and_then(|key| known.get(key));
            if let Some(first) = first.and_then(|at| all.get_mut(*at)) {
                first.merge(&mut one);
                continue;
            }
            known.extend(key.map(|key| (key, all.len())));
            all.push(one);
        }
        self.found = all;
    }

    /// Names all hosts that a diagnostic was found in, however many they are.
    pub(crate) fn name_hosts(&mut self) {
        for one in &mut self.found {
            if let Some(scope) = &mut one.scope {
                scope.names_hosts = true;
            }
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether no more diagnostics are kept, only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MAX_KEPT
    }

    /// The words before a number of errors: a search for them may stop where no more are kept.
    pub(crate) fn at_least(&self) -> &'static str {
        if self.is_full() { "at least " } else { "" }
    }

    /// How many things are wrong.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// How many were found beyond those that are kept.
    pub(crate) fn more(&self) -> usize {
        self.more
    }

    /// The diagnostics in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.found.iter()
    }

    /// `value` if nothing is wrong, otherwise all that is.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// The diagnostics, sorted by file and place.
    pub(crate) fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.found.iter().collect();
        sorted.sort_by_cached_key(|diagnostic| {
            let place = &diagnostic.place;
            let start = place.range().map(|range| range.start);
            (place.source.name.as_str(), start)
        });
        sorted
    }

    /// The diagnostics, sorted by file and place; where there are more than `shown`, those that may follow from others come
    /// after them.
    pub(crate) fn causes_first(&self, shown: usize) -> Vec<&Diagnostic> {
        let mut sorted = self.sorted();
        if sorted.len() > shown {
            sorted.sort_by_key(|diagnostic| !diagnostic.follows.is_empty());
        }
        sorted
    }

    /// The messages, sorted by file and place, each once; of many only the first, and how many there
    /// are beside them.
    pub fn messages(&self, style: Style) -> (Vec<Styled>, usize) {
        self.first_messages(style, MAX_SHOWN)
    }

    /// Like `messages`, with at most so many of them.
    pub(crate) fn first_messages(&self, style: Style, most: usize) -> (Vec<Styled>, usize) {
        let mut messages: Vec<Styled> = Vec::new();
        let mut others = self.causes_first(most).into_iter();
        for diagnostic in others.by_ref() {
            let message = diagnostic.render(style);
            // The same mistake, found by two passes, comes twice in a row or nearly so.
            if messages.iter().rev().take(8).all(|known| *known != message) {
                messages.push(message);
            }
            if messages.len() == most {
                break;
            }
        }
        (messages, others.len() + self.more)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::from_iter([diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Self::default();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (messages, more) = self.messages(Style::Plain);
        for (index, message) in messages.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{message}")?;
        }
        match more {
            0 => Ok(()),
            more => write!(f, "\n\nand {}{more} more", self.at_least()),
        }
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, UnreadCause};
    use crate::source::{Place, Source};

    fn at(message: &str, range: std::ops::Range<usize>) -> Diagnostic {
        let source = Source::new("compose.yml", "x-base: &base { cpus: a, tty: b }\n");
        Diagnostic::new(message.to_owned(), Place::bytes(&source, range))
    }

    fn messages(problems: &[&Diagnostic]) -> Vec<String> {
        problems
            .iter()
            .map(|one| one.message().to_owned())
            .collect()
    }

    #[test]
    fn of_many_the_causes_come_before_what_may_follow_from_them() {
        let mut all = Diagnostics::default();
        all.push(at("consequence", 0..1).follows_from("web"));
        all.push(at("cause", 22..23));
        assert_eq!(messages(&all.causes_first(2)), ["consequence", "cause"]);
        assert_eq!(messages(&all.causes_first(1)), ["cause", "consequence"]);
        let (shown, more) = all.first_messages(crate::text::Style::Plain, 1);
        assert!(shown[0].to_string().contains("cause"), "{shown:?}");
        assert!(!shown[0].to_string().contains("consequence"), "{shown:?}");
        assert_eq!(more, 1);
        all.unreadable.insert(UnreadCause::Thing("web".to_owned()));
        assert_eq!(messages(&all.once().iter().collect::<Vec<_>>()), ["cause"]);
    }
}
