//! The values of fields, and their differences, as people read them.

use serde_json::Value;

use super::difference::{FieldDifference, is_hidden};
use super::{Form, find, tmpfs_entry};

/// The value of a field: amounts in units, and what is not set by what that means.
#[must_use]
pub fn shown(path: &str, value: &Value) -> String {
    let field = find(path);
    let form = field.map(|field| field.form);
    // Of the others an engine has a value of its own.
    let limits = ["mem_limit", "cpus", "pids_limit"];
    let is_limit = field.is_some_and(|field| limits.contains(&field.path));
    match (value, value.as_i64().zip(form)) {
        (Value::Null, _) if is_limit => "no limit".into(),
        (Value::Null, _) => match path {
            "ports" | "host_ip" | "published" => "not published".into(),
            "networks" | "mounts" | "volumes" => "none".into(),
            _ => "not set".into(),
        },
        (Value::Array(items), _) if items.is_empty() => "none".into(),
        (_, Some((number, form))) => in_unit(number, form),
        _ => text(value),
    }
}

/// The value of a field as a Compose file has it.
pub(crate) fn written(path: &str, value: &Value) -> Value {
    let form = find(path).map(|field| field.form);
    match (form, value) {
        (Some(form), Value::Number(number)) => match (form, number.as_i64()) {
            (Form::Bytes, Some(bytes)) if bytes > 0 => {
                let text = in_bytes(bytes);
                let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
                let unit = unit.get(..1).unwrap_or_default().to_ascii_lowercase();
                Value::String(format!("{number}{unit}"))
            }
            (Form::NanoCpus, Some(cpus)) => Value::String(decimal(cpus)),
            // Compose takes no unit for those in microseconds.
            (Form::Nanoseconds | Form::Seconds, Some(time)) => Value::String(in_unit(time, form)),
            _ => value.clone(),
        },
        (Some(Form::Tmpfs), Value::Object(directories)) => directories
            .iter()
            .map(
                |(target, options)| match options.as_str().unwrap_or_default() {
                    "" => target.clone(),
                    // As a finding has it.
                    entry if tmpfs_entry(entry).0 == target => entry.to_owned(),
                    options => format!("{target}:{options}"),
                },
            )
            .collect(),
        _ => value.clone(),
    }
}

fn in_unit(number: i64, form: Form) -> String {
    match form {
        Form::Bytes => in_bytes(number),
        Form::NanoCpus if number == 1_000_000_000 => "1 CPU".to_owned(),
        Form::NanoCpus => format!("{} CPUs", decimal(number)),
        Form::Nanoseconds => duration(number),
        Form::Microseconds => duration(number.saturating_mul(1000)),
        Form::Seconds => duration(number.saturating_mul(1_000_000_000)),
        _ => number.to_string(),
    }
}

fn in_bytes(bytes: i64) -> String {
    if bytes < 0 {
        return "unlimited".to_owned();
    }
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units
        .iter()
        .find(|(shift, _)| bytes >= 1 << shift && bytes % (1 << shift) == 0);
    match whole {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

/// Billionths as a decimal number.
fn decimal(nano: i64) -> String {
    let (whole, part) = (nano / 1_000_000_000, nano % 1_000_000_000);
    let text = format!("{whole}.{part:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A duration as Compose writes it.
pub(crate) fn duration(nanoseconds: i64) -> String {
    let units = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("µs", 1_000),
        ("ns", 1),
    ];
    let mut rest = nanoseconds;
    let parts = units.into_iter().filter_map(|(unit, size)| {
        let count = rest / size;
        rest %= size;
        (count > 0).then(|| format!("{count}{unit}"))
    });
    let text: String = parts.collect();
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => r#""""#.to_owned(),
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
            ..
        } = self;
        let thing = match field.split_once('.') {
            Some(("environment", variable)) => format!("environment variable `{variable}`"),
            Some(("labels", label)) => format!("label `{label}`"),
            Some(("driver_opts", option)) => format!("driver option `{option}`"),
            _ => format!("`{field}`"),
        };
        // A field of a service such as `healthcheck.interval` is not an entry of a map.
        let is_entry = field.contains('.') && find(field).is_none_or(|row| row.path != *field);
        if is_hidden(expected, observed) {
            format!("{thing} of {of} differs (values hidden)")
        } else if observed.is_null() && is_entry {
            format!("{thing} of {of} is missing")
        } else if expected.is_null() && is_entry {
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

    use super::{shown, written};

    /// A state has the options of a path, and a finding the whole entry.
    #[test]
    fn a_tmpfs_is_written_with_its_path_once() {
        let directories = json!({ "/a": "", "/b": "size=1m", "/c": "/c:size=2m", "/d": "/d" });
        let expected = json!(["/a", "/b:size=1m", "/c:size=2m", "/d"]);
        assert_eq!(written("tmpfs", &directories), expected);
    }

    #[test]
    fn a_value_is_shown_in_units_and_an_absent_one_by_its_meaning() {
        for (field, value, text) in [
            ("mem_limit", json!(268_435_456), "256 MiB"),
            ("mem_limit", json!(1000), "1000 bytes"),
            ("mem_limit", json!(null), "no limit"),
            ("cpus", json!(1_500_000_000), "1.5 CPUs"),
            ("deploy.resources.limits.pids", json!(null), "no limit"),
            ("cpus", json!(1_000_000_000), "1 CPU"),
            ("memswap_limit", json!(-1), "unlimited"),
            ("memswap_limit", json!(null), "not set"),
            ("mem_swappiness", json!(null), "not set"),
            ("shm_size", json!(null), "not set"),
            ("healthcheck.interval", json!(90_000_000_000_i64), "1m30s"),
            ("stop_grace_period", json!(10), "10s"),
            ("cpu_quota", json!(1_400), "1ms400µs"),
            ("ports", json!(null), "not published"),
            ("restart", json!(null), "not set"),
            ("cap_add", json!([]), "none"),
            ("cap_add", json!(["A", "B"]), "A, B"),
            ("dns_search", json!(["", "a"]), "\"\", a"),
        ] {
            assert_eq!(shown(field, &value), text, "{field}");
        }
    }
}
