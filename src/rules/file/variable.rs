//! A variable that may be empty.

use std::collections::HashSet;

use super::each;
use crate::compose::At;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::text::expression::nested_expressions;

pub(super) static RULE: Rule = Rule {
    code: "variable-may-be-empty",
    severity: Severity::Warning,
    title: "A variable has a default or is required",
    why: "Compose replaces a variable that is not set with an empty string, and a service starts with an empty password, tag or address.",
    origin: "docker/compose 5505",
    bad: service!("environment: { MODE: '${MODE}' }"),
    good: service!("environment: { MODE: '${MODE:?say which}' }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Variables that Compose or every shell sets.
const SET: [&str; 3] = ["COMPOSE_PROJECT_NAME", "HOME", "PWD"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = each(deployed, |service| {
        let written = deployed.file.text().dig(&["services", service.name]);
        let fields = written.into_iter().flat_map(At::entries);
        // `random-port` finds these.
        let fields = fields.filter(|(key, _)| *key != "ports");
        let names = fields.flat_map(|(_, at)| may_be_empty(at));
        names.map(move |(name, place)| note(service.name, &name, place))
    });
    for (section, at) in deployed.file.text().entries() {
        // An extension is checked where it is used.
        if section == "services" || section.starts_with("x-") {
            continue;
        }
        let names = may_be_empty(at).into_iter();
        found.extend(names.map(|(name, place)| note(&name, &name, place).belonging(deployed)));
    }
    found
}

fn note(what: &str, name: &str, place: Place) -> Found {
    // What a `$` makes a variable may be a part of a password, so that the label does not name it.
    Found::new(what, format!("`{name}` may be empty"), place)
        .label("expected `${NAME:?why}` or `${NAME:-default}`")
}

/// The variables below a value that may be empty, and where.
fn may_be_empty(at: At<'_>) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    at.each_scalar(&mut |_, text, at| {
        let names = unguarded(text).into_iter();
        let names = names.filter(|name| !SET.contains(name));
        found.extend(names.map(|name| (name.to_owned(), at.place())));
    });
    found
}

/// The variables of a text that have neither a default nor a `:?`, each once.
fn unguarded(text: &str) -> Vec<&str> {
    let mut known = HashSet::new();
    nested_expressions(text)
        .into_iter()
        .filter(|expression| expression.operator.is_none() && known.insert(expression.name))
        .map(|expression| expression.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unguarded;

    #[test]
    fn a_default_or_a_demand_is_a_guard() {
        assert_eq!(
            unguarded("$A ${B} $$C ${D:-x} ${E:?no} ${F-$G} $1 $A"),
            ["A", "B", "G"]
        );
    }
}
