//! The values of fields, and their differences, as people read them.

use serde_json::Value;

use super::difference::{FieldDifference, is_hidden};
use super::form;
use super::form::Form;

/// The value of a field: amounts in units, and what is not set by what that means.
#[must_use]
pub fn shown(field: &str, value: &Value) -> String {
    let form = form(field);
    match (form, value) {
        (Some(Form::Bytes(_) | Form::Cpus(_) | Form::Limit(_)), Value::Null) => "no limit".into(),
        (Some(Form::Bytes(_)), Value::Number(bytes)) => match bytes.as_u64() {
            Some(bytes) => in_bytes(bytes),
            None => bytes.to_string(),
        },
        (Some(Form::Cpus(_)), Value::Number(nano)) => match nano.as_f64() {
            Some(nano) => format!("{} CPUs", nano / 1e9),
            None => nano.to_string(),
        },
        (_, Value::Null) => match field {
            "ports" | "host_ip" | "published" => "not published".into(),
            "networks" | "mounts" | "volumes" => "none".into(),
            _ => "not set".into(),
        },
        (_, Value::Array(items)) if items.is_empty() => "none".into(),
        _ => text(value),
    }
}

fn in_bytes(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units
        .iter()
        .find(|(shift, _)| bytes >= 1 << shift && bytes.is_multiple_of(1 << shift));
    match whole {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl FieldDifference {
    /// The fact, as a sentence: `of` is what the field belongs to, such as "service `web`".
    pub(crate) fn message(&self, of: &str) -> String {
        let Self {
            field,
            expected,
            observed,
        } = self;
        let thing = match field.split_once('.') {
            Some(("environment", variable)) => format!("environment variable `{variable}`"),
            Some(("labels", label)) => format!("label `{label}`"),
            Some(("options", option)) => format!("driver option `{option}`"),
            _ => format!("`{field}`"),
        };
        if is_hidden(expected, observed) {
            format!("{thing} of {of} differs (values hidden)")
        } else if observed.is_null() && field.contains('.') {
            format!("{thing} of {of} is missing")
        } else if expected.is_null() && field.contains('.') {
            format!("{thing} of {of} is set but not in the Compose file")
        } else {
            format!(
                "{thing} of {of} differs: expected {}, found {}",
                shown(field, expected),
                shown(field, observed)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shown;

    #[test]
    fn a_value_is_shown_in_units_and_an_absent_one_by_its_meaning() {
        for (field, value, text) in [
            ("memory", json!(268_435_456), "256 MiB"),
            ("memory", json!(1000), "1000 bytes"),
            ("memory", json!(null), "no limit"),
            ("nano_cpus", json!(1_500_000_000), "1.5 CPUs"),
            ("deploy.resources.limits.pids", json!(null), "no limit"),
            ("ports", json!(null), "not published"),
            ("restart", json!(null), "not set"),
            ("cap_add", json!([]), "none"),
            ("cap_add", json!(["A", "B"]), "A, B"),
        ] {
            assert_eq!(shown(field, &value), text, "{field}");
        }
    }
}
