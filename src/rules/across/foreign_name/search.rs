//! Names of environments in texts.

use std::collections::{HashMap, HashSet};

use aho_corasick::AhoCorasick;

use super::super::owned::{NameKind, Owned, is_plain};
use super::texts::{Text, TextKind};
use crate::rules::deployed::Deployed;
use crate::spec::Environment;
use crate::text::expression::{nested_expressions, with_defaults};
use crate::text::path::clean;

/// The names of all environments, to be looked for at once.
pub(super) struct Names<'b, 'a> {
    owned: &'b [Owned<'a>],
    /// Finds what every text that names one of them holds.
    parts: AhoCorasick,
    /// What may follow each of them.
    ends: Vec<HashSet<&'b str>>,
    /// The names with their numbers, by environment.
    values: HashMap<&'a str, HashSet<&'b str>>,
    /// The domains that are written without a number, and those with one.
    domains: HashSet<&'b str>,
    numbered: Vec<&'b Owned<'a>>,
    /// The name of the product.
    product: &'a str,
}

impl<'b, 'a> Names<'b, 'a> {
    /// Nothing where they are too many to look for.
    pub(super) fn of(owned: &'b [Owned<'a>], product: &'a str) -> Option<Self> {
        let parts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(owned.iter().map(|one| one.name.head()))
            .ok()?;
        let ends = owned.iter();
        let ends = ends.map(|one| one.ends.iter().map(String::as_str).collect());
        let mut values: HashMap<&str, HashSet<&str>> = HashMap::new();
        for one in owned {
            let own = values.entry(one.owner.name.as_str()).or_default();
            own.insert(&one.value);
        }
        let domains = || owned.iter().filter(|one| one.kind == NameKind::Domain);
        let plain = domains().filter(|one| !one.name.is_numbered());
        Some(Self {
            owned,
            parts,
            ends: ends.collect(),
            values,
            domains: plain.map(|one| one.name.as_str()).collect(),
            numbered: domains().filter(|one| one.name.is_numbered()).collect(),
            product,
        })
    }

    /// What a text names that is not the environment's own, as it is written there.
    pub(super) fn foreign(
        &self,
        environment: &Environment,
        deployed: &Deployed<'_>,
        text: &Text<'_>,
    ) -> Vec<(&'b Owned<'a>, String)> {
        let own = self.values.get(environment.name.as_str());
        let mut found = Vec::new();
        for written in forms(deployed, &text.written) {
            let mut held: Vec<usize> = self
                .parts
                .find_overlapping_iter(&written)
                .map(|part| part.pattern().as_usize())
                .collect();
            // Most texts name nothing.
            if held.is_empty() {
                continue;
            }
            held.sort_unstable();
            held.dedup();
            let lower = written.to_ascii_lowercase();
            for at in held {
                let Some(one) = self.owned.get(at) else {
                    continue;
                };
                // Its own is another pull request's where the number is another one.
                if one.owner.name == environment.name && !one.name.is_numbered() {
                    continue;
                }
                let Some((start, end)) = self.named(at, one, &lower, text.kind) else {
                    continue;
                };
                let hit = lower.get(start..end).unwrap_or_default();
                if own.is_some_and(|own| own.contains(hit)) {
                    continue;
                }
                let is_alone = !lower.get(end..).unwrap_or_default().starts_with(is_word);
                if one.kind == NameKind::Project && is_alone && self.is_of_all(hit, environment) {
                    continue;
                }
                found.push((one, written.get(start..end).unwrap_or_default().to_owned()));
            }
        }
        found
    }

    /// Whether a project has the name that all of the product have in theirs: `shop` beside `shop-staging` calls its
    /// database `shop` as well, and means no project by it.
    fn is_of_all(&self, project: &str, environment: &Environment) -> bool {
        let mut own = environment.hosts.iter().map(|host| host.project.as_str());
        project == self.product
            || own.any(|own| {
                own.strip_prefix(project)
                    .is_some_and(|rest| rest.starts_with(['-', '_']))
            })
    }

    /// Where a text in lower case names something, as a word of its own.
    fn named(
        &self,
        number: usize,
        one: &Owned<'_>,
        text: &str,
        kind: TextKind,
    ) -> Option<(usize, usize)> {
        let name = one.name.as_str();
        if is_number(name) {
            return database(name, text);
        }
        if is_plain(name) && !matches!(one.kind, NameKind::Domain | NameKind::Upstream) {
            return plain(name, text).filter(|_| kind == TextKind::Value);
        }
        if kind == TextKind::Image && one.kind == NameKind::Domain {
            return None;
        }
        let mut from = 0;
        while let Some((start, end)) = one.name.find(text, from) {
            let before = text.get(..start)?;
            let begins = !before.ends_with(is_word);
            let after = text.get(end..)?;
            let is_it = if one.kind == NameKind::Domain {
                begins
                    && is_last_label(after)
                    && (!before.ends_with('.') || !self.is_below_another(text, start, end))
            } else {
                let ends = self.ends.get(number);
                begins && ends.is_some_and(|ends| is_all(after, ends))
            };
            if is_it {
                return Some((start, end));
            }
            from = end;
        }
        None
    }

    /// Whether the domain before `end` is below a longer one of somebody's: `staging.shop.example` is
    /// not `shop.example`, and `api.shop.example` is.
    fn is_below_another(&self, text: &str, start: usize, end: usize) -> bool {
        let whole = text.get(..end).unwrap_or_default();
        let begin = whole
            .rfind(|c: char| !is_word(c) && c != '.')
            .map_or(0, |at| at + 1);
        let whole = whole.get(begin..).unwrap_or_default();
        // No name of the DNS is longer.
        let least = whole.len().saturating_sub(LONGEST_DOMAIN);
        let dots = whole.match_indices('.').map(|(at, _)| at + 1);
        let mut longer = std::iter::once(0)
            .chain(dots)
            .filter(|at| *at >= least && whole.len() - at > end - start);
        if longer.any(|at| self.domains.contains(whole.get(at..).unwrap_or_default())) {
            return true;
        }
        self.numbered.iter().any(|other| {
            let found = other.name.find(whole, 0);
            found.is_some_and(|(at, until)| {
                let before = whole.get(..at).unwrap_or_default();
                until == whole.len()
                    && until - at > end - start
                    && (before.is_empty() || before.ends_with('.'))
            })
        })
    }
}

/// What a text can stand for: as it is written, with the defaults of its variables, and the words of these by themselves, as far as
/// they have an effect; each also without the escapes of a URL, and as a path without detours.
fn forms(deployed: &Deployed<'_>, written: &str) -> Vec<String> {
    let mut texts = Vec::new();
    if written.contains('$') {
        let used = deployed.without_unused_words(written);
        let words = nested_expressions(&used).into_iter();
        texts.extend(words.map(|one| one.word.to_owned()));
        texts.push(with_defaults(&used));
        texts.push(used);
    } else {
        texts.push(written.to_owned());
    }
    let mut more = Vec::new();
    for text in &texts {
        let detours = ["//", "/./", "/../"];
        let is_roundabout = text.starts_with('/') && detours.iter().any(|part| text.contains(part));
        more.extend(decoded(text));
        more.extend(is_roundabout.then(|| clean(text)));
    }
    texts.extend(more);
    texts
}

/// The longest domain (RFC 1035, 2.3.4).
const LONGEST_DOMAIN: usize = 255;

/// A text of a URL without its escapes, where it has any.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut is_changed = false;
    for part in parts {
        let escape = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = escape {
            is_changed = true;
            bytes.push(byte);
            bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    is_changed.then(|| String::from_utf8(bytes).ok())?
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// `shop.example.org` is not `shop.example`.
fn is_last_label(after: &str) -> bool {
    let mut after = after.chars();
    match after.next() {
        Some('.') => !after.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        next => !next.is_some_and(is_word),
    }
}

/// Whether a word ends where the name does, or goes on as the engine's names of it do: `-web-1`.
fn is_all(after: &str, ends: &HashSet<&str>) -> bool {
    let tail = after.split(|c| !is_word(c)).next().unwrap_or_default();
    if tail.is_empty() || ends.contains(tail) {
        return true;
    }
    let counted = tail.rsplit_once('-');
    counted.is_some_and(|(end, number)| {
        number.chars().all(|c| c.is_ascii_digit()) && ends.contains(end)
    })
}

/// Whether a name is a number, as that of a database of Redis: numbers are everywhere.
fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a text is a URL whose path is a number: `redis://redis:6379/0`.
fn database(name: &str, text: &str) -> Option<(usize, usize)> {
    let (_, rest) = text.split_once("://")?;
    let path = text.len() - rest.len() + rest.find('/')? + 1;
    let after = text.get(path..)?.strip_prefix(name)?;
    let is_all = after.is_empty() || after.starts_with(['?', '#']);
    is_all.then_some((path, path + name.len()))
}

/// Where a text is a plain word, or holds it as an item of a list, behind a `=`, or as a part of the
/// path of a URL.
fn plain(name: &str, text: &str) -> Option<(usize, usize)> {
    let path = text.find("://").map(|at| at + 3);
    let mut all = text
        .match_indices(name)
        .map(|(at, _)| (at, at + name.len()));
    all.find(|(start, end)| {
        let before = text.get(..*start).unwrap_or_default();
        let after = text.get(*end..).unwrap_or_default();
        let is_in_path = path.is_some_and(|path| path < *start);
        let starts = before.is_empty()
            || before.ends_with([',', ';', '='])
            || (is_in_path && before.ends_with('/'));
        let ends = after.is_empty()
            || after.starts_with([',', ';'])
            || (is_in_path && after.starts_with(['/', '?', '#', '&']));
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{database, decoded, is_all, is_last_label, plain};

    #[test]
    fn a_number_counts_where_it_is_the_path_of_a_url() {
        for text in ["redis://redis:6379/1", "redis://redis/1?timeout=1"] {
            assert!(database("1", text).is_some(), "{text}");
        }
        for text in ["1", "1.29.1", "redis://redis:1", "redis://redis/10", "a/1"] {
            assert_eq!(database("1", text), None, "{text}");
        }
    }

    #[test]
    fn a_plain_word_counts_where_it_is_a_value() {
        for text in [
            "prod", "a,prod", "prod;b", "--queue=prod", "amqp://mq/prod", "amqp://mq/prod?x",
        ] {
            assert!(plain("prod", text).is_some(), "{text}");
        }
        for text in [
            "is prod", "production", "http://prod", "/srv/prod", "preprod",
        ] {
            assert_eq!(plain("prod", text), None, "{text}");
        }
    }

    #[test]
    fn a_name_ends_with_its_word() {
        let ends = HashSet::from(["_data", "-web"]);
        for after in ["", ":80", "_data", "-web-1.x", "/x"] {
            assert!(is_all(after, &ends), "{after}");
        }
        for after in ["uction", "_database", "-web-x", "-api-1"] {
            assert!(!is_all(after, &ends), "{after}");
        }
        assert!(is_last_label(". And"));
        assert!(!is_last_label(".org"));
    }

    #[test]
    fn escapes_of_urls_are_read() {
        assert_eq!(decoded("a%2Fb%zz%").as_deref(), Some("a/b%zz%"));
        assert_eq!(decoded("100%"), None);
        assert_eq!(decoded("%ff"), None);
    }
}
