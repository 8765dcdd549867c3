//! Findings that are accepted: the matching that `ignore` of a host and `allow` share.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::pattern;

/// A day of the calendar: `2026-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            // The parser takes a time as well, and would leave it out.
            Ok(date) if text.len() == "2026-12-31".len() => Ok(Self(date)),
            _ => Err("expected a day, such as 2026-12-31"),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which findings a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SuppressionScope<'a> {
    /// Their code.
    pub(crate) code: &'a str,
    /// Their environment; `None` means all of them.
    pub(crate) environment: Option<&'a str>,
    /// Whether only the service that they are about counts, and nothing else of that name.
    pub(crate) is_service: bool,
}

/// What is accepted: patterns for the subjects of findings, each in its scope. Patterns without a `*`
/// are looked up, as there may be many of them.
#[derive(Debug, Default)]
pub(crate) struct Suppressions<'a> {
    named: HashMap<(SuppressionScope<'a>, &'a str), Vec<usize>>,
    patterns: HashMap<SuppressionScope<'a>, Vec<(usize, &'a str)>>,
    used: BTreeSet<usize>,
}

impl<'a> Suppressions<'a> {
    /// Accepts what fits a pattern; the index says whose it is.
    pub(crate) fn add(&mut self, index: usize, scope: SuppressionScope<'a>, pattern: &'a str) {
        if pattern.contains('*') {
            let patterns = self.patterns.entry(scope).or_default();
            patterns.push((index, pattern));
        } else {
            self.named.entry((scope, pattern)).or_default().push(index);
        }
    }

    /// The first that accepts one of these subjects. All that do are used.
    pub(crate) fn first<'b>(
        &mut self,
        subjects: impl IntoIterator<Item = (SuppressionScope<'b>, &'b str)>,
    ) -> Option<usize> {
        self.first_where(subjects, |_| true)
    }

    /// Like `first`, among those that also fulfil a condition.
    pub(crate) fn first_where<'b>(
        &mut self,
        subjects: impl IntoIterator<Item = (SuppressionScope<'b>, &'b str)>,
        fits_too: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut fitting = BTreeSet::new();
        for (scope, subject) in subjects {
            fitting.extend(self.named.get(&(scope, subject)).into_iter().flatten());
            let fits = self
                .patterns
                .get(&scope)
                .into_iter()
                .flatten()
                .filter(|(_, pattern)| pattern::matches(pattern, subject));
            fitting.extend(fits.map(|(index, _)| index));
        }
        fitting.retain(|index| fits_too(*index));
        self.used.extend(&fitting);
        fitting.first().copied()
    }

    /// Whether one accepted anything.
    pub(crate) fn is_used(&self, index: usize) -> bool {
        self.used.contains(&index)
    }
}

#[cfg(test)]
mod tests {
    use super::{SuppressionScope, Suppressions};

    fn scope(code: &str) -> SuppressionScope<'_> {
        SuppressionScope {
            code,
            environment: None,
            is_service: false,
        }
    }

    #[test]
    fn the_first_that_fits_wins_and_all_that_fit_are_used() {
        let mut suppressions = Suppressions::default();
        for (index, (code, pattern)) in [("port", "db*"), ("port", "db"), ("mount", "db")]
            .into_iter()
            .enumerate()
        {
            suppressions.add(index, scope(code), pattern);
        }
        assert_eq!(suppressions.first([(scope("port"), "db")]), Some(0));
        let others = [(scope("port"), "app"), (scope("mount"), "app")];
        assert_eq!(suppressions.first(others), None);
        let used: Vec<bool> = (0..3).map(|at| suppressions.is_used(at)).collect();
        assert_eq!(used, [true, true, false]);
    }

    #[test]
    fn a_service_is_not_a_network_of_its_name() {
        let mut suppressions = Suppressions::default();
        let service = SuppressionScope {
            is_service: true,
            ..scope("port")
        };
        suppressions.add(0, service, "db");
        assert_eq!(suppressions.first([(scope("port"), "db")]), None);
        assert_eq!(suppressions.first([(service, "db")]), Some(0));
    }
}
