//! What a rule found.

use super::rule::Rule;
use super::subject::Deployed;
use crate::diagnostic::{Diagnostic, Words};
use crate::source::{At, Place};
use crate::spec::{Environment, Host, Service};

/// What a rule found: what is wrong, where, and whose it is.
#[derive(Debug, Clone)]
pub struct Found {
    /// The message with its places.
    pub diagnostic: Diagnostic,
    /// What it is about: a service, a network, `namespaces.bucket`.
    pub what: String,
    /// The environments that it is about, the one at fault first; none means all of them.
    pub environments: Vec<String>,
    /// The hosts that it is about; none means all of the environments'.
    pub hosts: Vec<String>,
    /// The service that it is about.
    pub service: Option<String>,
}

impl Found {
    /// Something that is wrong with `what`, at a place.
    #[must_use]
    pub fn new(what: impl Into<String>, message: impl Into<Words>, place: Place) -> Self {
        Self {
            diagnostic: Diagnostic::new(message, place),
            what: what.into(),
            environments: Vec::new(),
            hosts: Vec::new(),
            service: None,
        }
    }

    /// What was expected at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.label(label);
        self
    }

    /// The place that promised otherwise, and how.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.related(place, label);
        self
    }

    /// How to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.help(help);
        self
    }

    /// An environment that it is about.
    #[must_use]
    pub fn of(mut self, environment: &Environment) -> Self {
        self.environments.push(environment.name.to_string());
        self
    }

    /// A host that it is about.
    #[must_use]
    pub fn on(mut self, host: &Host) -> Self {
        self.hosts.push(host.name.to_string());
        self
    }

    /// The service that it is about, with its host and environment.
    #[must_use]
    pub fn of_service(self, environment: &Environment, host: &Host, service: &Service) -> Self {
        self.of(environment).on(host).service(service.name.as_str())
    }

    /// Whose it is, where a spec says so.
    #[must_use]
    pub fn belonging(self, deployed: &Deployed<'_>) -> Self {
        match deployed.of {
            Some((environment, host)) => self.of(environment).on(host),
            None => self,
        }
    }

    /// The service that it is about.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }
}

/// What a rule found, with the rule.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found; there may be hundreds of thousands, which are sorted.
    pub found: Box<Found>,
    /// Why it is allowed, where a spec allows it.
    pub allowed: Option<String>,
}

impl Violation {
    pub(super) fn of(rule: &'static Rule, mut found: Found) -> Self {
        found.diagnostic = found.diagnostic.found_by(rule.code, rule.severity);
        Self {
            rule,
            found: Box::new(found),
            allowed: None,
        }
    }

    /// Whether it is about something that bears one of the names. What is about an environment as a
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

    /// What findings are sorted by.
    pub(super) fn key(&self) -> (String, usize, &'static str, String) {
        let place = self.found.diagnostic.place();
        let at = match &place.at {
            At::Whole => 0,
            _ => place.range().map_or(0, |range| range.start),
        };
        let message = self.found.diagnostic.message().to_owned();
        (place.source.name.clone(), at, self.rule.code, message)
    }
}
