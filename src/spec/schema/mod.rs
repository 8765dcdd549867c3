//! JSON Schemas of the specs, for editors. They are made of the types that read the specs; `schemas/` has them, and a test
//! compares.

#![allow(clippy::needless_pass_by_value, reason = "a schema is made of others")]

mod fields;
mod tests;

use serde_json::{Map, Value, json};

use super::environment::Environment;
use super::host::HostFile;
use super::schema_url;
use super::settings::Settings;
use super::shared::Shared;
use fields::{computed, layout, record, service};

/// The schema of a mapping with known keys.
pub(super) struct Record {
    description: String,
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Record {
    /// A record with the documentation of its type, and with what its declaration computes instead of reading it.
    pub(super) fn new(name: &str, attributes: &[&str]) -> Self {
        let mut record = Self {
            description: documentation(attributes),
            properties: Map::new(),
            required: Vec::new(),
        };
        for (key, is_required, text, schema) in computed(name) {
            record.add(key, is_required, text, schema);
        }
        record
    }

    /// A field with the documentation of its declaration.
    pub(super) fn field(
        &mut self,
        key: &str,
        is_required: bool,
        attributes: &[&str],
        schema: Value,
    ) {
        self.add(key, is_required, &documentation(attributes), schema);
    }

    fn add(&mut self, key: &str, is_required: bool, text: &str, schema: Value) {
        if is_required {
            self.required.push(key.into());
        }
        self.properties
            .insert(key.to_owned(), described(schema, text));
    }

    pub(super) fn done(self) -> Value {
        let mut schema = json!({
            "type": "object",
            "properties": self.properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        described(schema, &self.description)
    }
}

/// The text of `doc` attributes, as `stringify!` gives them: `doc = " A machine."`.
fn documentation(attributes: &[&str]) -> String {
    let lines = attributes.iter().filter(|one| one.starts_with("doc"));
    let texts = lines.filter_map(|one| Some(one.split_once('"')?.1.rsplit_once('"')?.0.trim()));
    texts.collect::<Vec<_>>().join(" ").replace("\\\"", "\"")
}

/// A schema with a description before that of its type.
fn described(mut schema: Value, text: &str) -> Value {
    let own = schema["description"].as_str().unwrap_or_default();
    let both = [text, own].join(" ");
    if !both.trim().is_empty() {
        schema["description"] = both.trim().into();
    }
    schema
}

/// A text that is parsed: what it must be is what the error of an impossible one says.
pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>() -> Value {
    let impossible = "\u{1}".parse::<T>();
    let expected = impossible
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    match expected.strip_prefix("expected ") {
        Some(expected) => {
            json!({ "type": "string", "minLength": 1, "description": format!("Expected {expected}.") })
        }
        None => json!({ "type": "string", "minLength": 1 }),
    }
}

/// A number or a text that is parsed.
pub(super) fn amount<T: std::str::FromStr<Err: std::fmt::Display>>() -> Value {
    let mut schema = parsed::<T>();
    schema["type"] = json!(["string", "number"]);
    schema
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn map(values: Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

/// Where `null` removes what another file says.
pub(super) fn removable(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// A free tree of values for templates.
fn values() -> Value {
    json!({ "type": "object", "description": "Free values for templates, over less specific ones." })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A document with its title, examples and the definitions that it refers to.
fn document(
    name: &str,
    title: &str,
    mut schema: Value,
    example: Value,
    definitions: &[&str],
) -> Value {
    let mut all = Map::new();
    for definition in definitions {
        let value = match *definition {
            "host" => HostFile::schema(),
            "stack" => record("What runs together.", layout()),
            "service" => service(),
            other => panic!("{other}"),
        };
        all.insert((*definition).to_owned(), value);
    }
    if !all.is_empty() {
        schema["definitions"] = all.into();
    }
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["$id"] = schema_url(name).into();
    schema["title"] = title.into();
    schema["examples"] = json!([example]);
    schema
}

/// All schemas of specs, by the names of their files.
pub(crate) fn documents() -> Vec<(&'static str, Value)> {
    let catalog = json!({
        "product": "shop",
        "services": { "web": { "image": "nginx:1.29", "limits": { "memory": "128M" } } },
    });
    let environment = json!({
        "environment": "prod",
        "hosts": { "web": { "docker": "ssh://deploy@shop.example.org", "services": ["web"] } },
    });
    let settings = json!({ "check": { "level": "hardening", "ignore": ["no-healthcheck"] } });
    vec![
        (
            "catalog",
            document(
                "catalog",
                "composegen: environments/catalog.yaml",
                Shared::schema(),
                catalog,
                &["service", "stack"],
            ),
        ),
        (
            "environment",
            document(
                "environment",
                "composegen: an environment, environments/*.yaml",
                Environment::schema(),
                environment,
                &["host", "service"],
            ),
        ),
        (
            "settings",
            document(
                "settings",
                "composegen: composegen.yaml",
                Settings::schema(),
                settings,
                &[],
            ),
        ),
    ]
}
