//! What a rule found.

use super::fix::Fix;
use crate::diagnostic::{Diagnostic, Words};
use crate::source::Place;
use crate::spec::{Environment, Host, Service};

/// What a rule found: what is wrong, where, and whom it belongs to.
///
/// Its words are made of names ([`Words::Named`]); a value goes through [`Place::quote`].
#[derive(Debug, Clone)]
pub struct Found {
    /// The message with its places.
    pub diagnostic: Diagnostic,
    /// What it is about: a service, a network, `namespaces.bucket`.
    pub what: String,
    /// The environments that it is about, the one to fix first; empty means all of them.
    pub environments: Vec<String>,
    /// The hosts that it is about; empty means all hosts of the environments.
    pub hosts: Vec<String>,
    /// The service that it is about.
    pub service: Option<String>,
    /// The further services that its line is of: an anchor, or what several extend.
    pub also: Vec<String>,
    /// What to write in the file instead, where that is safe.
    pub(crate) fix: Option<Box<Fix>>,
    /// The Compose file that it is about, by its number among all that are checked, where it is about one.
    pub(super) deployed: Option<usize>,
}

impl Found {
    /// Something that is wrong with `what`, at a place.
    pub(super) fn new(
        what: impl Into<String>,
        message: impl Into<Words>,
        place: impl Into<Place>,
    ) -> Self {
        Self {
            diagnostic: Diagnostic::new(Words::named(message), place),
            what: what.into(),
            environments: Vec::new(),
            hosts: Vec::new(),
            service: None,
            also: Vec::new(),
            fix: None,
            deployed: None,
        }
    }

    /// What was expected at the place.
    pub(super) fn label(mut self, label: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.label(Words::named(label));
        self
    }

    /// Another place that explains it.
    pub(super) fn related(mut self, place: impl Into<Place>, label: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.related(place, Words::named(label));
        self
    }

    /// How to fix it.
    pub(super) fn help(mut self, help: impl Into<Words>) -> Self {
        self.diagnostic = self.diagnostic.help(Words::named(help));
        self
    }

    /// Adds "did you mean", where one of `known` is close to `word`.
    pub(super) fn did_you_mean<'a>(
        mut self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.diagnostic = self.diagnostic.did_you_mean(word, known);
        self
    }

    /// What to write in the file instead.
    pub(super) fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix.map(Box::new);
        self
    }

    /// An environment that it is about.
    pub(super) fn of(mut self, environment: &Environment) -> Self {
        self.environments.push(environment.name.to_string());
        self
    }

    /// Why it matters: the environment exists once per pull request.
    pub(super) fn per_pull_request(self, environment: &Environment) -> Self {
        self.related(
            &environment.place,
            "this environment exists once per pull request",
        )
    }

    /// A host that it is about.
    pub(super) fn on(mut self, host: &Host) -> Self {
        self.hosts.push(host.name.to_string());
        self
    }

    /// The service that it is about, with its host and environment.
    pub(super) fn of_service(
        self,
        environment: &Environment,
        host: &Host,
        service: &Service,
    ) -> Self {
        self.of(environment).on(host).service(service.name.as_str())
    }

    /// The service that it is about.
    pub(super) fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }
}
