//! Secrets and data of people in fixtures.

use std::collections::BTreeSet;
use std::sync::Arc;

use indoc::indoc;

use crate::redact::{self, Spotted, is_domain, is_reserved};
use crate::rules::mounted::{NoText, data_of, settings};
use crate::rules::prelude::*;
use crate::source::{Place, Source};
use crate::spec::{Catalog, Data, Environment};

pub(super) static RULE: Rule = Rule {
    code: "unscrubbed-fixture",
    severity: Severity::Error,
    title: "What an environment with made-up data mounts and embeds is invented",
    why: "A dump of prod is the quickest fixture, and it takes the data of customers to every laptop and into every preview.",
    bad: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {% if environment == "local" %}
            configs: { answers: { content: '{ "phone": "+49 151 23456789" }' } }
            {% endif %}
        "#},
    },
    good: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {# as above: '{ "phone": "+44 7700 900123", "mail": "ada@shop.example" }' #}
        "#},
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, deployed) in subject.deployed.iter().enumerate() {
        let (Some((environment, _)), Some(Data::Fixtures | Data::Mocked)) =
            (deployed.of, data_of(deployed))
        else {
            continue;
        };
        let real = Real::of(subject.catalog, environment);
        let (mut files, mut known) = (BTreeSet::new(), BTreeSet::new());
        let mut here = Vec::new();
        for mounted in subject.mounted.of(at) {
            match &mounted.text {
                Ok(source) if files.insert(source.name.as_str()) => {
                    here.extend(in_source(source, &real, &mut known));
                }
                Ok(_) => {}
                Err(why) => here.push(unread(&mounted.path, why, &mounted.place)),
            }
        }
        for (source, _) in subject.mounted.embedded(at) {
            if files.insert(source.name.as_str()) {
                here.extend(in_source(source, &real, &mut known));
            }
        }
        // What a fixture has is reported there.
        for (_, config) in deployed.file.entries("configs") {
            let Some(content) = config.field("content") else {
                continue;
            };
            let text = content.text().unwrap_or_default();
            let mut all = real.spot(&text);
            all.extend(named_strings(&text));
            here.extend(in_value(&text, all, &content.place(), &known));
        }
        for (text, place) in deployed.file.services().flat_map(settings) {
            here.extend(in_value(&text, redact::of_people(&text), &place, &known));
        }
        found.extend(here.into_iter().map(|one| one.belonging(deployed)));
    }
    found
}

/// What a file must not hold; its texts are added to those that are `known`.
fn in_source(source: &Arc<Source>, real: &Real<'_>, known: &mut BTreeSet<String>) -> Vec<Found> {
    let mut all = redact::spot(&source.text);
    all.extend(redact::named_strings(&source.text));
    all.extend(redact::named_values(&source.name, &source.text));
    all.extend(real.spot(&source.text));
    apart(&mut all);
    let found = all.into_iter().map(|spotted| {
        known.insert(spotted.in_text(&source.text).to_owned());
        unscrubbed(&spotted, Place::bytes(source, spotted.at.clone()))
    });
    found.collect()
}

/// A key with a known shape behind its name is one secret.
fn apart(all: &mut Vec<Spotted>) {
    all.sort_by_key(|spotted| spotted.at.start);
    all.dedup_by(|later, earlier| later.at.start < earlier.at.end);
}

/// The secrets in the programs and data of a config, without those of its settings, line by line, which
/// `secret-in-environment` reports.
fn named_strings(text: &str) -> Vec<Spotted> {
    let mut found = redact::named_strings(text);
    found.retain(|spotted| {
        let start = text
            .get(..spotted.at.start)
            .unwrap_or_default()
            .rfind('\n')
            .map_or(0, |end| end + 1);
        let line = text.get(start..).and_then(|rest| rest.lines().next());
        line.is_some_and(|line| redact::in_line(line).is_empty())
    });
    found
}

/// What a value of a Compose file must not hold. Secrets by their shape are reported by `literal-secret`.
fn in_value(
    text: &str,
    mut all: Vec<Spotted>,
    place: &Place,
    known: &BTreeSet<String>,
) -> Vec<Found> {
    apart(&mut all);
    all.retain(|spotted| !known.contains(spotted.in_text(text)));
    // Where the text is written in the file as it is, each finding is at its own line.
    let start = place.range().map_or(0, |range| range.start);
    let mut from = start;
    let found = all.into_iter().map(|spotted| {
        let rest = place.source.text.get(from..).unwrap_or_default();
        let at = match rest.find(spotted.in_text(text)) {
            Some(at) if place.range().is_some() => {
                from += at;
                Place::bytes(&place.source, from..from + spotted.at.len())
            }
            _ => place.clone(),
        };
        unscrubbed(&spotted, at)
    });
    found.collect()
}

fn unscrubbed(spotted: &Spotted, place: Place) -> Found {
    Found::new("fixtures", format!("this is {}", spotted.kind), place)
        .label("expected invented data")
        .help("use a name below `.example` or `example.com`, an address of 192.0.2.0/24, or a number that is reserved for fiction")
}

fn unread(path: &str, why: &NoText, place: &Place) -> Found {
    let found = |message| Found::new("fixtures", message, place.clone());
    match why {
        NoText::Missing => found(format!("`{path}` does not exist"))
            .label("expected a file of the project")
            .help(format!("create `{path}`, or remove what mounts it")),
        NoText::Because(why) => found(format!(
            "`{path}` cannot be checked for data of people: {why}"
        ))
        .label("expected a text")
        .help("mount a text, such as SQL that is not compressed"),
    }
}

/// The names that are real: those of the product's own domains, and any that somebody can own.
struct Real<'a> {
    /// What is registered for the domains of environments with real data, of which all names are real.
    product: Vec<&'a str>,
    /// The domains of the environment itself.
    own: Vec<&'a str>,
}

impl<'a> Real<'a> {
    fn of(catalog: Option<&'a Catalog>, environment: &'a Environment) -> Self {
        let environments = catalog
            .into_iter()
            .flat_map(|catalog| &catalog.environments);
        let real = environments.filter(|one| {
            let data = one.data.as_ref().map(|data| data.value);
            data == Some(Data::Own) && one.name != environment.name
        });
        Self {
            product: real.flat_map(domains).map(registered).collect(),
            own: domains(environment).collect(),
        }
    }

    /// What is not invented in a text.
    fn spot(&self, text: &str) -> Vec<Spotted> {
        let mut found = redact::personal(text);
        let mut start = 0;
        for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))) {
            let at = start..start + word.len();
            start = at.end
                + text
                    .get(at.end..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8);
            // Most words are no names.
            if !word.contains('.') {
                continue;
            }
            let before = text.get(..at.start).unwrap_or_default();
            let name = word.trim_end_matches(['.', '-']).to_ascii_lowercase();
            let is_page = name.starts_with("www.") && name.matches('.').count() > 1;
            let is_address = before.ends_with("://") || is_page;
            if self.is_real(&name, is_address) {
                found.push(Spotted {
                    at: at.start..at.start + name.len(),
                    kind: "the name of a real domain",
                });
            }
        }
        found.sort_by_key(|spotted| spotted.at.start);
        // The domain of an e-mail address is a part of it.
        found.dedup_by(|later, earlier| later.at.start < earlier.at.end);
        found
    }

    /// Whether somebody owns a name; one that is not the product's is only known in the address of a page.
    fn is_real(&self, name: &str, is_address: bool) -> bool {
        if !is_domain(name) || is_reserved(name) || self.own.contains(&name) {
            return false;
        }
        let is_below = |domain: &str| {
            let rest = name.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.product.iter().any(|domain| is_below(domain))
            || is_address && !FORMATS.iter().any(|domain| is_below(domain))
    }
}

/// The part of a domain that somebody registers: its last two labels, or three of a name such as `shop.co.uk`.
fn registered(domain: &str) -> &str {
    let ends: Vec<usize> = domain.rmatch_indices('.').map(|(at, _)| at).collect();
    let from = |dot: usize| domain.get(dot + 1..).unwrap_or(domain);
    match ends.as_slice() {
        [top, second, ..] if top - second <= 4 => ends.get(2).map_or(domain, |third| from(*third)),
        [_, second, ..] => from(*second),
        _ => domain,
    }
}

/// Domains whose addresses name formats.
const FORMATS: [&str; 3] = ["w3.org", "json-schema.org", "schema.org"];

fn domains(environment: &Environment) -> impl Iterator<Item = &str> {
    environment
        .domains
        .values()
        .map(|domain| domain.value.as_str())
}
