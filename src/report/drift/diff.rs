//! Both states as Compose files, for those who read a diff faster than a list of findings.

use std::fmt::Write as _;

use serde_json::{Value, json};
use similar::TextDiff;

use super::document::{self, at};
use crate::fields::is_hidden;
use crate::finding::Finding;
use crate::redact::{self, HIDDEN};
use crate::state::{Port, State};
use crate::text::visible;

/// A unified diff from what is expected to what is there; empty where nothing was found.
///
/// What an engine fills in would drown what differs, so the second text is the first one with what
/// was found.
pub(super) fn diff(expected: &State, findings: &[Finding], names: (&str, &str)) -> String {
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
    let text = |state: &Value| serde_yaml::to_string(&document::of(state)).unwrap_or_default();
    let (wanted, is) = (text(&wanted), text(&is));
    let lines = TextDiff::from_lines(&wanted, &is);
    let headings = headings(&wanted);
    let mut diff = String::new();
    for hunk in lines.unified_diff().iter_hunks() {
        if diff.is_empty() {
            diff = format!("--- {}\n+++ {}\n", visible(names.0), visible(names.1));
        }
        let start = hunk.ops().first().map_or(0, |op| op.old_range().start);
        let hunk = hunk.to_string();
        let (header, changes) = hunk.split_once('\n').unwrap_or((&hunk, ""));
        let above = headings.partition_point(|(at, _)| *at <= start);
        let heading = above.checked_sub(1).and_then(|last| headings.get(last));
        let _ = match heading {
            Some((_, Some(name))) => write!(diff, "{header} {name}\n{changes}"),
            _ => write!(diff, "{header}\n{changes}"),
        };
    }
    redact::text(&diff).into_owned()
}

/// The lines at which another service, network or volume begins, as `services.web`; nothing where a
/// section does.
fn headings(text: &str) -> Vec<(usize, Option<String>)> {
    let mut section = "";
    let mut headings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(name) = line.trim_start().strip_suffix(':') else {
            continue;
        };
        match line.len() - line.trim_start().len() {
            0 => {
                section = name;
                headings.push((at, None));
            }
            2 => headings.push((at, Some(format!("{section}.{name}")))),
            _ => {}
        }
    }
    headings
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Expected,
    Observed,
}

/// Writes a finding's value of one side at its place.
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::diff;
    use crate::finding::{Code, Finding, Severity};
    use crate::state::{Service, State};

    #[test]
    fn a_hunk_names_its_service_and_a_label_may_be_called_like_a_field() {
        let service = || Service {
            replicas: 1,
            image: Some("app:1".into()),
            ..Service::default()
        };
        let services = ["app", "db"].map(|name| (name.to_owned(), service()));
        let expected = State {
            services: services.into(),
            ..State::empty("p")
        };
        let label = "com.example.labels.team";
        let finding = Finding {
            place: ["services", "db", "labels", label]
                .map(str::to_owned)
                .into(),
            ..Finding::new(Code::ServiceConfig, Severity::Drift, "db", "").field(
                "labels",
                Value::Null,
                json!("blue"),
            )
        };
        let text = diff(&expected, &[finding], ("spec", "host"));
        assert!(text.contains("services.app\n"), "{text}");
        assert!(
            text.contains(&format!("+    labels:\n+      {label}: blue")),
            "{text}"
        );
    }
}
