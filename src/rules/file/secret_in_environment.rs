//! A secret in a variable.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::secrets;
use crate::rules::view::pairs;
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "secret-in-environment",
    severity: Severity::Error,
    title: "No variable or argument holds a secret as it is",
    why: "The environment of a container is shown by `docker inspect`, is passed on to every child, and ends in crash reports; and the file is in version control.",
    origin: "compose-lint CL-0020, CL-0021, KICS `Passwords And Secrets`, OWASP Docker Security rule 12",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DB_PASSWORD: hunter2 }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { DB_PASSWORD_FILE: /run/secrets/db_password }\n",
    ]),
    check: Check::File(check),
};

const HINTS: [&str; 10] = [
    "PASSWORD",
    "PASSPHRASE",
    "TOKEN",
    "SECRET",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "ENCRYPTION_KEY",
    "CREDENTIAL",
];
const ENDINGS: [&str; 5] = ["_PASS", "_PWD", "PASSWD", "_SALT", "_DSN"];

/// What says that the value is no secret but a number, a switch or a place.
const HARMLESS: [&str; 30] = [
    "_FILE",
    "_PATH",
    "TTL",
    "TIMEOUT",
    "EXPIR",
    "LIFETIME",
    "MAX_AGE",
    "ROTATION",
    "INTERVAL",
    "RETENTION",
    "DURATION",
    "LENGTH",
    "LIMIT",
    "_SIZE",
    "POLICY",
    "ROUNDS",
    "ITERATIONS",
    "HISTORY",
    "ATTEMPTS",
    "RETRIES",
    "_URL",
    "_URI",
    "ALLOW_EMPTY",
    "RANDOM_",
    "_NAME",
    "_HEADER",
    "MAX_TOKENS",
    "TOKENIZER",
    "_TYPE",
    "_ENABLED",
];

/// Whether a name says that its value is a secret.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    (HINTS.iter().any(|hint| name.contains(hint)) || ENDINGS.iter().any(|end| name.ends_with(end)))
        && !HARMLESS.iter().any(|hint| name.contains(hint))
}

fn is_secret(name: &str, value: &str) -> bool {
    is_telling(name)
        && secrets::is_literal(value)
        && !value.starts_with(['/', '.'])
        && !matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "0" | "1"
        )
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        let arguments = pairs(service.dig(&["build", "args"]));
        for (name, value, place) in service.environment().into_iter().chain(arguments) {
            if value.is_some_and(|value| is_secret(&name, &value)) {
                let message = format!("`{}` is given the secret `{name}` as it is", service.name);
                found.push(note(service.name, message, &place));
            }
        }
        let words = service.list("command");
        for (at, (word, place)) in words.iter().enumerate() {
            let Some(flag) = word.strip_prefix('-') else {
                continue;
            };
            let flag = flag.trim_start_matches('-');
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, words.get(at + 1).map(|(next, _)| next.as_str())),
            };
            let is_flag = value.is_none_or(|value| value.starts_with('-'));
            let is_telling = is_telling(name) || matches!(name, "requirepass" | "masterauth");
            if is_telling
                && !is_flag
                && value.is_some_and(|value| {
                    secrets::is_literal(value) && !value.starts_with(['/', '.'])
                })
            {
                let place = if flag.contains('=') {
                    place
                } else {
                    words.get(at + 1).map_or(place, |(_, next)| next)
                };
                let message = format!(
                    "`{}` is started with the secret `--{name}` as it is",
                    service.name
                );
                found.push(note(service.name, message, place));
            }
        }
        found
    })
}

fn note(service: &str, message: String, place: &Place) -> Found {
    // The message must not say what the file should not.
    let place = match place.range() {
        Some(range) => {
            let masked = secrets::masked(&place.source, std::slice::from_ref(&range));
            Place::bytes(&masked, range)
        }
        None => place.clone(),
    };
    Found::new(service, message, place)
        .label("expected a secret of Compose, or a variable that is filled in")
        .help("declare it under `secrets:`, and give the service its path: `…_FILE: /run/secrets/NAME`")
}
