//! A secret in a text.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Found, Subject, secrets};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "literal-secret",
    severity: Severity::Error,
    title: "No spec, template or Compose file holds a secret",
    why: "What is once in version control is in every clone of it for good, whoever is let in later.",
    origin: "compose-lint CL-0021, KICS `Passwords And Secrets`, OWASP Docker Security rule 12",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DATABASE: \"postgres://shop:hunter2@db/shop\" }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DATABASE: \"postgres://shop@db/shop\" }\n",
    ]),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut look = |source: &std::sync::Arc<crate::source::Source>| -> Vec<Found> {
        let spotted = secrets::spot(&source.text);
        if spotted.is_empty() {
            return Vec::new();
        }
        let ranges: Vec<_> = spotted.iter().map(|spotted| spotted.at.clone()).collect();
        let masked = secrets::masked(source, &ranges);
        let mut here = Vec::new();
        for spotted in spotted {
            let secret = source
                .text
                .get(spotted.at.clone())
                .unwrap_or_default()
                .to_owned();
            // What a template holds, every file that it gives holds as well.
            if known.contains(&secret) {
                continue;
            }
            known.push(secret);
            let message = format!("this is {}", spotted.kind);
            here.push(
                Found::new("secret", message, Place::bytes(&masked, spotted.at))
                    .label("expected no secret here; it is not shown")
                    .help("take it out, make another one, and give that as a secret of Compose"),
            );
        }
        here
    };
    for source in &subject.texts {
        found.extend(look(source));
    }
    for deployed in &subject.deployed {
        for source in deployed.file.sources() {
            let here = look(source).into_iter();
            found.extend(here.map(|found| found.belonging(deployed)));
        }
    }
    found
}
