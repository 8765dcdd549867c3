//! The values of a state as people read them.

use serde_json::Value;

/// The value of a field: amounts in units, and what is not set by what that means.
#[must_use]
pub fn shown(field: &str, value: &Value) -> String {
    match (field, value) {
        ("memory" | "nano_cpus" | "pids", Value::Null) => "no limit".into(),
        ("memory", Value::Number(bytes)) if bytes.is_u64() => {
            bytes_shown(bytes.as_u64().unwrap_or_default())
        }
        // The number of billionths is below 2^53 for any machine.
        #[allow(clippy::cast_precision_loss)]
        ("nano_cpus", Value::Number(nano)) if nano.is_u64() => {
            format!("{} CPUs", nano.as_u64().unwrap_or_default() as f64 / 1e9)
        }
        ("ports", Value::Null) => "not published".into(),
        ("networks", Value::Null) => "not attached".into(),
        _ => any(value),
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

fn any(value: &Value) -> String {
    match value {
        Value::Null => "not set".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "not set".into(),
        Value::Array(items) => items.iter().map(any).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
