//! The values of fields, as people read them.

use serde_json::Value;

/// The value of a field: amounts in units, an absent one by what its absence means.
pub(super) fn shown_as(field: &str, value: &Value) -> String {
    let field = field.rsplit('.').next().unwrap_or(field);
    match (field, value) {
        (_, Value::Null) => absent(field).to_owned(),
        (_, Value::Array(items)) if items.is_empty() => "none".to_owned(),
        ("memory" | "mem_limit", Value::Number(number)) => match number.as_u64() {
            Some(bytes) => bytes_shown(bytes),
            None => number.to_string(),
        },
        ("nano_cpus", Value::Number(number)) => match number.as_f64() {
            Some(nano) => format!("{} CPUs", nano / 1e9),
            None => number.to_string(),
        },
        _ => shown(value),
    }
}

/// What it means that a field is absent.
fn absent(field: &str) -> &'static str {
    match field {
        "memory" | "mem_limit" | "nano_cpus" | "cpus" | "pids" | "pids_limit" => "no limit",
        "ports" | "host_ip" | "published" => "not published",
        "networks" | "mounts" | "volumes" => "none",
        _ => "not set",
    }
}

fn bytes_shown(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units
        .iter()
        .find(|(shift, _)| bytes >= 1 << shift && bytes.is_multiple_of(1 << shift));
    match whole {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shown_as;

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
            assert_eq!(shown_as(field, &value), text, "{field}");
        }
    }
}
