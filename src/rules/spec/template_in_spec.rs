//! Expressions of templates in specs, which nothing fills in.

use crate::render;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::Catalog;
use crate::yaml::{Tree, TreeContent};

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

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        if host.by_hand().is_some() {
            continue;
        }
        let mut places = Vec::new();
        expressions(&service.compose, &mut places);
        found.extend(places.into_iter().map(|(name, place)| {
            let message = format!("`{name}` is not filled in: this is not a template");
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
        TreeContent::Scalar(value) => {
            let name = value.as_str().and_then(expression);
            found.extend(name.map(|name| (name.to_owned(), tree.place())));
        }
        TreeContent::List(items) => items.iter().for_each(|item| expressions(item, found)),
        TreeContent::Map(entries) => entries
            .iter()
            .for_each(|(_, value)| expressions(value, found)),
    }
}

/// The first expression or statement of a text that only a template has: one that begins with a name that templates have.
/// Other programs fill in `{{ }}` too, and most of their names begin with `.` or `$`.
fn expression(text: &str) -> Option<&str> {
    let of = |open: &'static str, close: &'static str, is_own: fn(&str, &str) -> bool| {
        text.match_indices(open).find_map(move |(at, _)| {
            let inner = text.get(at + open.len()..)?;
            let inner = inner.get(..inner.find(close)?)?;
            let code = inner.trim_matches(['-', '+']).trim();
            let end = code.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let (word, rest) = code.split_at(end.unwrap_or(code.len()));
            let whole = text.get(at..at + open.len() + inner.len() + close.len());
            whole.filter(|_| is_own(word, rest.trim_start()))
        })
    };
    let is_expression = |word: &str, rest: &str| {
        let is_name =
            render::NAMES.contains(&word) && (rest.is_empty() || rest.starts_with(['.', '[', '|']));
        is_name || render::is_own_function(word) && rest.starts_with('(')
    };
    of("{{", "}}", is_expression).or_else(|| of("{%", "%}", |word, _| render::is_tag(word)))
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn other_programs_may_have_expressions() {
        for (text, found) in [
            ("a{{values.x}}b", "{{values.x}}"),
            ("{{ .Name }}-{{ project }}", "{{ project }}"),
            ("{{ host }}", "{{ host }}"),
            ("{{environment}}", "{{environment}}"),
            ("{{ health }}", "{{ health }}"),
            ("{{ service.name }}", "{{ service.name }}"),
            ("{{ host | upper }}", "{{ host | upper }}"),
            ("{{ var(\"X\", \"y\") }}", "{{ var(\"X\", \"y\") }}"),
            ("{{- embed('x') }}", "{{- embed('x') }}"),
            ("{{ fixture(\"api.json\") }}", "{{ fixture(\"api.json\") }}"),
            ("{{ content_digest('a') }}", "{{ content_digest('a') }}"),
            ("a {%- if data %}b", "{%- if data %}"),
            ("{% with x = 1 %}", "{% with x = 1 %}"),
            ("{% filter upper %}", "{% filter upper %}"),
        ] {
            assert_eq!(expression(text), Some(found), "{text}");
        }
        for text in [
            "{{ .Values.x }}",
            "{{ $labels.service }}",
            "{{ projects }}",
            "{{ host is set }}",
            "{{ var }}",
            "{% raw %}",
            "{{ host",
            "values.x",
        ] {
            assert_eq!(expression(text), None, "{text}");
        }
    }
}
