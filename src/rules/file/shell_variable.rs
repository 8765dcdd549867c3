//! A variable of a container that Compose replaces.

use std::collections::BTreeSet;

use super::here::{self, EnvFiles};
use super::unguarded::unguarded;
use super::{each, hook, shell};
use crate::compose::{At, Service};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "shell-variable",
    severity: Severity::Warning,
    title: "A command names the variables of its container with `$$`",
    why: "Compose replaces `$NAME` with its own variable, which is empty, before the shell of the container sees it.",
    bad: service!(
        "environment: { PORT: 80 }",
        "healthcheck: { test: 'curl -f http://localhost:$PORT' }"
    ),
    good: service!(
        "environment: { PORT: 80 }",
        "healthcheck: { test: 'curl -f http://localhost:$$PORT' }"
    ),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let files = EnvFiles::default();
    each(deployed, |service| {
        let of_container = of_container(deployed, service, &files).into_iter();
        let found = of_container.map(|(name, at)| {
            let service = service.name;
            let message =
                format!("Compose replaces `{name}` in a command of `{service}`, not its shell");
            Found::new(service, message, at.place()).label(format!("expected `$${name}`"))
        });
        found.collect::<Vec<_>>()
    })
}

/// The variables that Compose replaces in the lines of a shell although the container has them, and where.
pub(super) fn of_container<'a>(
    deployed: &'a Deployed<'_>,
    service: Service<'a>,
    files: &EnvFiles,
) -> Vec<(String, At<'a>)> {
    let Some(written) = deployed.file.text().dig(&["services", service.name]) else {
        return Vec::new();
    };
    let own = set(deployed, service.get("environment"));
    let paths = here::env_files(deployed, service);
    let is_own = |name: &str| {
        let by_file = || paths.iter().any(|path| files.has(path, name));
        own.contains(name) || !deployed.file.gives(name) && by_file()
    };
    let command = [written.field("entrypoint"), written.field("command")];
    let mut lines = shell::of_command(command.into_iter().flatten());
    let test = written.dig(&["healthcheck", "test"]);
    lines.extend(test.map(shell::of_check).unwrap_or_default());
    let mut found = replaced(is_own, lines);
    for (_, hook) in hook::of(written) {
        let of_hook = set(deployed, hook.field("environment"));
        let is_own = |name: &str| of_hook.contains(name) || is_own(name);
        let lines = shell::of_command(hook.field("command"));
        found.extend(replaced(is_own, lines));
    }
    found
}

/// The variables of an `environment` that only the container has. A value that is made of the variable itself is the same for
/// Compose and the container.
fn set(deployed: &Deployed<'_>, environment: Option<At<'_>>) -> BTreeSet<String> {
    let pairs = environment.into_iter().flat_map(At::pairs);
    pairs
        .filter(|pair| pair.value.is_some() && !pair.at.written().contains('$'))
        .map(|pair| pair.name)
        .filter(|name| !deployed.file.gives(name))
        .collect()
}

/// The variables that Compose replaces in the lines of a shell. Without a shell, `$$NAME` is just these letters.
fn replaced(is_own: impl Fn(&str) -> bool, lines: Vec<(String, At<'_>)>) -> Vec<(String, At<'_>)> {
    let mut found = Vec::new();
    for (text, at) in lines {
        let names = unguarded(&text).into_iter().filter(|name| is_own(name));
        found.extend(names.map(|name| (name.to_owned(), at)));
    }
    found
}
