//! A variable that may be empty.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::every_scalar;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "variable-may-be-empty",
    severity: Severity::Warning,
    title: "A variable has a default, or is required",
    why: "Compose makes an empty text of a variable that is not set, and a service starts with an empty password, tag or address.",
    origin: "docker/compose 5505",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { MODE: '${MODE}' }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    environment: { MODE: '${MODE:?say which}' }\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut scalars = Vec::new();
    every_scalar(&deployed.file.root(), &mut scalars);
    let mut found = Vec::new();
    for (path, text, place) in scalars {
        let route = path.to_string();
        let service = route.strip_prefix("services.");
        let service = service.map(|rest| rest.split(['.', '[']).next().unwrap_or_default());
        // A port that may be empty is worse, and is told by a rule of its own.
        if route.contains(".ports[") {
            continue;
        }
        for name in unguarded(&text) {
            let message = format!("`{name}` may be empty");
            let one = Found::new(service.unwrap_or(&name), message, place.clone()).label(format!(
                "expected `${{{name}:?why}}` or `${{{name}:-default}}`"
            ));
            let one = match service {
                Some(service) => one.service(service),
                None => one,
            };
            found.push(one.belonging(deployed));
        }
    }
    found
}

/// The variables of a text that have neither a default nor a demand.
fn unguarded(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        // `$$` is a dollar.
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let inner = after.strip_prefix('{').unwrap_or(after);
        let end = inner.find(|c| !is_part(c)).unwrap_or(inner.len());
        let name = inner.get(..end).unwrap_or_default();
        let follows = inner.get(end..).unwrap_or_default();
        let is_braced = inner.len() < after.len();
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts && (!is_braced || follows.starts_with('}')) {
            names.push(name.to_owned());
        }
        rest = follows;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::unguarded;

    #[test]
    fn a_default_or_a_demand_is_a_guard() {
        assert_eq!(
            unguarded("$A ${B} $$C ${D:-x} ${E:?no} ${F-$G} $1"),
            ["A", "B", "G"]
        );
    }
}
