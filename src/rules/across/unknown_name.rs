//! Names in templates that nothing in the specs has.

use indoc::indoc;

use crate::render::Unknown;
use crate::rules::prelude::*;
use crate::text::expected;

/// How many names are listed where none is close.
const FEW: usize = 20;

pub(super) static RULE: Rule = Rule {
    code: "unknown-name",
    severity: Severity::Warning,
    title: "Templates ask for what specs can have",
    why: "A misspelt name in a test, before `default` or in a comparison causes no error: the condition is never true, and what depends on it is left out.",
    bad: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {# A test of a name that no spec has: #}
            {% if environment == "production" %}
            x-only: prod
            {% endif %}
        "#},
    },
    good: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {% if environment == "prod" %}
            x-only: prod
            {% endif %}
        "#},
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .usage
        .iter()
        .flat_map(|usage| &usage.unknown)
        .map(found)
        .collect()
}

fn found(unknown: &Unknown) -> Found {
    let known = || unknown.known.iter().map(String::as_str);
    let found = Found::new(
        unknown.word.as_str(),
        unknown.message.clone(),
        &unknown.place,
    );
    let found = match unknown.known.len() {
        0 => found.label("expected a mapping"),
        1..=FEW => found.label(expected::one_of(known())),
        _ => found.label("expected a name that is in the specs"),
    };
    found.did_you_mean(&unknown.word, known())
}
