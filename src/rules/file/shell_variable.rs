//! A variable of a container that Compose replaces.

use std::collections::BTreeMap;

use super::each;
use super::variable::unguarded;
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
        let own: BTreeMap<_, _> = pairs
            .filter_map(|pair| Some((pair.name, pair.value?)))
            .filter(|(name, value)| !value.contains('$') && !deployed.file.gives(name))
            .collect();
        let written = deployed.file.text().dig(&["services", service.name]);
        let commands = [
            &["command"] as &[&str],
            &["entrypoint"],
            &["healthcheck", "test"],
        ];
        let mut found = Vec::new();
        for at in commands.iter().filter_map(|keys| written?.dig(keys)) {
            for (text, at) in at.texts() {
                let names = unguarded(&text).into_iter();
                found.extend(names.filter(|name| own.contains_key(*name)).map(|name| {
                    let message = format!(
                        "Compose replaces `{name}` in a command of `{}`, not its shell",
                        service.name
                    );
                    Found::new(service.name, message, at.place())
                        .label(format!("expected `$${name}`"))
                }));
            }
        }
        found
    })
}
