//! A finding of a rule, with the rule.

use super::found::Found;
use super::rule::{Rule, Severity};
use crate::render::Places;
use crate::source::{At, Place};

/// What a rule found, with the rule.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found; there may be hundreds of thousands, which are sorted.
    pub found: Box<Found>,
    /// Why it is allowed, where a spec allows it.
    pub allowed: Option<String>,
    /// Whether it was found in a rendered file.
    is_rendered: bool,
}

impl Violation {
    /// What is said of a rendered file is said of the line that somebody wrote.
    pub(super) fn of(rule: &'static Rule, mut found: Found, places: Option<&Places<'_>>) -> Self {
        let written = |place: &Place| places.and_then(|places| places.written(place));
        let is_rendered = written(found.diagnostic.place()).is_some();
        found.diagnostic = found
            .diagnostic
            .traced(&written)
            .found_by(rule.code, rule.severity);
        Self {
            is_rendered,
            rule,
            found: Box::new(found),
            allowed: None,
        }
    }

    /// Whether it is about something with one of the names. What is about an environment as a
    /// whole is about each of its hosts, whose environments are the `owners`.
    #[must_use]
    pub fn is_about(&self, names: &[String], owners: &[String]) -> bool {
        let (environments, hosts) = (&self.found.environments, &self.found.hosts);
        let any_of =
            |these: &[String], those: &[String]| these.iter().any(|one| those.contains(one));
        names.is_empty()
            || (environments.is_empty() && hosts.is_empty())
            || any_of(names, environments)
            || any_of(names, hosts)
            || (hosts.is_empty() && any_of(owners, environments))
    }

    /// Whether one of two findings says it all.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.found.diagnostic, &other.found.diagnostic);
        self.rule.code == other.rule.code
            && a.message() == b.message()
            && a.place().source.name == b.place().source.name
            && a.place().at == b.place().at
    }

    /// Makes it the finding of another's environments and hosts as well.
    pub(super) fn take_in(&mut self, other: Self) {
        for (own, others) in [
            (&mut self.found.environments, other.found.environments),
            (&mut self.found.hosts, other.found.hosts),
        ] {
            for name in others {
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
    }

    /// Says in which hosts it was found, where its place does not.
    pub(super) fn name_hosts(&mut self) {
        if self.is_rendered {
            let diagnostic = self.found.diagnostic.clone();
            self.found.diagnostic = diagnostic.in_hosts(&self.found.hosts);
        }
    }

    /// What findings are sorted by.
    pub(super) fn key(&self) -> (Severity, String, usize, &'static str, String) {
        let place = self.found.diagnostic.place();
        let at = match &place.at {
            At::Whole => 0,
            _ => place.range().map_or(0, |range| range.start),
        };
        let message = self.found.diagnostic.message().to_owned();
        let severity = self.rule.severity;
        (
            severity,
            place.source.name.clone(),
            at,
            self.rule.code,
            message,
        )
    }
}
