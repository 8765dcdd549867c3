//! Secret files outside the directory of the environment.

use indoc::indoc;

use crate::rules::prelude::*;
use crate::spec::{Environment, Host};
use crate::text::path::{clean, is_in};

pub(super) static RULE: Rule = Rule {
    code: "secret-elsewhere",
    severity: Severity::Error,
    title: "A secret comes from the directory of its environment",
    why: "A file from anywhere else has no class: it may be a secret of prod.",
    bad: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {% if environment == "local" %}
            secrets: { db_password: { file: /srv/passwords/db } }
            {% endif %}
        "#},
    },
    good: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {# as above: file: {{ secrets.directory ~ "/" ~ name }} #}
        "#},
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

const DECLARE: &str = "or declare it under `secrets:` of the host or the stack in the specs";

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for deployed in &subject.deployed {
        let Some((environment, host)) = deployed.of else {
            continue;
        };
        // An environment that says nothing of its secrets promises nothing of them.
        let Some(secrets) = &environment.secrets else {
            continue;
        };
        let directory = secrets.directory.as_ref();
        for (name, at) in deployed.file.entries("secrets") {
            let source = ["file", "environment", "external"]
                .into_iter()
                .find_map(|key| Some((key, at.get(key)?)));
            let (key, at) = source.unwrap_or(("file", at));
            let path = at.text().unwrap_or_default();
            let is_own = directory.is_some_and(|directory| is_below(&path, directory.as_str()));
            let is_own = is_own && key == "file";
            // One that the specs declare may be from elsewhere. `foreign-name` reports a full path of another environment.
            let is_declared = || {
                let secrets = host.sections.get("secrets");
                secrets.is_some_and(|secrets| secrets.get(name).is_some())
            };
            let is_of_others =
                || key == "file" && is_in_directory_of_another(&path, environment, subject);
            if is_own && !is_declared() && is_of_another(&path, name, deployed, host) {
                let message = format!("the secret `{name}` is not the file of its name");
                let finding = Found::new(name, message, at.place()).belonging(deployed);
                found.extend(directory.map(|directory| {
                    let folder = directory.as_str().trim_end_matches('/');
                    finding
                        .label(format!("expected {folder}/{name}"))
                        .help(DECLARE)
                        .related(&directory.place, "its secret directory")
                }));
                continue;
            }
            if is_own || directory.is_some() && is_declared() && !is_of_others() {
                continue;
            }
            let message = format!(
                "the secret `{name}` is not from the directory of `{}`",
                environment.name
            );
            let finding = Found::new(name, message, at.place()).belonging(deployed);
            found.extend(match (directory, secrets.none()) {
                (Some(directory), _) => Some(
                    finding
                        .label(format!("expected a file below {}", directory.value))
                        .help(DECLARE)
                        .related(&directory.place, "its secret directory"),
                ),
                (None, Some(none)) => Some(
                    finding
                        .label("expected no secret")
                        .related(none, "it has no secrets"),
                ),
                (None, _) => None,
            });
        }
    }
    found
}

/// Whether a path is in the secret directory of another environment.
fn is_in_directory_of_another(
    path: &str,
    environment: &Environment,
    subject: &Subject<'_>,
) -> bool {
    subject
        .catalog
        .iter()
        .flat_map(|catalog| &catalog.environments)
        .filter(|other| other.name != environment.name)
        .filter_map(Environment::secret_directory)
        .any(|directory| is_below(path, directory.as_str()))
}

/// Whether the file of a secret is that of another one. In files that are written by hand, secrets have the names that
/// their authors gave them.
fn is_of_another(path: &str, name: &str, deployed: &Deployed<'_>, host: &Host) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let own = file.split('.').next().unwrap_or(file);
    let is_own = file == name || own == name;
    let mut others = deployed.file.entries("secrets");
    !is_own && (host.by_hand().is_none() || others.any(|(other, _)| other == file))
}

/// Whether a file is in a folder.
fn is_below(path: &str, folder: &str) -> bool {
    is_in(&clean(path), clean(folder).trim_end_matches('/'))
}
