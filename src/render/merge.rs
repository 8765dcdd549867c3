//! `merge`: a mapping with entries of another, as specs are merged.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::functions::refusal;

/// A mapping that keeps the order of its entries.
#[derive(Debug, Default)]
struct Merged(Vec<(Value, Value)>);

impl Object for Merged {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let mut entries = self.0.iter();
        let (_, value) = entries.find(|(name, _)| name == key)?;
        Some(value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// The entries of `base`, in its order, with those of `over`: mappings key by key, other values instead of those of
/// `base`. `none` takes an entry away.
pub(super) fn merge(base: &Value, over: &Value) -> Result<Value, Error> {
    for value in [base, over] {
        if value.kind() != ValueKind::Map {
            return Err(refusal(format!(
                "`merge` is for two mappings, and this is {}",
                kind(value)
            )));
        }
    }
    let mut merged = Merged::default();
    for name in base.try_iter()? {
        let (old, new) = (base.get_item(&name)?, over.get_item(&name)?);
        if new.is_none() {
            continue;
        }
        let value = if new.is_undefined() {
            old
        } else {
            instead(&name, &old, new)?
        };
        merged.0.push((name, value));
    }
    for name in over.try_iter()? {
        let value = over.get_item(&name)?;
        if base.get_item(&name)?.is_undefined() && !value.is_none() {
            // What is to be taken away is not there.
            let value = if value.kind() == ValueKind::Map {
                merge(&Value::from_object(Merged::default()), &value)?
            } else {
                value
            };
            merged.0.push((name, value));
        }
    }
    Ok(Value::from_object(merged))
}

/// The value of an entry that both have.
fn instead(name: &Value, base: &Value, over: Value) -> Result<Value, Error> {
    let is_map = |value: &Value| value.kind() == ValueKind::Map;
    match (is_map(base), is_map(&over)) {
        (true, true) => merge(base, &over),
        (false, false) => Ok(over),
        _ => Err(refusal(format!(
            "`{name}` is {} in the first and {} in the second: write both in one form",
            kind(base),
            kind(&over)
        ))),
    }
}

/// What a value is in YAML.
fn kind(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Map => "a mapping",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Undefined | ValueKind::None => "nothing",
        _ => "a scalar",
    }
}
