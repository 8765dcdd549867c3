//! Both states as texts, for those who read a diff faster than a list of findings.

use serde_json::{Value, json};
use similar::TextDiff;

use crate::fields::is_hidden;
use crate::finding::Finding;
use crate::redact::{self, HIDDEN};
use crate::state::{Port, State};
use crate::text::visible;

/// A unified diff from what is expected to what is there; empty where nothing was found.
///
/// What an engine fills in would drown what differs, so the second text is the first one with what
/// was found.
#[must_use]
pub fn diff(expected: &State, findings: &[Finding], names: (&str, &str)) -> String {
    let mut wanted = serde_json::to_value(expected).unwrap_or_default();
    name_entries(&mut wanted);
    let mut is = wanted.clone();
    for finding in findings {
        if let Some((last, above)) = finding.place.split_last() {
            // What is not expected has no place in what is.
            if !finding.expected.is_null() {
                put(finding, at(&mut wanted, above), last, Side::Expected);
            }
            put(finding, at(&mut is, above), last, Side::Observed);
        }
    }
    let text = |value: &Value| redact::to_json(value).unwrap_or_default();
    let diff = TextDiff::from_lines(text(&wanted), text(&is))
        .unified_diff()
        .header(&visible(names.0), &visible(names.1))
        .to_string();
    redact::text(&diff).into_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Expected,
    Observed,
}

/// Writes what a finding says of one side, at its place.
fn put(finding: &Finding, map: &mut Value, key: &str, side: Side) {
    let Value::Object(entries) = map else { return };
    let (expected, observed) = (&finding.expected, &finding.observed);
    let value = match side {
        // The state itself says what is expected, and says it of more than this field.
        Side::Expected if observed.is_null() && entries.contains_key(key) => return,
        Side::Expected => expected.clone(),
        Side::Observed if observed.is_null() => {
            entries.remove(key);
            return;
        }
        // The lines must differ as the values do.
        Side::Observed if is_hidden(expected, observed) => {
            json!(format!("{} differs", observed.as_str().unwrap_or(HIDDEN)))
        }
        // Of something that is not expected, no more than its name is known.
        Side::Observed if expected.is_null() && observed == key => json!({}),
        Side::Observed => observed.clone(),
    };
    entries.insert(key.to_owned(), value);
}

/// The map at a place, made where there is none.
fn at<'a>(value: &'a mut Value, place: &[String]) -> &'a mut Value {
    let mut at = value;
    for key in place {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[key];
    }
    if !at.is_object() {
        *at = json!({});
    }
    at
}

/// Gives mounts and ports, which a state has as lists, the names by which findings know them: where
/// a mount is, and a port's text.
fn name_entries(state: &mut Value) {
    let services = state.get_mut("services").and_then(Value::as_object_mut);
    for service in services.into_iter().flat_map(|all| all.values_mut()) {
        for (list, name) in [
            ("mounts", mount_name as fn(&Value) -> Option<String>),
            ("ports", port_name),
        ] {
            let Some(Value::Array(items)) = service.get_mut(list).map(Value::take) else {
                continue;
            };
            let named = items
                .into_iter()
                .filter_map(|item| Some((name(&item)?, item)));
            service[list] = Value::Object(named.collect());
        }
    }
}

fn mount_name(mount: &Value) -> Option<String> {
    mount["target"].as_str().map(str::to_owned)
}

fn port_name(port: &Value) -> Option<String> {
    let port: Port = serde_json::from_value(port.clone()).ok()?;
    Some(port.to_string())
}
