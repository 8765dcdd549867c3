//! The table compared with the schema that Docker Compose embeds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{BOOLEAN, FILE, Field, NULL, NUMBER, Others, TEXT, WHOLE};

/// Where the table is not the schema's, and why.
const EXCEPTIONS: [&str; 5] = [
    // Files are included before a model is checked.
    "include[]",
    // Compose refuses other kinds when it decodes them.
    "services.*.storage_opt",
    "services.*.storage_opt.*",
    // Names of other characters than letters are not checked by the schema, but are limits as well.
    "services.*.ulimits",
    "services.*.build.ulimits",
];

/// What a value may be.
#[derive(Debug, Default, PartialEq)]
struct Allowed {
    scalars: u8,
    words: Vec<String>,
    range: Option<(i128, i128)>,
    has_pattern: bool,
    /// Whether it may be a list, and whether that holds everything once.
    list: Option<bool>,
    /// Whether it may be a mapping, with the fields that it must have, and what others it may have.
    map: Option<(Vec<String>, &'static str)>,
}

type Paths = BTreeMap<String, Allowed>;

fn of_table(field: &Field, path: &str, paths: &mut Paths) {
    let mut allowed = Allowed {
        scalars: field.scalars,
        words: sorted(field.words.iter().copied()),
        range: field.range,
        has_pattern: field.pattern.is_some(),
        ..Allowed::default()
    };
    if let Some(list) = &field.list {
        allowed.list = Some(list.is_unique);
        of_table(list.items, &format!("{path}[]"), paths);
    }
    if let Some(mapping) = &field.map {
        let (others, each) = match mapping.others {
            Others::Refused => ("refused", None),
            Others::Extensions => ("extensions", None),
            Others::Any => ("any", None),
            Others::Each(field) => ("each", Some(field)),
            Others::Named(field) => ("named", Some(field)),
            Others::MaybeNamed(field) => ("maybe named", Some(field)),
        };
        allowed.map = Some((sorted(mapping.required.iter().copied()), others));
        let known = mapping.known.iter().map(|(name, field)| (*name, field));
        for (name, field) in known.chain(each.map(|field| ("*", field))) {
            of_table(field, &below(path, name), paths);
        }
    }
    paths.insert(path.to_owned(), allowed);
}

fn of_schema(root: &Value, schema: &Value, path: &str, paths: &mut Paths) {
    if let Some(definition) = schema["$ref"].as_str() {
        let definition = &root["definitions"][definition.rsplit('/').next().unwrap()];
        return of_schema(root, definition, path, paths);
    }
    for alternative in array(&schema["oneOf"]) {
        of_schema(root, alternative, path, paths);
    }
    let allowed = paths.entry(path.to_owned()).or_default();
    allowed.words.extend(sorted(texts(&schema["enum"])));
    allowed.has_pattern |= schema["pattern"].is_string();
    if let Some(low) = schema["minimum"].as_i64() {
        let high = schema["maximum"].as_i64().map_or(i128::MAX, i128::from);
        allowed.range = Some((low.into(), high));
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        kinds => texts(kinds).collect(),
    };
    for kind in kinds {
        allowed.scalars |= match kind {
            "string" => TEXT,
            "integer" => WHOLE,
            "number" => NUMBER,
            "boolean" => BOOLEAN,
            "null" => NULL,
            "array" => {
                allowed.list = Some(schema["uniqueItems"].as_bool() == Some(true));
                0
            }
            "object" => {
                allowed.map = Some((sorted(texts(&schema["required"])), others(schema)));
                0
            }
            other => panic!("{path} is of an unknown type: {other}"),
        };
    }
    if schema["items"].is_object() {
        of_schema(root, &schema["items"], &format!("{path}[]"), paths);
    }
    for (name, field) in object(&schema["properties"]) {
        of_schema(root, field, &below(path, name), paths);
    }
    for (pattern, field) in object(&schema["patternProperties"]) {
        if pattern != "^x-" {
            of_schema(root, field, &below(path, "*"), paths);
        }
    }
}

fn others(schema: &Value) -> &'static str {
    let is_closed = schema["additionalProperties"] == false;
    let pattern = schema["patternProperties"]
        .as_object()
        .and_then(|patterns| patterns.keys().next());
    match pattern.map(String::as_str) {
        None if is_closed => "refused",
        None => "any",
        Some("^x-") => "extensions",
        Some(".+" | "^.+$") => "each",
        Some(_) if is_closed => "named",
        Some(_) => "maybe named",
    }
}

fn below(path: &str, name: &str) -> String {
    format!("{path}.{name}").trim_start_matches('.').to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    array(value).iter().map(|text| text.as_str().unwrap())
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut texts: Vec<String> = texts.map(str::to_owned).collect();
    texts.sort();
    texts
}

#[test]
fn every_field_is_what_the_schema_of_compose_says() {
    let text = include_str!("../../../tests/fixtures/compose/schema.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    let (mut table, mut expected) = (Paths::new(), Paths::new());
    of_table(&FILE, "", &mut table);
    of_schema(&schema, &schema, "", &mut expected);
    let mut paths: Vec<&str> = table
        .keys()
        .chain(expected.keys())
        .map(String::as_str)
        .collect();
    paths.retain(|path| !EXCEPTIONS.contains(path) && !path.starts_with("include[]."));
    let wrong: BTreeMap<_, _> = paths
        .into_iter()
        .map(|path| (path, (table.get(path), expected.get(path))))
        .filter(|(_, (found, expected))| found != expected)
        .collect();
    assert!(wrong.is_empty(), "found, expected: {wrong:#?}");
    assert!(table.len() > 300);
}
