//! Paths of secrets that a service is not given.

use std::collections::BTreeSet;

use super::each;
use crate::rules::prelude::*;
use crate::text::expected;
use crate::text::path::SECRETS_FOLDER;

pub(super) static RULE: Rule = Rule {
    code: "secret-not-given",
    severity: Severity::Error,
    title: "A service is given the secrets whose paths it names",
    why: "Compose mounts only the secrets that a service lists. The program starts, and does not find the file.",
    bad: compose! {r#"
        services:
          db:
            image: "a:1"
            environment: { PASSWORD_FILE: /run/secrets/db_pasword }
            secrets: [db_password]
        secrets:
          db_password: { file: ./secrets/db_password }
    "#},
    good: compose! {r#"
        services:
          db:
            image: "a:1"
            environment: { PASSWORD_FILE: /run/secrets/db_password }
            secrets: [db_password]
        secrets:
          db_password: { file: ./secrets/db_password }
    "#},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // A file without secrets may be given them in another way.
    if deployed.file.entries("secrets").next().is_none() {
        return Vec::new();
    }
    each(deployed, |service| {
        let mut given = BTreeSet::new();
        for item in service.items("secrets") {
            let target = item.get("target").and_then(|at| at.text());
            let source = item.get("source").unwrap_or(item).text();
            let target = target.filter(|target| !target.is_empty()).or(source);
            given.extend(target.map(|target| target.trim_start_matches(SECRETS_FOLDER).to_owned()));
        }
        let mounts: Vec<String> = service.mounts().map(|mount| mount.target).collect();
        let mut found = Vec::new();
        for field in ["environment", "command", "entrypoint"] {
            let Some(at) = service.get(field) else {
                continue;
            };
            at.each_scalar(&mut |_, text, at| {
                for name in named(text) {
                    let path = format!("{SECRETS_FOLDER}{name}");
                    let is_mounted = mounts.iter().any(|mount| path.starts_with(mount.as_str()));
                    if given.contains(name) || is_mounted {
                        continue;
                    }
                    let message = format!("`{}` is not given the secret `{name}`", service.name);
                    let label = if given.is_empty() {
                        "expected it under `secrets` of the service".to_owned()
                    } else {
                        expected::one_of(&given)
                    };
                    found.push(
                        Found::new(service.name, message, at.place())
                            .label(label)
                            .did_you_mean(name, given.iter().map(String::as_str)),
                    );
                }
            });
        }
        found
    })
}

/// The names of the secrets whose paths a text has.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.match_indices(SECRETS_FOLDER)
        .filter_map(move |(at, path)| {
            let rest = text.get(at + path.len()..)?;
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            // What a variable or a pattern names is not known.
            let is_known = !rest.get(end..)?.starts_with(['$', '*', '{']);
            rest.get(..end).filter(|name| !name.is_empty() && is_known)
        })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_of_secrets_are_read_from_paths() {
        let text = "cat /run/secrets/a_b-c.d /run/secrets/$X /run/secrets/x$Y '/run/secrets/e'; ls /run/secrets/";
        assert_eq!(named(text).collect::<Vec<_>>(), ["a_b-c.d", "e"]);
    }
}
