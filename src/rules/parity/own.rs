//! What two environments have of their own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::spec::{Catalog, Environment, Host};

/// What is an environment's own, and differs without being a difference.
pub(super) struct OwnNames<'a> {
    /// Names that may be a part of a text, the longest first: a short one may be part of it.
    names: Vec<(Cow<'a, str>, char)>,
    /// Searches a text for all of them at once: most have none.
    search: Option<AhoCorasick>,
    /// Words that are a whole text.
    words: Vec<(&'a str, char)>,
    /// Numbers that are the whole value of a variable.
    numbers: Vec<(&'a str, char)>,
}

/// How an environment's own names are written in a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum NameForm {
    /// As `…`.
    Hidden,
    /// As their kinds.
    Kinds,
    /// As themselves, each with its kind before it and [`END`] behind it.
    Marked,
}

/// The end of a name that is marked; of the private use, so that no name has it.
pub(super) const END: char = '\u{10fffd}';

/// What stands for a name until all of them are found.
const STAND_INS: std::ops::RangeInclusive<char> = '\u{100000}'..='\u{10fff0}';

impl NameForm {
    fn of(self, kind: char, name: &str) -> String {
        match self {
            Self::Hidden => "…".to_owned(),
            Self::Kinds => format!("…{kind}"),
            Self::Marked => format!("{kind}{name}{END}"),
        }
    }
}

/// A name of an environment, of a kind: `the database` of the one is compared with that of the other.
struct Named<'a> {
    kind: String,
    name: Cow<'a, str>,
    /// Whether it is a name only where it is a whole text.
    is_word: bool,
}

fn named<'a>(kind: impl Into<String>, name: impl Into<Cow<'a, str>>) -> Named<'a> {
    Named {
        kind: kind.into(),
        name: name.into(),
        is_word: false,
    }
}

/// The names of an environment, with those of the projects of some of its hosts.
fn names<'a>(
    catalog: Option<&'a Catalog>,
    environment: &'a Environment,
    hosts: &'a [Host],
) -> Vec<Named<'a>> {
    let mut names = vec![named("environment", environment.name.as_str())];
    names.extend(
        hosts
            .iter()
            .map(|host| named("project", host.project.as_str())),
    );
    names.extend(environment.namespaces.iter().map(|(kind, name)| Named {
        is_word: is_number(name.as_str()),
        ..named(format!("namespace {kind}"), name.as_str())
    }));
    for (key, domain) in &environment.domains {
        names.push(named(format!("domain {key}"), domain.as_str()));
    }
    for (key, period) in &environment.retention {
        names.push(named(format!("retention {key}"), period.as_str()));
    }
    let directory = environment.secret_directory();
    names.extend(directory.map(|directory| named("secrets", directory.as_str())));
    for (key, upstream) in &environment.upstreams {
        let fallback = upstream.fallback.as_ref().map(|word| word.as_str());
        let words = [
            ("level", Some(upstream.level.as_str())),
            ("fallback", fallback),
        ];
        names.extend(words.into_iter().filter_map(|(what, word)| {
            Some(Named {
                is_word: true,
                ..named(format!("{what} {key}"), word?)
            })
        }));
        if let Some(route) = &upstream.route {
            names.push(named(format!("route {key}"), route.value.to_string()));
            names.push(named(format!("host {key}"), route.host.as_str()));
        }
    }
    for host in &environment.hosts {
        names.push(named("machine", host.machine.as_str()));
        let machine = catalog.and_then(|catalog| catalog.machines.get(&host.machine.value));
        let addresses = machine.iter().flat_map(|machine| &machine.addresses);
        names.extend(
            addresses
                .map(|(key, address)| named(format!("address {key}"), address.value.to_string())),
        );
    }
    names
}

/// Whether a name is a number: `0` is the name of a database of Redis, and the value of many fields that have nothing to do
/// with it, such as `user`.
fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The characters for kinds of names; of the private use, so that no name has them.
pub(super) const KINDS: std::ops::RangeInclusive<char> = '\u{f0000}'..='\u{ffffd}';

/// A character for each kind of name in two environments. Kinds that have one name in one of them cannot be told apart.
#[derive(Debug, Default)]
pub(super) struct Kinds(BTreeMap<String, char>);

impl Kinds {
    pub(super) fn of(catalog: Option<&Catalog>, environments: [&Environment; 2]) -> Self {
        let mut kinds = Self::default();
        let mut free = KINDS;
        for environment in environments {
            let all = names(catalog, environment, &environment.hosts);
            let mut by_name: BTreeMap<String, char> = BTreeMap::new();
            for Named { kind, name, .. } in all {
                let own = kinds.0.get(&kind).copied().or_else(|| free.next());
                let Some(own) = own else { break };
                kinds.0.insert(kind, own);
                let same = *by_name.entry(name.into_owned()).or_insert(own);
                if same != own {
                    let marks = kinds.0.values_mut().chain(by_name.values_mut());
                    marks
                        .filter(|mark| **mark == own)
                        .for_each(|mark| *mark = same);
                }
            }
        }
        kinds
    }
}

impl<'a> OwnNames<'a> {
    pub(super) fn of(
        catalog: Option<&'a Catalog>,
        environment: &'a Environment,
        host: &'a Host,
        kinds: &Kinds,
    ) -> Self {
        let mut own = Self {
            names: Vec::new(),
            search: None,
            words: Vec::new(),
            numbers: Vec::new(),
        };
        for Named {
            kind,
            name,
            is_word,
        } in names(catalog, environment, std::slice::from_ref(host))
        {
            let mark = kinds.0.get(&kind).copied().unwrap_or('\u{ffffd}');
            match name {
                Cow::Borrowed(name) if is_number(name) => own.numbers.push((name, mark)),
                Cow::Borrowed(name) if is_word => own.words.push((name, mark)),
                name => own.names.push((name, mark)),
            }
        }
        own.names
            .sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        own.search = AhoCorasick::builder()
            // Other kinds search faster, and take longer to build than these texts to search.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(own.names.iter().map(|(name, _)| name.as_bytes()))
            .ok();
        own
    }

    /// A text with an environment's own names written in another way.
    pub(super) fn written(&self, text: &str, form: NameForm) -> String {
        if let Some((word, mark)) = self.words.iter().find(|(word, _)| *word == text) {
            return form.of(*mark, word);
        }
        let mut text = text.to_owned();
        let search = self.search.as_ref();
        if search.is_some_and(|search| !search.is_match(&text)) {
            return text;
        }
        // Each is a character first, as a shorter name may be a part of it.
        let mut found = Vec::new();
        for ((name, mark), stand_in) in self.names.iter().zip(STAND_INS) {
            if text.contains(name.as_ref()) {
                let mut by = [0; 4];
                text = without(&text, name, stand_in.encode_utf8(&mut by));
                found.push((stand_in, form.of(*mark, name)));
            }
        }
        for (stand_in, name) in found {
            text = text.replace(stand_in, &name);
        }
        text
    }

    /// The value of a variable with an environment's own names written in another way. All of it may be a number that is a name.
    pub(super) fn written_variable(&self, text: &str, form: NameForm) -> String {
        match self.numbers.iter().find(|(number, _)| *number == text) {
            Some((number, mark)) => form.of(*mark, number),
            None => self.written(text, form),
        }
    }
}

/// A text with something else for a name, where that is a word of its own: `us` is not a word in `status`.
fn without(text: &str, name: &str, by: &str) -> String {
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
            left.push_str(by);
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
            assert_eq!(without(text, name, "…"), expected);
        }
    }
}
