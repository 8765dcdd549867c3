//! How what templates can call is called: its arguments by an example.

use minijinja::ErrorKind;

/// The macro around a place in a template, where `name` is one of its parameters.
pub(super) fn parameter<'a>(template: &'a str, at: usize, name: &str) -> Option<&'a str> {
    let before = template.get(..at)?;
    let start = before.rfind("macro ")?;
    // The end of a macro has the word, too.
    if before.get(..start)?.ends_with("end") || before.get(start..)?.contains("endmacro") {
        return None;
    }
    let (called, rest) = before.get(start..)?.split_once('(')?;
    let (parameters, _) = rest.split_once("%}")?;
    let mut parameters = parameters
        .split(',')
        .map(|one| one.split(['=', ')']).next().unwrap_or_default().trim());
    let called = called.trim_start_matches("macro ").trim();
    parameters.any(|one| one == name).then_some(called)
}

/// Functions that only templates of this program have, and what they are called with.
const OWN_FUNCTIONS: [(&str, &str); 5] = [
    ("content_digest", "content_digest(\"files/app.conf\")"),
    ("definition", "definition()"),
    ("embed", "embed(\"configs/app.conf.j2\")"),
    ("fixture", "fixture(\"api.json\", default=\"{}\")"),
    ("var", "var(\"API_KEY\", \"set it in .env\")"),
];

/// Functions of the engine.
const FUNCTIONS: [(&str, &str); 3] = [
    ("dict", "dict(name=value)"),
    ("namespace", "namespace(name=value)"),
    ("range", "range(10)"),
];

/// The filters that templates have, those of the engine, which does not list them, and `merge`; and how each is called.
const FILTERS: [(&str, &str); 49] = [
    ("abs", "number|abs"),
    ("attr", "value|attr(\"name\")"),
    ("batch", "list|batch(3)"),
    ("bool", "value|bool"),
    ("capitalize", "text|capitalize"),
    ("chain", "list|chain(other)"),
    ("count", "list|count"),
    ("d", "value|d(\"instead\")"),
    ("default", "value|default(\"instead\")"),
    ("dictsort", "mapping|dictsort"),
    ("e", "text|e"),
    ("escape", "text|escape"),
    ("first", "list|first"),
    ("float", "value|float"),
    ("format", "\"%s:%d\"|format(name, port)"),
    ("groupby", "list|groupby(\"name\")"),
    ("indent", "text|indent(2)"),
    ("int", "value|int"),
    ("items", "mapping|items"),
    ("join", "list|join(\", \")"),
    ("last", "list|last"),
    ("length", "list|length"),
    ("lines", "text|lines"),
    ("list", "value|list"),
    ("lower", "text|lower"),
    ("map", "list|map(attribute=\"name\")"),
    ("max", "list|max"),
    ("merge", "service.compose|merge({\"init\": true})"),
    ("min", "list|min"),
    ("reject", "list|reject(\"none\")"),
    ("rejectattr", "list|rejectattr(\"name\", \"none\")"),
    ("replace", "text|replace(\"from\", \"to\")"),
    ("reverse", "list|reverse"),
    ("round", "number|round(2)"),
    ("safe", "text|safe"),
    ("select", "list|select(\"string\")"),
    ("selectattr", "list|selectattr(\"name\", \"eq\", value)"),
    ("slice", "list|slice(3)"),
    ("sort", "list|sort"),
    ("split", "text|split(\",\")"),
    ("string", "value|string"),
    ("sum", "list|sum"),
    ("title", "text|title"),
    ("tojson", "value|tojson"),
    ("trim", "text|trim"),
    ("unique", "list|unique"),
    ("upper", "text|upper"),
    ("urlencode", "text|urlencode"),
    ("zip", "list|zip(other)"),
];

/// The tests that templates have (`is TEST`), which the engine does not list.
pub(super) const TESTS: [&str; 37] = [
    "boolean", "containing", "defined", "divisibleby", "endingwith", "eq", "equalto", "escaped",
    "even", "false", "filter", "float", "ge", "greaterthan", "gt", "in", "int", "integer",
    "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none", "number", "odd", "safe",
    "sameas", "sequence", "startingwith", "string", "test", "true", "undefined", "upper",
];

/// The name at the beginning of what the engine marks: `var` of `var("A")`.
pub(super) fn called(marked: &str) -> &str {
    let end = marked.find(|c: char| !c.is_alphanumeric() && c != '_');
    marked
        .get(..end.unwrap_or(marked.len()))
        .unwrap_or_default()
}

/// The names of functions.
pub(super) fn functions() -> impl Iterator<Item = &'static str> {
    OWN_FUNCTIONS
        .iter()
        .chain(&FUNCTIONS)
        .map(|(name, _)| *name)
}

/// Whether a function is one that only templates of this program have.
pub(crate) fn is_own_function(name: &str) -> bool {
    OWN_FUNCTIONS.iter().any(|(own, _)| *own == name)
}

/// The names of filters.
pub(super) fn filters() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|(name, _)| *name)
}

/// How a function or a filter is called.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    let mut all = OWN_FUNCTIONS.iter().chain(&FUNCTIONS).chain(&FILTERS);
    all.find(|(known, _)| *known == name)
        .map(|(_, usage)| *usage)
}

/// Whether an error is that arguments are missing, too many or of another kind.
pub(super) fn is_of_arguments(kind: ErrorKind, detail: Option<&str>) -> bool {
    match kind {
        ErrorKind::MissingArgument | ErrorKind::TooManyArguments => true,
        ErrorKind::InvalidOperation => detail.is_some_and(|detail| {
            detail.starts_with("value is not") || detail.starts_with("cannot convert")
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{called, filters, usage};

    #[test]
    fn a_name_is_what_a_call_begins_with() {
        assert!(filters().all(|name| usage(name).is_some_and(|usage| usage.contains(name))));
        for (marked, name) in [
            ("var(\"A\")", "var"),
            ("merge", "merge"),
            ("", ""),
            ("[1]", ""),
        ] {
            assert_eq!(called(marked), name);
        }
    }
}
