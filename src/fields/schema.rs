//! What the fields of a table are in a state as JSON.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{ATTACHMENT, Field, Form, MOUNT, NETWORK, SERVICE, STACK, STACK_FILE, VOLUME, Values};

macro_rules! tables {
    ($($name:ident: $table:expr),* $(,)?) => { $(
        /// The fields of a table, as properties.
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                concat!(stringify!($name), "Fields").into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                properties($table)
            }
        }
    )* };
}

tables!(
    Network: NETWORK,
    Volume: VOLUME,
    Attachment: ATTACHMENT,
    Mount: MOUNT,
    Stack: STACK,
    StackFile: STACK_FILE,
);

impl JsonSchema for Values {
    fn schema_name() -> Cow<'static, str> {
        "ServiceFields".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        properties(SERVICE)
    }
}

fn properties(table: &[Field]) -> Schema {
    let is_written = |field: &&Field| field.written.is_some();
    let properties: Map<String, Value> = table
        .iter()
        .map(|field| (field.name().to_owned(), value(field)))
        .collect();
    let required: Vec<&str> = table.iter().filter(is_written).map(Field::name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema.try_into().unwrap()
}

/// The value of a field that is set; `null` where one that is always written is not.
fn value(field: &Field) -> Value {
    let (kind, rest) = match field.form {
        Form::Flag => return json!({ "type": "boolean" }),
        Form::Switch => ("boolean", json!({})),
        form if form.is_number() => ("integer", json!({})),
        form if form.is_map() => {
            return json!({ "type": "object", "additionalProperties": { "type": ["string", "null"] } });
        }
        form if form.is_list() => return json!({ "type": "array", "items": { "type": "string" } }),
        form if form.is_words() => ("array", json!({ "items": { "type": "string" } })),
        _ => ("string", json!({})),
    };
    let mut schema = rest;
    schema["type"] = match field.written {
        Some(_) => json!([kind, "null"]),
        None => json!(kind),
    };
    schema
}
