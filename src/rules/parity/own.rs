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
                text = without(&text, name);
            }
        }
        text
    }
}

/// A text without a name, where that is a word of its own: `us` is none in `status`.
fn without(text: &str, name: &str) -> String {
    let mut left = String::new();
    let (mut written, mut from) = (0, 0);
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(name)) {
        let (start, end) = (from + start, from + start + name.len());
        let (before, after) = (text.get(..start), text.get(end..));
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = before.and_then(|text| text.chars().next_back());
        let after = after.and_then(|text| text.chars().next());
        if !is_word(before) && !is_word(after) {
            left.push_str(text.get(written..start).unwrap_or_default());
            left.push('…');
            written = end;
        }
        from = end;
    }
    left + text.get(written..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_out_where_it_is_a_word() {
        for (text, name, expected) in [
            ("/status/us", "us", "/status/…"),
            ("--mode=neural", "eu", "--mode=neural"),
            ("shop_eu-db.eu", "eu", "shop_…-db.…"),
            ("/var/run/postgresql", "stg", "/var/run/postgresql"),
            ("ueü eu", "eu", "ueü …"),
            ("", "eu", ""),
        ] {
            assert_eq!(without(text, name), expected);
        }
    }
}
