//! A variable whose name no program asks for.

use super::each;
use crate::compose::At;
use crate::redact;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "variable-name",
    severity: Severity::Warning,
    title: "Names of variables have no spaces",
    why: "In a list, `LOG = debug` is a variable called `LOG ` with a space, and its value begins with one. `LOG` is not set.",
    bad: service!("environment: [LOG = debug]"),
    good: service!("environment: [LOG=debug]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let fields = [service.get("environment"), service.dig(&["build", "args"])];
        let odd = fields
            .into_iter()
            .flatten()
            .flat_map(At::pairs)
            .filter(|pair| pair.name.contains(char::is_whitespace));
        let found = odd.map(|pair| {
            let shown = redact::name(pair.name.trim(), true);
            let message = format!(
                "the variable `{shown}` of `{}` has a space in its name",
                service.name
            );
            Found::new(service.name, message, pair.at.place())
                .label("expected a name without spaces")
        });
        found.collect::<Vec<_>>()
    })
}
