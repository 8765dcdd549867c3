//! What two environments have of their own.

use std::borrow::Cow;

use crate::spec::{Catalog, Environment, Host};

/// What is an environment's own, and differs without being a difference.
pub(super) struct Own<'a> {
    /// Names that may be a part of a text, the longest first: a short one may be part of it.
    names: Vec<Cow<'a, str>>,
    /// Words that are a whole text.
    words: Vec<&'a str>,
}

impl<'a> Own<'a> {
    pub(super) fn of(
        catalog: Option<&'a Catalog>,
        environment: &'a Environment,
        host: &'a Host,
    ) -> Self {
        let mut names: Vec<Cow<'_, str>> = vec![
            host.project.as_str().into(),
            environment.name.as_str().into(),
        ];
        let mut words = Vec::new();
        for name in environment.namespaces.values() {
            // `0` is the name of a database of Redis, and a part of many numbers.
            if name.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
                words.push(name.as_str());
            } else {
                names.push(name.as_str().into());
            }
        }
        names.extend(
            environment
                .domains
                .values()
                .map(|domain| domain.as_str().into()),
        );
        names.extend(
            environment
                .retention
                .values()
                .map(|period| period.as_str().into()),
        );
        names.extend(
            environment
                .secret_directory()
                .map(|directory| directory.as_str().into()),
        );
        for upstream in environment.upstreams.values() {
            words.push(upstream.level.as_str());
            words.extend(upstream.fallback.as_ref().map(|word| word.as_str()));
            if let Some(route) = &upstream.route {
                names.push(route.value.to_string().into());
                names.push(route.host.as_str().into());
            }
        }
        for host in &environment.hosts {
            names.push(host.machine.as_str().into());
            let machine = catalog.and_then(|catalog| catalog.machines.get(&host.machine.value));
            let addresses = machine
                .iter()
                .flat_map(|machine| machine.addresses.values());
            names.extend(addresses.map(|address| address.value.to_string().into()));
        }
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { names, words }
    }

    /// A text with an environment's own names taken out.
    pub(super) fn generic(&self, text: &str) -> String {
        if self.words.contains(&text) {
            return "…".to_owned();
        }
        let mut text = text.to_owned();
        for name in &self.names {
            if text.contains(name.as_ref()) {
                text = text.replace(name.as_ref(), "…");
            }
        }
        text
    }
}
