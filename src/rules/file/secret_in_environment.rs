//! A secret in a variable, an argument, a label, an option or a command.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::compose::{At, Pair, SECTIONS};
use crate::redact::{self, Holds};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::text::command_line::LineReader;
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
    /// The expression in which it stands for a variable.
    expression: Option<String>,
    /// Whether it does so where the variable is set, and not as its default.
    is_alternative: bool,
}

impl Secret {
    fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: redact::written_dollars(text),
            expression: None,
            is_alternative: false,
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
    let expressions = nested_expressions(pair.at.written());
    let defaults = expressions
        .iter()
        .filter(|it| it.operator == Some(Operator::Default));
    // `MINIO_ROOT_USER: ${S3_ACCESS_KEY:-minio}` is a name.
    let is_other = redact::names_no_secret(&pair.name);
    let defaults = defaults
        .filter(|it| !is_other && redact::is_secret(it.name, &redact::literal_dollars(it.word)))
        .map(|it| Secret {
            expression: Some(it.written.to_owned()),
            ..Secret::new(it.name, it.word)
        });
    let mut found: Vec<_> = defaults.collect();
    // A word that is all of the value is the secret where the variable is set, unless it is an option whose value follows.
    let whole = expressions
        .first()
        .filter(|it| it.operator == Some(Operator::Alternative) && it.written == pair.at.unquoted())
        .filter(|it| !it.word.contains('$') && !it.word.starts_with("--"))
        .filter(|it| redact::is_secret(&pair.name, it.word));
    found.extend(whole.map(|it| Secret {
        expression: Some(it.written.to_owned()),
        is_alternative: true,
        ..Secret::new(&pair.name, it.word)
    }));
    let written = as_written(&pair.at, value);
    let literal = redact::literal_dollars(&written);
    found.extend(redact::in_header(&literal).map(|(name, value)| Secret::new(name, value)));
    if redact::has_options(value) {
        let within = redact::in_command_line(&written, LineReader::Compose);
        found.extend(within.iter().map(|it| Secret::new(&it.name, &it.value)));
    } else if found.is_empty() {
        let within = redact::in_value(&literal);
        let within = within.iter().take(MOST_IN_ONE);
        found.extend(within.map(|it| Secret::new(&it.name, &it.value)));
    }
    found
}

/// How many secrets of one value or command are reported: each is looked for in the whole text.
const MOST_IN_ONE: usize = 100;

/// A text as a file has it: Compose makes one `$` of `$$`. Where a variable is not known, the text is as it is written.
fn as_written<'t>(at: &At<'_>, text: &'t str) -> Cow<'t, str> {
    if at.is_known() && text.contains('$') {
        Cow::Owned(text.replace('$', "$$"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The secrets in variables, arguments, labels and options, in commands and in inline configs.
pub(in crate::rules) fn found<'a>(deployed: &'a Deployed<'_>) -> &'a [Found] {
    deployed.secrets.get_or_init(|| {
        let mut found: Vec<_> = SECTIONS
            .into_iter()
            .flat_map(|section| in_section(deployed, section))
            .collect();
        found.extend(in_configs(deployed));
        found
    })
}

/// The fields below a value that may have secrets in them.
fn holders<'a>(at: At<'a>, found: &mut Vec<(&'a str, Holds, At<'a>)>) {
    for (key, value) in at.entries().filter(|(key, _)| !key.starts_with("x-")) {
        match redact::holds(key) {
            Some(holds) => found.push((key, holds, value)),
            None => holders(value, found),
        }
    }
    for item in at.items() {
        holders(item, found);
    }
}

/// The secrets in what a section of the file declares.
fn in_section(deployed: &Deployed<'_>, section: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let is_of_services = section == "services";
    for (name, at) in deployed.file.entries(section) {
        if is_of_services && deployed.file.service(name).is_none() {
            continue;
        }
        let mut given = Vec::new();
        holders(at, &mut given);
        for (field, holds, at) in given {
            let own = match holds {
                Holds::Values => in_pairs(deployed, name, at, help(field)),
                Holds::Command => in_command(name, field, at, LineReader::Compose),
                Holds::Check => in_command(name, field, at, LineReader::Shell),
                Holds::Dockerfile => in_dockerfile(name, at),
            };
            found.extend(own.into_iter().map(|one| {
                let one = one.belonging(deployed);
                if is_of_services {
                    one.service(name)
                } else {
                    one
                }
            }));
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
        let text = as_written(&at, &text);
        for line in redact::literal_dollars(&text).lines() {
            let in_line = redact::in_line(line).into_iter();
            let mut secrets: Vec<_> = in_line.map(|(name, it)| Secret::new(name, it)).collect();
            if secrets.is_empty() {
                let in_value = redact::in_value(line);
                secrets.extend(in_value.iter().map(|it| Secret::new(&it.name, &it.value)));
            }
            for secret in secrets {
                let key = redact::name(&secret.name, true);
                let message = format!("the config `{name}` has the secret `{key}` in plain text");
                let found_here = note(name, message, &at.place(), &secret.text, OUTSIDE);
                found.push(found_here.belonging(deployed));
            }
        }
    }
    found
}

/// The secrets among the values of names.
fn in_pairs(deployed: &Deployed<'_>, of: &str, given: At<'_>, help: &'static str) -> Vec<Found> {
    let mut found = Vec::new();
    for pair in given.pairs() {
        let mut seen = HashSet::new();
        for secret in secrets(&pair) {
            // A value may contain it a thousand times.
            if !seen.insert((secret.name.clone(), secret.text.clone())) {
                continue;
            }
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
            let place = own.unwrap_or(place);
            let mut one = note(of, message, &place, &secret.text, help);
            if secret.is_alternative {
                one = one.label("expected a Compose secret, or the value of the variable");
            }
            found.push(one);
        }
    }
    found
}

/// The secrets among the words of a command, which `reader` reads where it is a text.
fn in_command(of: &str, field: &str, command: At<'_>, reader: LineReader) -> Vec<Found> {
    let parts = command.texts();
    let parts = parts.map(|(text, at)| (as_written(&at, &text).into_owned(), at));
    let (parts, places): (Vec<_>, Vec<_>) = parts.unzip();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let secrets = match parts[..] {
        [line] if !command.is_list() => redact::in_command_line(line, reader),
        _ => redact::in_command(&parts),
    };
    let holder = match field {
        "runtime_flags" => "a flag",
        _ => "a command",
    };
    in_words(of, holder, secrets, &places)
}

/// The secrets in a Dockerfile that is written in the file.
fn in_dockerfile(service: &str, at: At<'_>) -> Vec<Found> {
    let Some(text) = at.text() else {
        return Vec::new();
    };
    let secrets = redact::in_dockerfile(&as_written(&at, &text));
    in_words(service, "the Dockerfile", secrets, &[at])
}

/// Reports the secrets among words, each part of which has a place.
fn in_words(
    service: &str,
    holder: &str,
    secrets: Vec<redact::InCommand>,
    places: &[At<'_>],
) -> Vec<Found> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for one in secrets.into_iter().take(MOST_IN_ONE) {
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
        let message = format!("{holder} of `{service}` contains the secret {of}`{name}` {how}");
        found.push(note(service, message, &place, &secret, OUTSIDE));
    }
    found
}

/// What to do about a secret where no program looks for the path of a file.
const OUTSIDE: &str = "take it from a variable without a default (`${NAME:?}`), or from a file that the program reads";

/// What to do about a secret in the values of a field.
fn help(field: &str) -> &'static str {
    match field {
        "environment" => {
            "declare it under `secrets:`, and pass its path to the service: `…_FILE: /run/secrets/NAME`"
        }
        "args" => "declare it under `secrets:`, and list it in `build.secrets`",
        _ => OUTSIDE,
    }
}

fn note(service: &str, message: String, place: &Place, secret: &str, help: &'static str) -> Found {
    let exactly = part(place, secret);
    Found::new(service, message, exactly.unwrap_or_else(|| place.clone()))
        .label("expected a Compose secret, or a variable without a default")
        .help(help)
}

/// How a place has a secret: in the default of a variable, or by itself, as a hash or not.
fn how(place: &Place, secret: &str) -> &'static str {
    let text = place
        .range()
        .and_then(|range| place.source.text.get(range))
        .unwrap_or_default();
    let mut defaults = nested_expressions(text).into_iter();
    if defaults.any(|it| it.operator == Some(Operator::Default) && it.word == secret) {
        "in a default value"
    } else if redact::has_hash(text, secret) {
        "as a hash"
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
    use super::{how, secrets};
    use crate::compose::Written;
    use crate::source::{Place, Source};

    #[test]
    fn a_hash_is_not_in_plain_text() {
        let hash = "$$2y$$05$$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC";
        for (value, secret, expected) in [
            (hash.to_owned(), hash.replace('$', ""), "as a hash"),
            (format!("admin:{hash}"), hash.to_owned(), "as a hash"),
            (
                format!("{hash} hunter2"),
                "hunter2".to_owned(),
                "in plain text",
            ),
        ] {
            let source = Source::new("f", value.clone());
            let place = Place::bytes(&source, 0..value.len());
            assert_eq!(how(&place, &secret), expected, "{value}");
        }
    }

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
        assert_eq!(of("${P:+hunter2}").as_deref(), Some("hunter2"));
        assert_eq!(of("${P+hunter2}").as_deref(), Some("hunter2"));
        assert_eq!(of("pa$$word").as_deref(), Some("paword"));
        for value in [
            "",
            "${P}",
            "${P:?}",
            "${P:-}",
            "${P:+yes}",
            "${P:+--requirepass}",
            "${P:+$Q}",
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
