//! A list that gives one variable or label two values.

use crate::redact;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "set-twice",
    severity: Severity::Warning,
    title: "A list sets each variable and label once",
    why: "Compose takes the last value and silently drops the others.",
    bad: service!("environment: [LOG=info, LOG=debug]"),
    good: service!("environment: [LOG=debug]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let twice = deployed.file.named_twice().filter_map(|twice| {
        let (section, rest) = twice.keys.split_first()?;
        let (owner, field) = rest.split_first()?;
        let field = field.join(".");
        let shown = redact::name(&twice.name, true);
        let message = format!("`{field}` of `{owner}` sets `{shown}` twice");
        let found = Found::new(owner, message, &twice.place)
            .label("Compose drops the value before it")
            .help("remove one of the two");
        Some(match section.as_str() {
            "services" => found.service(owner).belonging(deployed),
            _ => found.belonging(deployed),
        })
    });
    twice.collect()
}
