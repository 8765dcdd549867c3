//! A variable whose name no program asks for.

use super::{each, hook};
use crate::compose::At;
use crate::redact;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "variable-name",
    severity: Severity::Warning,
    title: "Names of variables have no spaces",
    why: "Compose takes `LOG LEVEL` for the name of a variable, but no shell can read it, and programs ask for `LOG_LEVEL`, which is not set.",
    bad: service!("environment: { LOG LEVEL: debug }"),
    good: service!("environment: { LOG_LEVEL: debug }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let fields = [service.get("environment"), service.dig(&["build", "args"])];
        let hooks = hook::of(service.at).filter_map(|(_, hook)| hook.field("environment"));
        let odd = fields
            .into_iter()
            .flatten()
            .chain(hooks)
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
