//! `merge`: a mapping with entries of another, as specs are merged.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::functions::{UNDEFINED_KEY, refusal};
use crate::compose::fields_of_service;
use crate::diagnostic::DidYouMean;

/// A mapping that keeps the order of its entries.
#[derive(Debug, Default)]
struct Merged(Vec<(Value, Value)>);

impl Object for Merged {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (_, value) = self.0.iter().find(|(name, _)| name == key)?;
        Some(value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// The entries of `base`, in its order, with those of `over`: mappings key by key, other values instead of those of
/// `base`. `none` takes an entry away.
pub(super) fn merge(base: &Value, over: &Value) -> Result<Value, Error> {
    let has = |key: &str| base.get_attr(key).is_ok_and(|value| !value.is_undefined());
    let is_service = base.kind() == ValueKind::Map && (has("image") || has("build"));
    merge_below(is_service.then_some(&[]), base, over)
}

/// Merges the mappings at a path of a service, where they are of one.
fn merge_below(path: Option<&[&str]>, base: &Value, over: &Value) -> Result<Value, Error> {
    for value in [base, over] {
        if value.kind() != ValueKind::Map {
            return Err(refusal(format!(
                "`merge` is for two mappings, and this is {}",
                kind(value)
            )));
        }
    }
    let below = |name: &Value, base: &Value, over: &Value| {
        let steps = path
            .zip(name.as_str())
            .map(|(path, name)| [path, &[name]].concat());
        merge_below(steps.as_deref(), base, over)
    };
    if over.try_iter()?.any(|name| name.is_undefined()) {
        return Err(refusal(UNDEFINED_KEY));
    }
    let mut merged = Merged::default();
    for name in base.try_iter()? {
        let (old, new) = (base.get_item(&name)?, over.get_item(&name)?);
        if new.is_none() {
            continue;
        }
        let is_map = |value: &Value| value.kind() == ValueKind::Map;
        let value = if new.is_undefined() {
            old
        } else {
            match (is_map(&old), is_map(&new)) {
                (true, true) => below(&name, &old, &new)?,
                (false, false) => new,
                _ => {
                    return Err(refusal(format!(
                        "`{name}` is {} in the first and {} in the second: write both in one form",
                        kind(&old),
                        kind(&new)
                    )));
                }
            }
        };
        merged.0.push((name, value));
    }
    for name in over.try_iter()? {
        let value = over.get_item(&name)?;
        if !base.get_item(&name)?.is_undefined() {
            continue;
        }
        if value.is_none() {
            // What is to be taken away need not be there, but must be something.
            demand_known(path, &name)?;
        } else if value.kind() == ValueKind::Map {
            let nothing = Value::from_object(Merged::default());
            let new = below(&name, &nothing, &value)?;
            // A mapping of which all is taken away is not written.
            if new.len() != Some(0) || value.len() == Some(0) {
                merged.0.push((name, new));
            }
        } else {
            merged.0.push((name, value));
        }
    }
    Ok(Value::from_object(merged))
}

/// Refuses a name that no field at a path of a service has.
fn demand_known(path: Option<&[&str]>, name: &Value) -> Result<(), Error> {
    let (Some(known), Some(name)) = (path.and_then(fields_of_service), name.as_str()) else {
        return Ok(());
    };
    if known.contains(&name) || name.starts_with("x-") {
        return Ok(());
    }
    let meant = DidYouMean::of(name, known.iter().copied());
    Err(refusal(format!(
        "`{name}` is not a field of Compose, so `none` removes nothing{meant}"
    )))
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
