//! Secrets in plain text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::compose::Written;
use crate::redact;
use crate::rules::file::secret_in_environment;
use crate::rules::prelude::*;
use crate::rules::subject::assigned;
use crate::source::{Place, Source};
use crate::text::shell;

pub(super) static RULE: Rule = Rule {
    code: "literal-secret",
    severity: Severity::Error,
    title: "No spec, template or Compose file contains a secret",
    why: "What was committed once stays in every clone, for everyone who gets access later.",
    origin: "OWASP Docker Security rule 12",
    equivalents: &[compose_lint("CL-0021"), kics("Passwords And Secrets")],
    bad: service!(r#"environment: { DATABASE: "postgres://shop:hunter2@db/shop" }"#),
    good: service!(r#"environment: { DATABASE: "postgres://shop@db/shop" }"#),
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    // Every file rendered from a template contains what the template does.
    let mut known = BTreeSet::new();
    for source in &subject.texts {
        found.extend(in_text(
            source,
            &mut known,
            &BTreeSet::new(),
            &Reported::default(),
        ));
    }
    for file in subject.variables.iter().filter(|file| file.is_tracked) {
        let mut here = in_text(
            &file.source,
            &mut known,
            &BTreeSet::new(),
            &Reported::default(),
        );
        here.extend(in_variables(&file.source, &mut known));
        let reads = |deployed: &&Deployed<'_>| {
            let host = deployed.of.map(|(_, host)| host.name.as_str());
            host.is_some_and(|host| file.hosts.contains(host))
        };
        let readers: Vec<_> = subject.deployed.iter().filter(reads).collect();
        found.extend(here.into_iter().map(|one| {
            readers
                .iter()
                .fold(one, |one, deployed| one.belonging(deployed))
        }));
    }
    for file in &subject.secret_files {
        let message = format!(
            "the file of the secret `{}` is in version control",
            file.name
        );
        let one = Found::new("secret", message, &file.place)
            .label("expected a file outside version control")
            .help(format!(
                "add `{}` to .gitignore, run `{}`, and create a new secret",
                file.path,
                shell::command(["git", "rm", "--cached", &file.path])
            ));
        let deployed = subject.deployed.get(file.deployed);
        found.push(deployed.into_iter().fold(one, Found::belonging));
    }
    for deployed in &subject.deployed {
        let mut here = Vec::new();
        let mut own = BTreeSet::new();
        let mut places = Reported::of(deployed);
        for source in deployed.file.sources() {
            let found = in_text(source, &mut own, &known, &places);
            places.add(&found);
            here.extend(found);
        }
        here.extend(in_values(&deployed.file, [&own, &known], &places));
        found.extend(here.into_iter().map(|found| found.belonging(deployed)));
    }
    found
}

/// Where a secret is reported: by `secret-in-environment`, which says more about it, or by this rule.
#[derive(Default)]
struct Reported(BTreeMap<(String, usize), usize>);

impl Reported {
    fn of(deployed: &Deployed<'_>) -> Self {
        let mut places = Self::default();
        places.add(secret_in_environment::found(deployed));
        places
    }

    fn add(&mut self, found: &[Found]) {
        let places = found.iter().map(|found| found.diagnostic.place());
        self.0.extend(places.filter_map(|place| {
            let range = place.whole_range()?;
            Some(((place.source.name.clone(), range.start), range.end))
        }));
    }

    /// Whether a part of a text overlaps with one of them.
    fn covers(&self, source: &Source, at: &Range<usize>) -> bool {
        let until = (source.name.clone(), at.end);
        let last = self.0.range(..until).next_back();
        last.is_some_and(|((name, _), end)| *name == source.name && *end > at.start)
    }
}

/// Words that comments show instead of a password.
const SHOWN: [&str; 6] = [
    "pass", "password", "secret", "changeme", "example", "yourpassword",
];

/// Whether a comment only shows how a password is written.
fn is_shown(source: &Source, at: &Range<usize>) -> bool {
    let before = source.text.get(..at.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let word = source.text.get(at.clone()).unwrap_or_default();
    line.trim_start().starts_with('#') && SHOWN.contains(&word.to_ascii_lowercase().as_str())
}

/// The secrets in a text that are not reported yet. Each is added to those that are `seen`.
fn in_text(
    source: &Arc<Source>,
    seen: &mut BTreeSet<String>,
    reported: &BTreeSet<String>,
    places: &Reported,
) -> Vec<Found> {
    let mut found = Vec::new();
    for spotted in redact::spot(&source.text) {
        let is_reported = places.covers(source, &spotted.at) || is_shown(source, &spotted.at);
        let text = spotted.in_text(&source.text).to_owned();
        if !is_reported && !reported.contains(&text) {
            found.push(secret(spotted.kind, Place::bytes(source, spotted.at)));
        }
        seen.insert(text);
    }
    found
}

/// The secrets in an env file whose names say that they are secret, and that are not reported yet.
fn in_variables(source: &Arc<Source>, seen: &mut BTreeSet<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, value, range) in assigned(source) {
        if redact::is_secret(name, value) && seen.insert(value.to_owned()) {
            found.push(
                Found::new(
                    "secret",
                    format!("the secret `{name}` is in version control"),
                    Place::bytes(source, range),
                )
                .label("expected no secret (it is not shown)")
                .help("remove the file from version control, and create a new secret"),
            );
        }
    }
    found
}

/// The secrets that only a YAML parser sees: across folded lines, or in escapes.
fn in_values(file: &Written, reported: [&BTreeSet<String>; 2], places: &Reported) -> Vec<Found> {
    let mut found = Vec::new();
    file.text().each_scalar(&mut |_, text, at| {
        // A plain value was searched with the text of the file.
        if at.unquoted() == text {
            return;
        }
        for spotted in redact::spot(text) {
            if reported
                .iter()
                .any(|reported| reported.contains(spotted.in_text(text)))
            {
                continue;
            }
            // The part of the value is unknown, so the place is all of it. The file indents a value of several lines, so what
            // is in both is known by its place.
            let place = at.place();
            let range = place.whole_range().filter(|_| text.contains('\n'));
            if !range.is_some_and(|range| places.covers(&place.source, &range)) {
                found.push(secret(spotted.kind, place));
            }
        }
    });
    found
}

/// A diagnostic hides what this place points at.
fn secret(kind: &str, place: Place) -> Found {
    Found::new("secret", format!("this is {kind}"), place)
        .label("expected no secret (it is not shown)")
        .help("remove it, create a new one, and pass that as a Compose secret")
}
