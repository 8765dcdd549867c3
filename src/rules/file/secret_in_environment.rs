//! A secret in a variable, an argument, a label, an option or a command.

use std::collections::HashSet;

use super::each;
use crate::compose::{At, Pair};
use crate::redact;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::text::expression::{Operator, nested_expressions};

pub(super) static RULE: Rule = Rule {
    code: "secret-in-environment",
    severity: Severity::Error,
    title: "No variable, argument, label, option or command contains a secret",
    why: "`docker inspect` shows the environment of a container, child processes inherit it, and it ends up in crash reports; the file itself is in version control.",
    origin: "OWASP Docker Security rule 12",
    equivalents: &[
        compose_lint("CL-0020").except(
            "Not for a path, such as `PASSWORD: /run/secrets/password`, which says where the \
             secret is. Not for names of places or measures, such as `SECRET_PATH` or \
             `PASSWORD_POLICY`. Not for `<your password>` or `your_password_here`, which are still to be set, nor for a \
             value that is partly a variable without a default.",
        ),
        kics("Passwords And Secrets"),
    ],
    bad: service!("environment: { DB_PASSWORD: hunter2 }"),
    good: service!("environment: { DB_PASSWORD_FILE: /run/secrets/db_password }"),
    check: Check::File(|deployed| found(deployed).to_vec()),
    ..Rule::DEFAULT
};

/// A secret of a value.
struct Secret {
    /// What it is called.
    name: String,
    text: String,
    /// The expression of whose default it is.
    expression: Option<String>,
}

impl Secret {
    fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            expression: None,
        }
    }
}

/// The secrets that the file itself contains in the value of a name: the value as a whole, the default of its variable,
/// what follows an option or a header in it.
fn secrets(pair: &Pair<'_>) -> Vec<Secret> {
    let Some(value) = pair.value.as_ref() else {
        return Vec::new();
    };
    // A dollar sign that Compose keeps is part of the secret.
    let plain = value.replace('$', "");
    if pair.at.is_known() && redact::is_secret(&pair.name, &plain) {
        return vec![Secret::new(&pair.name, &plain)];
    }
    let defaults = nested_expressions(pair.at.written())
        .into_iter()
        .filter(|it| it.operator == Some(Operator::Default));
    // `MINIO_ROOT_USER: ${S3_ACCESS_KEY:-minio}` is a name.
    let is_other = redact::names_no_secret(&pair.name);
    let defaults = defaults
        .filter(|it| !is_other && redact::is_secret(it.name, it.word))
        .map(|it| Secret {
            expression: Some(it.written.to_owned()),
            ..Secret::new(it.name, it.word)
        });
    let mut found: Vec<_> = defaults.collect();
    found.extend(redact::in_header(value).map(|(name, value)| Secret::new(name, value)));
    if redact::has_options(value) {
        let in_words = redact::in_command_line(value).into_iter();
        found.extend(in_words.map(|it| Secret::new(&it.name, &it.value)));
    }
    found
}

/// The secrets in variables, arguments, labels and options, in commands and in inline configs.
pub(in crate::rules) fn found<'a>(deployed: &'a Deployed<'_>) -> &'a [Found] {
    deployed.secrets.get_or_init(|| {
        let mut found = in_services(deployed);
        found.extend(in_resources(deployed));
        found.extend(in_configs(deployed));
        found
    })
}

/// The secrets in the options and labels of networks and volumes.
fn in_resources(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for section in ["networks", "volumes"] {
        for (name, at) in deployed.file.entries(section) {
            for given in [at.get("driver_opts"), at.get("labels")]
                .into_iter()
                .flatten()
            {
                let own = in_pairs(deployed, name, given);
                found.extend(own.into_iter().map(|one| one.belonging(deployed)));
            }
        }
    }
    found
}

/// The secrets in inline configs.
fn in_configs(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, at) in deployed.file.entries("configs") {
        let Some((text, at)) = at.get("content").and_then(|at| Some((at.text()?, at))) else {
            continue;
        };
        for line in text.lines() {
            for (key, value) in redact::in_line(line) {
                let key = redact::name(key, true);
                let message = format!("the config `{name}` has the secret `{key}` in plain text");
                found.push(note(name, message, &at.place(), value).belonging(deployed));
            }
        }
    }
    found
}

/// The secrets among the values of names.
fn in_pairs(deployed: &Deployed<'_>, of: &str, given: At<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for pair in given.pairs() {
        for secret in secrets(&pair) {
            // `EXISTING_SECRET: NAME` names one of the file.
            let names_it = secret.name.to_ascii_uppercase().ends_with("SECRET");
            if names_it && deployed.file.declared("secrets", &secret.text).is_some() {
                continue;
            }
            let place = pair.at.place();
            let how = how(&place, &secret.text);
            let name = redact::name(&secret.name, true);
            let message = format!("`{of}` has the secret `{name}` {how}");
            // Two variables may have one default.
            let own = secret.expression.as_deref().and_then(|it| part(&place, it));
            found.push(note(of, message, &own.unwrap_or(place), &secret.text));
        }
    }
    found
}

fn in_services(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        let given = [
            service.get("environment"),
            service.get("labels"),
            service.get("annotations"),
            service.dig(&["build", "args"]),
            service.dig(&["build", "labels"]),
            service.dig(&["deploy", "labels"]),
            service.dig(&["logging", "options"]),
        ];
        for given in given.into_iter().flatten() {
            found.extend(in_pairs(deployed, service.name, given));
        }
        let commands = [
            service.get("entrypoint"),
            service.get("command"),
            service.dig(&["healthcheck", "test"]),
        ];
        for command in commands.into_iter().flatten() {
            let (parts, places): (Vec<_>, Vec<_>) = command.texts().unzip();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let secrets = match parts[..] {
                [line] if !command.is_list() => redact::in_command_line(line),
                _ => redact::in_command(&parts),
            };
            let mut seen = HashSet::new();
            for one in secrets {
                let Some(place) = places.get(one.part).map(At::place) else {
                    continue;
                };
                let (name, secret) = (one.name, one.value);
                // A line may contain it a thousand times.
                if !seen.insert((name.clone(), secret.clone())) {
                    continue;
                }
                let how = how(&place, &secret);
                // The name of an option is not that of a secret.
                let of = if name.starts_with('-') { "of " } else { "" };
                let name = redact::name(&name, true);
                let message = format!(
                    "a command of `{}` contains the secret {of}`{name}` {how}",
                    service.name
                );
                found.push(note(service.name, message, &place, &secret));
            }
        }
        found
    })
}

fn note(service: &str, message: String, place: &Place, secret: &str) -> Found {
    let exactly = part(place, secret);
    Found::new(service, message, exactly.unwrap_or_else(|| place.clone()))
        .label("expected a Compose secret, or a variable without a default")
        .help("declare it under `secrets:`, and pass its path to the service: `…_FILE: /run/secrets/NAME`")
}

/// Where a place has a secret: in the default of a variable, or by itself.
fn how(place: &Place, secret: &str) -> &'static str {
    let text = place
        .range()
        .and_then(|range| place.source.text.get(range))
        .unwrap_or_default();
    let mut defaults = nested_expressions(text).into_iter();
    if defaults.any(|it| it.operator == Some(Operator::Default) && it.word == secret) {
        "in a default value"
    } else {
        "in plain text"
    }
}

/// The place of the last part of a place that has a text.
fn part(place: &Place, text: &str) -> Option<Place> {
    let range = place.range()?;
    let whole = place.source.text.get(range.clone())?;
    let start = range.start + whole.rfind(text)?;
    Some(Place::bytes(&place.source, start..start + text.len()))
}

#[cfg(test)]
mod tests {
    use super::secrets;
    use crate::compose::Written;
    use crate::source::Source;

    #[test]
    fn a_secret_is_one_that_the_file_holds() {
        let of = |value: &str| {
            let text =
                format!("services: {{ a: {{ environment: {{ DB_PASSWORD: '{value}' }} }} }}");
            let file = Written::read(&Source::new("f", text)).unwrap();
            let environment = file.service("a").unwrap().get("environment").unwrap();
            let mut pairs = environment.pairs();
            let found = secrets(&pairs.next().unwrap());
            found.into_iter().next().map(|secret| secret.text)
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
            "your_token_here",
            "YOUR-CLOUDFLARE-API-TOKEN",
            "insert-key-here",
        ] {
            assert_eq!(of(value), None, "{value}");
        }
    }
}
