//! How a service sets up its containers: what becomes of its fields in the Engine API
//! (docker/compose, `pkg/compose/create.go`).

use super::reading::FieldReader;
use super::{Reader, environment, filled};
use crate::compose::tree::Node;
use crate::fields::{Form, SERVICE, Value};
use crate::redact::Sensitive;
use crate::state::{Config, DEFINITION};

/// The configuration that a service gives its containers.
pub(super) fn read(reader: &mut Reader<'_>, name: &str, service: &Node) -> Config {
    let mut environment = environment::variables(reader, name, service);
    let mut labels = environment::labels(reader, name, service);
    let mut config = Config {
        container_name: filled(reader.text(service.field("container_name"))),
        definition: labels.remove(DEFINITION),
        ..Config::default()
    };
    let mut fields = FieldReader::of(reader, format!("services.{name}"), service);
    for field in SERVICE {
        let value = match field.form {
            Form::Environment => Value::Map(std::mem::take(&mut environment)),
            Form::Labels if field.path == "labels" => {
                let labels = Sensitive::values(std::mem::take(&mut labels)).into_iter();
                Value::Map(labels.map(|(name, value)| (name, Some(value))).collect())
            }
            _ => match fields.value(field) {
                Some(value) => value,
                None => continue,
            },
        };
        if !matches!(&value, Value::Map(map) if map.is_empty()) {
            config.fields.set(field, value);
        }
    }
    config
}
