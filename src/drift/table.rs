//! How the fields of a table differ, both ways. What a file does not set is what the engine makes of it,
//! which the rules of each kind of thing know.

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::forms::{Sides, is_same, is_same_entry};
use crate::fields::{Default, Field, FieldDifference, Form, Value, duration};
use crate::redact::{self, HIDDEN, Sensitive};

/// What is known of the fields of a kind of thing besides the table.
pub(super) trait Rules {
    /// Whether a value is what the engine makes of a field that is not set.
    fn is_default(&self, field: &Field, value: &Value) -> bool {
        is_known_default(field, value)
    }

    /// Whether an entry is what the engine makes of a map that does not have it.
    fn is_made_up(&self, _field: &Field, _key: &str, _value: &Sensitive) -> bool {
        false
    }

    /// Whether an entry of the file is what the engine does anyway, and does not show.
    fn is_implied(&self, _field: &Field, _key: &str, _value: &Sensitive) -> bool {
        false
    }

    /// Whether an entry of a map or a list is not compared.
    fn is_left_out(&self, _field: &Field, _entry: &str) -> bool {
        false
    }
}

/// Whether a value is one that the table says an engine makes of a field that is not set.
pub(super) fn is_known_default(field: &Field, value: &Value) -> bool {
    let Default::Known(values) = field.default else {
        return false;
    };
    text(value).is_some_and(|text| values.contains(&text.as_str()))
}

/// The fields of a table that differ.
pub(super) fn differing(
    table: &'static [Field],
    sides: Sides<'_>,
    rules: &impl Rules,
) -> Vec<(&'static Field, FieldDifference)> {
    let of_field = |field: &'static Field| {
        let found = differences(field, sides, rules);
        found.into_iter().map(move |one| (field, one))
    };
    table.iter().flat_map(of_field).collect()
}

/// How a field differs: its value, or entries of it.
pub(super) fn differences(
    field: &Field,
    sides: Sides<'_>,
    rules: &impl Rules,
) -> Vec<FieldDifference> {
    if field.form.is_map() {
        entries(field, sides, rules)
    } else {
        Vec::from_iter(value(field, sides, rules))
    }
}

fn value(field: &Field, sides: Sides<'_>, rules: &impl Rules) -> Option<FieldDifference> {
    let wanted = compared(field, sides.wanted.get(field.path), rules);
    let is = compared(field, sides.is.get(field.path), rules);
    let (wanted, is) = (wanted.as_deref(), is.as_deref());
    let is_default =
        |value: Option<&Value>| value.is_none_or(|value| rules.is_default(field, value));
    let is_same = is_same(field.form, wanted, is, &sides)
        || wanted.is_none() && is_default(is)
        || is.is_none() && is_default(wanted);
    (!is_same).then(|| FieldDifference::new(field.path, shown(field, wanted), shown(field, is)))
}

/// What is compared of a value.
fn compared<'a>(
    field: &Field,
    value: Option<&'a Value>,
    rules: &impl Rules,
) -> Option<Cow<'a, Value>> {
    let value = value.filter(|value| !value.is_empty())?;
    let Value::List(list) = value else {
        return Some(Cow::Borrowed(value));
    };
    let rest: Vec<String> = list
        .iter()
        .filter(|one| !rules.is_left_out(field, one))
        .cloned()
        .collect();
    if rest.len() == list.len() {
        return Some(Cow::Borrowed(value));
    }
    (!rest.is_empty()).then_some(Cow::Owned(Value::List(rest)))
}

fn entries(field: &Field, sides: Sides<'_>, rules: &impl Rules) -> Vec<FieldDifference> {
    let (wanted, is) = (sides.wanted.map(field.path), sides.is.map(field.path));
    let new = is.keys().filter(|key| !wanted.contains_key(*key));
    let keys = wanted
        .keys()
        .chain(new)
        .filter(|key| !rules.is_left_out(field, key));
    let differences = keys.filter_map(|key| {
        let side =
            |map: &std::collections::BTreeMap<String, Option<Sensitive>>| map.get(key).cloned();
        let (expected, observed) = (side(wanted), side(is));
        // One that is not known is not compared.
        let (expected, observed) = match (expected, observed) {
            (Some(None), _) | (_, Some(None)) => return None,
            (expected, observed) => (expected.flatten(), observed.flatten()),
        };
        let is_same = match (&expected, &observed) {
            (None, Some(observed)) => rules.is_made_up(field, key, observed),
            (Some(expected), None) => rules.is_implied(field, key, expected),
            _ => false,
        };
        let is_same = is_same || is_same_entry(field.form, expected.as_ref(), observed.as_ref());
        (!is_same).then(|| entry(field, key, expected.as_ref(), observed.as_ref()))
    });
    differences.collect()
}

/// The difference of an entry of a map.
fn entry(
    field: &Field,
    key: &str,
    expected: Option<&Sensitive>,
    observed: Option<&Sensitive>,
) -> FieldDifference {
    let (expected, observed) = match field.form {
        Form::Tmpfs => (tmpfs(key, expected), tmpfs(key, observed)),
        _ => (json!(expected), json!(observed)),
    };
    let (name, entry) = if field.form.has_unnamed_entries() {
        (field.path.to_owned(), key.to_owned())
    } else {
        let key = redact::name(key, true).to_string();
        (format!("{}.{key}", field.path), key)
    };
    FieldDifference {
        entry: Some(entry),
        ..FieldDifference::new(&name, expected, observed)
    }
}

/// A directory in memory as a file has it.
fn tmpfs(target: &str, options: Option<&Sensitive>) -> Json {
    match options.map(Sensitive::shown) {
        None => Json::Null,
        Some(options) if options.is_empty() => json!(target),
        Some(options) => json!(format!("{target}:{options}")),
    }
}

/// A value as a default of the table is written.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.revealed().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::List(_) | Value::Words(_) | Value::Map(_) => None,
    }
}

/// A value as a finding has it.
fn shown(field: &Field, value: Option<&Value>) -> Json {
    match (field.form, value) {
        (Form::Flag, value) => json!(value.is_some()),
        // Of a container, a field of this name may have another unit.
        (Form::Duration, Some(Value::Number(time))) => json!(duration(*time)),
        (form, value) if form.is_words() => json!(value.map(|_| HIDDEN)),
        (form, value) if form.is_list() => json!(value.unwrap_or(&Value::List(Vec::new()))),
        (_, value) => json!(value),
    }
}
