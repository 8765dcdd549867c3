//! A finding of a rule, with the rule.

use std::borrow::Cow;
use std::sync::Arc;

use super::found::Found;
use super::rule::{Rule, Severity};
use crate::render::Places;
use crate::source::{Place, TextPart};

/// What a rule found, with the rule.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found; there may be hundreds of thousands, which are sorted.
    pub found: Box<Found>,
    /// Why it is allowed, where it is.
    pub allowed: Option<Allowed>,
    /// Whether it was found in a rendered file.
    is_rendered: bool,
}

/// Why a finding is allowed.
#[derive(Debug, Clone)]
pub struct Allowed {
    reason: Arc<str>,
    /// Where a spec says so. Secrets are removed from its reason when it is shown, and from the reason in a Compose file before.
    place: Option<Place>,
}

impl Allowed {
    /// An allowance of a Compose file, with its reason without secrets.
    pub(super) fn by_file(reason: Arc<str>) -> Self {
        Self {
            reason,
            place: None,
        }
    }

    /// An allowance of a spec.
    pub(super) fn by_spec(reason: &str, place: &Place) -> Self {
        Self {
            reason: reason.into(),
            place: Some(place.clone()),
        }
    }

    /// The reason, without secrets.
    #[must_use]
    pub fn reason(&self) -> Cow<'_, str> {
        match &self.place {
            Some(place) => place.note(&self.reason).into(),
            None => Cow::Borrowed(&self.reason),
        }
    }

    /// Whether it is written in the file, and not in a spec.
    #[must_use]
    pub fn is_in_file(&self) -> bool {
        self.place.is_none()
    }
}

impl Violation {
    /// A finding in a rendered file is at the line that somebody wrote.
    pub(super) fn of(rule: &'static Rule, mut found: Found, places: Option<&Places<'_>>) -> Self {
        let written = |place: &Place| places.and_then(|places| places.written(place));
        found.diagnostic = found
            .diagnostic
            .traced(&written)
            .found_by(rule.code, rule.severity);
        let is_rendered = found.diagnostic.is_traced();
        if is_rendered && matches!(found.diagnostic.place().at, TextPart::Whole) {
            let help = "it comes from this template, or from one that it includes";
            found.diagnostic = found.diagnostic.help(help);
        }
        Self {
            is_rendered,
            rule,
            found: Box::new(found),
            allowed: None,
        }
    }

    /// Its message about its line, whichever service has it: of two findings of one place and rule that say the same, one says
    /// it all.
    pub(super) fn says(&self) -> String {
        let message = self.found.diagnostic.message();
        match &self.found.service {
            Some(service) => message.replace(&format!("`{service}`"), "``"),
            None => message.to_owned(),
        }
    }

    /// Whether two findings are of one place and one rule.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let (a, b) = (
            self.found.diagnostic.place(),
            other.found.diagnostic.place(),
        );
        self.rule.code == other.rule.code && a.source.name == b.source.name && a.at == b.at
    }

    /// Makes it the finding of another's environments, hosts and service as well.
    pub(super) fn merge(&mut self, mut other: Self) {
        let services = other.found.service.take().into_iter();
        for service in services.chain(std::mem::take(&mut other.found.also)) {
            let is_own = self.found.service.as_ref() == Some(&service);
            if !is_own && !self.found.also.contains(&service) {
                self.found.also.push(service);
            }
        }
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

    /// Says which services it is of besides its own.
    pub(super) fn name_services(&mut self) {
        if !self.found.also.is_empty() {
            let diagnostic = self.found.diagnostic.clone();
            self.found.diagnostic = diagnostic.in_services(&self.found.also);
        }
    }

    /// Says in which hosts it was found, where its place does not.
    pub(super) fn name_hosts(&mut self) {
        if self.is_rendered {
            let diagnostic = self.found.diagnostic.clone();
            self.found.diagnostic = diagnostic.in_hosts(&self.found.hosts);
        }
    }

    /// Sorts findings by severity, place, rule and message. Messages are compared only between findings of one rule in one
    /// place: secrets are removed from each, which is slow, and what is allowed is rarely shown.
    pub(super) fn sort(all: &mut Vec<Self>) {
        let mut ordered: Vec<_> = all.drain(..).map(|one| (one.order(), one)).collect();
        ordered.sort_by(|(order, one), (other_order, other)| {
            let (one, other) = (&one.found.diagnostic, &other.found.diagnostic);
            let by_message = || one.message().cmp(other.message());
            order.cmp(other_order).then_with(by_message)
        });
        all.extend(ordered.into_iter().map(|(_, one)| one));
    }

    /// What findings are in order by: severity, place and rule.
    pub(crate) fn order(&self) -> (Severity, String, usize, &'static str) {
        let place = self.found.diagnostic.place();
        let at = match &place.at {
            TextPart::Whole => 0,
            _ => place.range().map_or(0, |range| range.start),
        };
        (
            self.rule.severity,
            place.source.name.clone(),
            at,
            self.rule.code,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Violation;
    use crate::rules::found::Found;
    use crate::rules::{Severity, all};
    use crate::source::{Place, Source};

    #[test]
    fn findings_are_sorted_by_severity_place_rule_and_message() {
        let source = Source::new("a.yml", "one\ntwo\n");
        let other = Source::new("b.yml", "one\n");
        let errors = all().filter(|rule| rule.severity == Severity::Error);
        let mut rules: Vec<_> = errors.take(2).collect();
        rules.sort_by_key(|rule| rule.code);
        let [first, second] = rules[..] else {
            panic!("there are more rules");
        };
        let finding = |rule, message: &'static str, place| {
            Violation::of(rule, Found::new("it", message, place), None)
        };
        let mut all = vec![
            finding(first, "a", Place::whole(&other)),
            finding(first, "a", Place::bytes(&source, 4..7)),
            finding(second, "a", Place::bytes(&source, 0..3)),
            finding(first, "c", Place::bytes(&source, 0..3)),
            finding(first, "b", Place::bytes(&source, 0..3)),
        ];
        Violation::sort(&mut all);
        let shown: Vec<_> = all
            .iter()
            .map(|one| {
                let place = one.found.diagnostic.place();
                let start = place.range().map_or(0, |range| range.start);
                let message = one.found.diagnostic.message();
                (place.source.name.as_str(), start, one.rule.code, message)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("a.yml", 0, first.code, "b"),
                ("a.yml", 0, first.code, "c"),
                ("a.yml", 0, second.code, "a"),
                ("a.yml", 4, first.code, "a"),
                ("b.yml", 0, first.code, "a"),
            ]
        );
    }
}
