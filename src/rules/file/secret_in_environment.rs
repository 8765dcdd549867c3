//! A secret in a variable or an argument.

use std::collections::HashSet;

use super::each;
use crate::compose::{At, Pair, shell_words};
use crate::redact;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "secret-in-environment",
    severity: Severity::Error,
    title: "No variable or argument contains a secret",
    why: "`docker inspect` shows the environment of a container, child processes inherit it, and it ends up in crash reports; the file itself is in version control.",
    origin: "OWASP Docker Security rule 12",
    equivalents: &[
        compose_lint("CL-0020").except(
            "Not for a path, such as `PASSWORD: /run/secrets/password`, which says where the \
             secret is. Not for names of places or measures, such as `SECRET_PATH` or \
             `PASSWORD_POLICY`. Not for `<your password>`, which is still to be set, nor for a \
             value that is partly a variable without a default.",
        ),
        kics("Passwords And Secrets"),
    ],
    bad: service!("environment: { DB_PASSWORD: hunter2 }"),
    good: service!("environment: { DB_PASSWORD_FILE: /run/secrets/db_password }"),
    check: Check::File(found),
    ..Rule::DEFAULT
};

/// The secret that the file itself contains under a secret's name: the value, or the default of its
/// variable.
fn secret(pair: &Pair<'_>) -> Option<String> {
    let is_secret = redact::tells_secret(&pair.name) && pair.at.is_known();
    // A dollar sign that Compose keeps is part of the secret.
    let value = pair.value.as_ref().filter(|_| is_secret)?.replace('$', "");
    redact::is_plain(&value).then_some(value)
}

/// The secrets in variables and arguments.
pub(in crate::rules) fn found(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        let given = [service.get("environment"), service.dig(&["build", "args"])];
        for pair in given.into_iter().flatten().flat_map(At::pairs) {
            let (name, at) = (&pair.name, pair.at);
            let secret = secret(&pair);
            // `EXISTING_SECRET: NAME` names one of the file.
            let is_named = |value: &String| deployed.file.declared("secrets", value).is_some();
            let names_it = name.to_ascii_uppercase().ends_with("SECRET");
            if let Some(secret) = secret.filter(|value| !names_it || !is_named(value)) {
                let how = if at.written().contains("${") {
                    "in a default value"
                } else {
                    "in plain text"
                };
                let message = format!("`{}` has the secret `{name}` {how}", service.name);
                found.push(note(service.name, message, &at.place(), &secret));
            }
        }
        let commands = [
            service.get("entrypoint"),
            service.get("command"),
            service.dig(&["healthcheck", "test"]),
        ];
        for command in commands.into_iter().flatten() {
            let parts = command.texts().map(|(text, at)| (text, at.place()));
            let parts: Vec<_> = parts.collect();
            let mut seen = HashSet::new();
            for (name, secret, place) in reported(&words(parts)) {
                // A line may contain it a thousand times.
                if !seen.insert((name.clone(), secret.clone())) {
                    continue;
                }
                let message = format!(
                    "a command of `{}` contains the secret `{name}` in plain text",
                    service.name
                );
                found.push(note(service.name, message, &place, &secret));
            }
        }
        found
    })
}

fn note(service: &str, message: String, place: &Place, secret: &str) -> Found {
    let range = place.range();
    let exactly = range.and_then(|range| {
        let text = place.source.text.get(range.clone())?;
        let start = range.start + text.rfind(secret)?;
        Some(Place::bytes(&place.source, start..start + secret.len()))
    });
    Found::new(service, message, exactly.unwrap_or_else(|| place.clone()))
        .label("expected a Compose secret, or a variable without a default")
        .help("declare it under `secrets:`, and pass its path to the service: `…_FILE: /run/secrets/NAME`")
}

/// The words of a command with the places of what they stand in. A text is a line of a shell, as is
/// what a shell is given to run.
fn words(parts: Vec<(String, Place)>) -> Vec<(String, Place)> {
    let mut words = Vec::new();
    let mut is_line = parts.len() == 1;
    for (part, place) in parts {
        let is_shell = part == "CMD-SHELL" || matches!(part.as_str(), "-c" | "-ec" | "-lc" | "-xc");
        if is_line {
            words.extend(
                shell_words(&part)
                    .into_iter()
                    .map(|word| (word, place.clone())),
            );
        } else {
            words.push((part, place));
        }
        is_line = is_shell;
    }
    words
}

/// The secrets among the words of a command: what each is called there, and where.
fn reported(words: &[(String, Place)]) -> Vec<(String, String, Place)> {
    let texts: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    let found = redact::in_command(&texts).into_iter();
    found
        .filter_map(|secret| {
            let (_, place) = words.get(secret.word)?;
            Some((
                secret.name.to_owned(),
                secret.value.to_owned(),
                place.clone(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{reported, secret, words};
    use crate::compose::Written;
    use crate::source::{Place, Source};

    fn names(parts: &[&str]) -> Vec<String> {
        let place = Place::whole(&Source::new("f", ""));
        let parts = parts.iter().map(|part| ((*part).to_owned(), place.clone()));
        let found = reported(&words(parts.collect())).into_iter();
        found.map(|(name, ..)| name).collect()
    }

    #[test]
    fn a_secret_is_one_that_the_file_holds() {
        let of = |value: &str| {
            let text =
                format!("services: {{ a: {{ environment: {{ DB_PASSWORD: '{value}' }} }} }}");
            let file = Written::read(&Source::new("f", text)).unwrap();
            let environment = file.service("a").unwrap().get("environment").unwrap();
            let mut pairs = environment.pairs();
            secret(&pairs.next().unwrap())
        };
        assert_eq!(of("hunter2").as_deref(), Some("hunter2"));
        assert_eq!(of("${P:-hunter2}").as_deref(), Some("hunter2"));
        assert_eq!(of("pa$$word").as_deref(), Some("paword"));
        for value in [
            "",
            "${P}",
            "${P:?}",
            "${P:-}",
            "/run/secrets/p",
            "<yours>",
            "yes",
            "xxx",
            "%env(DB_PASSWORD)%",
            "%kernel.dir%/key.pem",
            "none",
            "\"none\"",
            "invalid",
        ] {
            assert_eq!(of(value), None, "{value}");
        }
    }

    #[test]
    fn a_command_contains_a_secret_in_many_ways() {
        assert_eq!(
            names(&["redis-server --requirepass hunter2"]),
            ["--requirepass"]
        );
        assert_eq!(
            names(&["a", "--admin-password=hunter2"]),
            ["--admin-password"]
        );
        assert_eq!(
            names(&["CMD-SHELL", "PGPASSWORD='hunter2' psql"]),
            ["PGPASSWORD"]
        );
        assert_eq!(names(&["sh", "-c", "x --token hunter2"]), ["--token"]);
        assert_eq!(names(&["mysqladmin ping -phunter2"]), ["-p"]);
        for line in [
            "redis-server --requirepass $PASSWORD",
            "a --token --verbose",
            "a --token-file /run/secrets/t",
            "a --password=${PASSWORD}",
            "ssh -p2222",
            "a --token",
        ] {
            assert_eq!(names(&[line]), <[&str; 0]>::default(), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_command_can_be_read(text in "[ -~é\n]{0,60}") {
            let _ = names(&[&text]);
        }
    }
}
