//! Secrets in plain text.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::compose::Written;
use crate::redact;
use crate::rules::prelude::*;
use crate::rules::subject::assigned;
use crate::source::{Place, Source};

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
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    // Every file rendered from a template contains what the template does.
    let mut known = BTreeSet::new();
    for source in &subject.texts {
        found.extend(in_text(source, &mut known, &BTreeSet::new()));
    }
    for file in subject.variables.iter().filter(|file| file.is_committed) {
        let mut here = in_text(&file.source, &mut known, &BTreeSet::new());
        here.extend(in_variables(&file.source, &mut known));
        let reads = |deployed: &&Deployed<'_>| {
            let host = deployed.of.map(|(_, host)| host.name.as_str());
            host.is_some_and(|host| file.hosts.contains(host))
        };
        let readers: Vec<_> = subject.deployed.iter().filter(reads).collect();
        found.extend(here.into_iter().map(|one| {
            let readers = readers.iter();
            readers.fold(one, |one, deployed| one.belonging(deployed))
        }));
    }
    for deployed in &subject.deployed {
        let mut here = Vec::new();
        let mut own = BTreeSet::new();
        for source in deployed.file.sources() {
            here.extend(in_text(source, &mut own, &known));
        }
        here.extend(in_values(&deployed.file, [&own, &known]));
        found.extend(here.into_iter().map(|found| found.belonging(deployed)));
    }
    found
}

/// The secrets in a text that are not reported yet. Each is added to those that are `seen`.
fn in_text(
    source: &Arc<Source>,
    seen: &mut BTreeSet<String>,
    reported: &BTreeSet<String>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for spotted in redact::spot(&source.text) {
        let text = spotted.in_text(&source.text).to_owned();
        if !reported.contains(&text) {
            found.push(secret(spotted.kind, Place::bytes(source, spotted.at)));
        }
        seen.insert(text);
    }
    found
}

/// The secrets in a file of variables that their names tell, and that are not reported yet.
fn in_variables(source: &Arc<Source>, seen: &mut BTreeSet<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, value, range) in assigned(source) {
        if redact::tells_secret(name) && redact::is_plain(value) && seen.insert(value.to_owned()) {
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
fn in_values(file: &Written, reported: [&BTreeSet<String>; 2]) -> Vec<Found> {
    let mut found = Vec::new();
    file.text().each_scalar(&mut |_, text, at| {
        for spotted in redact::spot(text) {
            if reported
                .iter()
                .any(|reported| reported.contains(spotted.in_text(text)))
            {
                continue;
            }
            // The part of the value is unknown, so the place is all of it.
            found.push(secret(spotted.kind, at.place()));
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
