//! A variable of a container that Compose replaces.

use std::collections::BTreeSet;

use super::variable::unguarded;
use super::{each, shell};
use crate::compose::At;
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
    each(deployed, |service| {
        let pairs = service.get("environment").into_iter().flat_map(At::pairs);
        // A value that is made of the variable itself is the same for Compose and the container.
        let own: BTreeSet<_> = pairs
            .filter(|pair| pair.value.is_some() && !pair.at.written().contains('$'))
            .map(|pair| pair.name)
            .filter(|name| !deployed.file.gives(name))
            .collect();
        let written = deployed.file.text().dig(&["services", service.name]);
        let dig = |keys: &[&str]| written?.dig(keys);
        let command = [dig(&["entrypoint"]), dig(&["command"])];
        let command = shell::of_command(command.into_iter().flatten());
        let test = dig(&["healthcheck", "test"]).map(shell::of_check);
        let mut found = Vec::new();
        // Without a shell, `$$NAME` is just these letters.
        for (text, at) in command.into_iter().chain(test.unwrap_or_default()) {
            let names = unguarded(&text).into_iter();
            found.extend(names.filter(|name| own.contains(*name)).map(|name| {
                let message = format!(
                    "Compose replaces `{name}` in a command of `{}`, not its shell",
                    service.name
                );
                Found::new(service.name, message, at.place()).label(format!("expected `$${name}`"))
            }));
        }
        found
    })
}
