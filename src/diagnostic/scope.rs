//! What a diagnostic holds for: services, hosts, things of a kind.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::{Diagnostic, LONGEST_RENDERED};
use crate::text::shortened;

/// So many hosts are named; of more, only their number is said.
const FEW_HOSTS: usize = 3;

/// How many further services are named; the rest are counted.
const FEW_SERVICES: usize = 8;

/// What a diagnostic holds for.
#[derive(Debug, Clone, Default)]
pub(super) struct DiagnosticScope {
    /// What kind of thing it holds for, and the names of these: what holds for several is reported at once.
    pub(super) kind: &'static str,
    pub(super) subjects: Vec<String>,
    /// The hosts that it was found in, where the run has several.
    hosts: Vec<String>,
    /// Whether what it says besides its message is that of the first host alone.
    differs: bool,
    pub(super) names_hosts: bool,
    /// The service that it was found in, where what is wrong may be written for others too.
    pub(super) service: Option<String>,
    /// The further services that its line is of: an anchor, or what several extend.
    services: Vec<String>,
}

static NOTHING: DiagnosticScope = DiagnosticScope {
    kind: "",
    subjects: Vec::new(),
    hosts: Vec::new(),
    differs: false,
    names_hosts: false,
    service: None,
    services: Vec::new(),
};

impl Diagnostic {
    pub(super) fn scope(&self) -> &DiagnosticScope {
        self.scope.as_deref().unwrap_or(&NOTHING)
    }

    pub(super) fn scope_mut(&mut self) -> &mut DiagnosticScope {
        self.scope.get_or_insert_default()
    }

    /// Says after its message what it holds for: a `service` and its name. What a template leaves out of every service is
    /// reported once.
    pub(crate) fn of(mut self, kind: &'static str, name: &str) -> Self {
        let scope = self.scope_mut();
        (scope.kind, scope.subjects) = (kind, vec![name.to_owned()]);
        self.withhold()
    }

    /// Says which host it was found in.
    pub(crate) fn in_host(mut self, host: &str) -> Self {
        self.scope_mut().hosts = vec![host.to_owned()];
        self
    }

    /// The hosts that it was found in, where the run has several.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.scope().hosts
    }

    /// Says which of several hosts it was found in.
    pub(crate) fn in_hosts(mut self, hosts: &[String]) -> Self {
        if !hosts.is_empty() || self.scope.is_some() {
            self.scope_mut().hosts = hosts.to_vec();
        }
        self
    }

    /// Says which further services its line is of.
    pub(crate) fn in_services(mut self, services: &[String]) -> Self {
        if !services.is_empty() || self.scope.is_some() {
            self.scope_mut().services = services.to_vec();
        }
        self
    }

    /// Says which service it was found in, at a line that may be written for others too.
    pub(crate) fn in_service(mut self, service: Option<String>) -> Self {
        if service.is_some() || self.scope.is_some() {
            self.scope_mut().service = service;
        }
        self
    }

    /// Adds what another diagnostic of the same identity says, for the same service or for others.
    pub(super) fn merge(&mut self, other: &mut Self) {
        let is_grouped = !self.scope().subjects.is_empty();
        let is_of_another = self.scope().service != other.scope().service;
        let differs = !is_grouped && !is_of_another && self.says() != other.says();
        let scope = self.scope_mut();
        scope.differs |= differs;
        if let Some(mut other) = other.scope.take() {
            scope.services.extend(other.service.take());
            scope.subjects.append(&mut other.subjects);
            scope.hosts.append(&mut other.hosts);
            scope.services.append(&mut other.services);
        }
        for names in [&mut scope.subjects, &mut scope.hosts, &mut scope.services] {
            let mut known = BTreeSet::new();
            names.retain(|name| known.insert(name.clone()));
        }
        scope
            .services
            .retain(|name| scope.service.as_ref() != Some(name));
        self.texts = OnceLock::new();
    }

    /// What is known beside the message: what a template rendered, of what, and in which hosts.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self
            .rendered()
            .map(|line| format!("rendered as `{}`", shortened(line, LONGEST_RENDERED)))
            .into_iter()
            .collect();
        let scope = self.scope();
        let named = |names: &[String]| -> String {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        if scope.subjects.len() > 1 {
            notes.push(format!("of {}", named(&scope.subjects)));
        }
        match scope.services.as_slice() {
            [] => {}
            few if few.len() <= FEW_SERVICES => {
                notes.push(format!("also applies to {}", named(few)));
            }
            many => notes.push(format!("also applies to {} more services", many.len())),
        }
        let shown = match scope.hosts.first() {
            Some(first) if scope.differs => format!("; this is what it says for `{first}`"),
            _ => String::new(),
        };
        match scope.hosts.as_slice() {
            [] => {}
            [one] => notes.push(format!("in host `{one}`")),
            few if scope.names_hosts || few.len() <= FEW_HOSTS => {
                notes.push(format!("in {} hosts: {}{shown}", few.len(), named(few)));
            }
            many => notes.push(format!("in {} hosts{shown}", many.len())),
        }
        notes
    }
}
