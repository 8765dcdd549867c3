//! Expressions of templates in specs, which nothing fills in.

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::Catalog;
use crate::yaml::{Content, Tree};

pub(super) static RULE: Rule = Rule {
    code: "template-in-spec",
    severity: Severity::Error,
    title: "A spec has values, and no expressions of templates",
    why: "Only templates are filled in: a container would get the text `{{ namespaces.database }}` as it is.",
    bad: spec! {"catalog.yaml", r#"
        services:
          app: { environment: { COPY_OF: "{{ namespaces.database }}" } }
    "#},
    good: spec! {"catalog.yaml", "
        services:
          app: { environment: { COPY_OF: shop } }
    "},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

/// The names that templates have, and no other program that fills in `{{ }}` is likely to.
const NAMES: [&str; 8] = [
    "domains.", "namespaces.", "product ", "project ", "secrets.", "services.", "upstreams.",
    "values.",
];

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        if host.by_hand().is_some() {
            continue;
        }
        let mut places = Vec::new();
        expressions(&service.compose, &mut places);
        found.extend(places.into_iter().map(|(name, place)| {
            let message = format!("`{{{{ {name} }}}}` is not filled in: this is not a template");
            Found::new(service.name.as_str(), message, place)
                .label("expected the value itself")
                .help(format!(
                    "write the value in each environment, `services: {{ {}: … }}`; or write this field in a template",
                    service.name
                ))
                .of_service(environment, host, service)
        }));
    }
    found
}

fn expressions(tree: &Tree, found: &mut Vec<(String, Place)>) {
    match tree.content() {
        Content::Scalar(value) => {
            let name = value.as_str().and_then(expression);
            found.extend(name.map(|name| (name.to_owned(), tree.place())));
        }
        Content::List(items) => items.iter().for_each(|item| expressions(item, found)),
        Content::Map(entries) => entries
            .iter()
            .for_each(|(_, value)| expressions(value, found)),
    }
}

/// The first expression of a text that names something that templates have.
fn expression(text: &str) -> Option<&str> {
    let mut parts = text
        .split("{{")
        .skip(1)
        .filter_map(|part| part.split("}}").next());
    parts
        .find(|part| {
            let padded = format!("{} ", part.trim());
            NAMES.iter().any(|name| padded.starts_with(name))
        })
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn other_programs_may_have_expressions() {
        assert_eq!(expression("a{{values.x}}b"), Some("values.x"));
        assert_eq!(expression("{{ .Name }}-{{ project }}"), Some("project"));
        for text in [
            "{{ .Values.x }}",
            "{{ $labels.service }}",
            "{{ projects }}",
            "values.x",
        ] {
            assert_eq!(expression(text), None, "{text}");
        }
    }
}
