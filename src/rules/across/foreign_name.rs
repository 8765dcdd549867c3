//! Names that belong to another environment.

use std::collections::{BTreeSet, HashMap, HashSet};

use aho_corasick::AhoCorasick;

use super::owned::{Kind, Owned, is_plain, machines, names};
use crate::compose::{At, Written};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Environment, Host};
use crate::text::path::clean;

pub(super) static RULE: Rule = Rule {
    code: "foreign-name",
    severity: Severity::Error,
    title: "No file of an environment refers to another's database, bucket, queue, domain, models, machine, project or secrets",
    why: "A preview that uses prod's database breaks no spec: one value in a template is enough.",
    origin: "coollabsio/coolify 5290",
    bad: Example::Template {
        file: "app.yml.j2",
        text: "      DATABASE_COPY: postgres://db/shop_prod\n",
    },
    good: Example::Template {
        file: "app.yml.j2",
        text: "      DATABASE_COPY: {{ namespaces.database }}\n",
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// A text of a file.
struct Text<'a> {
    written: String,
    place: Place,
    service: Option<&'a str>,
    /// Whether it is the value of a variable, or a word of a command.
    is_value: bool,
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut owned: Vec<Owned<'_>> = catalog.environments.iter().flat_map(names).collect();
    owned.extend(machines(catalog));
    let Some(names) = Names::of(&owned) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for deployed in &subject.deployed {
        let Some((environment, host)) = deployed.of else {
            continue;
        };
        for text in texts(&deployed.file) {
            let mut reported: Vec<String> = Vec::new();
            for (one, hit) in names.foreign(environment, &text) {
                // A machine may belong to several environments.
                if !reported.contains(&hit) {
                    found.push(naming(environment, host, one, &text, &hit));
                    reported.push(hit);
                }
            }
        }
    }
    found
}

fn naming(
    environment: &Environment,
    host: &Host,
    one: &Owned<'_>,
    text: &Text<'_>,
    hit: &str,
) -> Found {
    let kind = one.kind.as_str();
    let is_own = one.owner.name == environment.name;
    let message = if is_own {
        format!(
            "`{}` refers to the {kind} of another pull request, `{hit}`",
            host.name
        )
    } else {
        format!(
            "`{}` refers to the {kind} of `{}`, `{hit}`",
            host.name, one.owner.name
        )
    };
    let place = exact(text, hit);
    let mut found = Found::new(hit, message, place)
        .label(format!("expected a name of `{}`", environment.name))
        .related(one.place, format!("it belongs to `{}`", one.owner.name))
        .of(environment)
        .on(host);
    if let Some(template) = host.output().and_then(|output| output.template.as_ref()) {
        found = found.help(format!(
            "it comes from `templates/{}`, or from a template that it includes",
            template.value
        ));
    }
    if !is_own {
        found = found.of(one.owner);
    }
    match text.service {
        Some(service) => found.service(service),
        None => found,
    }
}

/// Every text of a file, including keys, as the names of labels are texts too.
fn texts(file: &Written) -> Vec<Text<'_>> {
    let mut found = Vec::new();
    for (section, at) in file.text().entries() {
        if section != "services" {
            below(at, None, false, &mut found);
            continue;
        }
        for (service, at) in at.entries() {
            for (field, at) in at.entries() {
                let is_value = matches!(field, "environment" | "command" | "entrypoint");
                below(at, Some(service), is_value, &mut found);
            }
        }
    }
    found
}

fn below<'a>(at: At<'a>, service: Option<&'a str>, is_value: bool, found: &mut Vec<Text<'a>>) {
    let text = |written: String, place: Place, is_value: bool| Text {
        written,
        place,
        service,
        is_value,
    };
    if let Some(written) = at.text() {
        found.push(text(written, at.place(), is_value));
    }
    for item in at.items() {
        below(item, service, is_value, found);
    }
    for (key, at) in at.entries() {
        found.push(text(key.to_owned(), at.key_place(), false));
        below(at, service, is_value, found);
    }
}

/// The line of a long text that holds what was found, where it can be found in the file.
fn exact(text: &Text<'_>, hit: &str) -> Place {
    let start = text.place.range().map(|range| range.start);
    let Some(start) = start.filter(|_| text.written.contains('\n')) else {
        return text.place.clone();
    };
    let source = &text.place.source;
    let rest = source.text.get(start..).unwrap_or_default();
    match rest.find(hit) {
        Some(at) => Place::bytes(source, start + at..start + at + hit.len()),
        None => text.place.clone(),
    }
}

/// The names of all environments, to be looked for at once.
struct Names<'b, 'a> {
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
}

impl<'b, 'a> Names<'b, 'a> {
    /// Nothing where they are too many to look for.
    fn of(owned: &'b [Owned<'a>]) -> Option<Self> {
        let parts = AhoCorasick::new(owned.iter().map(|one| one.name.head())).ok()?;
        let ends = owned.iter();
        let ends = ends.map(|one| one.ends.iter().map(String::as_str).collect());
        let mut values: HashMap<&str, HashSet<&str>> = HashMap::new();
        for one in owned {
            let own = values.entry(one.owner.name.as_str()).or_default();
            own.insert(&one.value);
        }
        let domains = || owned.iter().filter(|one| one.kind == Kind::Domain);
        let plain = domains().filter(|one| !one.name.is_numbered());
        Some(Self {
            owned,
            parts,
            ends: ends.collect(),
            values,
            domains: plain.map(|one| one.name.as_str()).collect(),
            numbered: domains().filter(|one| one.name.is_numbered()).collect(),
        })
    }

    /// What a text names that is not the environment's own, as it is written there.
    fn foreign(&self, environment: &Environment, text: &Text<'_>) -> Vec<(&'b Owned<'a>, String)> {
        let own = self.values.get(environment.name.as_str());
        let mut found = Vec::new();
        let is_roundabout = ["//", "/./", "/../"]
            .iter()
            .any(|part| text.written.contains(part));
        let direct = text.written.starts_with('/') && is_roundabout;
        let forms = [
            Some(text.written.clone()),
            decoded(&text.written),
            direct.then(|| clean(&text.written)),
        ];
        for written in forms.into_iter().flatten() {
            let lower = written.to_ascii_lowercase();
            let held = self.parts.find_overlapping_iter(&lower);
            let held: BTreeSet<usize> = held.map(|part| part.pattern().as_usize()).collect();
            for at in held {
                let Some(one) = self.owned.get(at) else {
                    continue;
                };
                // Its own is another pull request's where the number is another one.
                if one.owner.name == environment.name && !one.name.is_numbered() {
                    continue;
                }
                let Some((start, end)) = self.named(at, one, &lower, text.is_value) else {
                    continue;
                };
                let hit = lower.get(start..end).unwrap_or_default();
                if own.is_some_and(|own| own.contains(hit)) {
                    continue;
                }
                found.push((one, written.get(start..end).unwrap_or_default().to_owned()));
            }
        }
        found
    }

    /// Where a text in lower case names something, as a word of its own.
    fn named(
        &self,
        number: usize,
        one: &Owned<'_>,
        text: &str,
        is_value: bool,
    ) -> Option<(usize, usize)> {
        let name = one.name.as_str();
        if is_plain(name) && !matches!(one.kind, Kind::Domain | Kind::Upstream) {
            return plain(name, text).filter(|_| is_value);
        }
        let mut from = 0;
        while let Some((start, end)) = one.name.find(text, from) {
            let before = text.get(..start)?.chars().next_back();
            let after = text.get(end..)?;
            let is_it = if one.kind == Kind::Domain {
                !before.is_some_and(is_word)
                    && is_last_label(after)
                    && (before != Some('.') || !self.is_below_another(text, start, end))
            } else {
                let ends = self.ends.get(number);
                !before.is_some_and(is_word) && ends.is_some_and(|ends| is_all(after, ends))
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

    use super::{decoded, is_all, is_last_label, plain};

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
