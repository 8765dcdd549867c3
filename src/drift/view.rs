//! Both states as texts, for those who read a diff faster than a list of findings.

use serde_json::{Map, Value, json};
use similar::TextDiff;

use super::is_hidden;
use crate::finding::{Code, Finding};
use crate::redact::{self, HIDDEN};
use crate::state::State;

/// A unified diff from what is expected to what is there; empty where nothing was found.
///
/// What an engine fills in would drown what differs, so the second text is the first one with what
/// was found.
#[must_use]
pub fn diff(expected: &State, findings: &[Finding], names: (&str, &str)) -> String {
    let mut wanted = serde_json::to_value(expected).unwrap_or_default();
    let mut is = wanted.clone();
    for finding in findings {
        apply(finding, &mut wanted, &mut is);
    }
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    let diff = TextDiff::from_lines(text(&wanted), text(&is))
        .unified_diff()
        .header(names.0, names.1)
        .to_string();
    redact::text(&diff).into_owned()
}

fn apply(finding: &Finding, wanted: &mut Value, is: &mut Value) {
    let (resource, field) = (
        finding.resource.as_str(),
        finding.field.as_deref().unwrap_or("state"),
    );
    let (expected, observed) = (&finding.expected, &finding.observed);
    match finding.code {
        Code::NetworkMissing | Code::VolumeMissing => {
            let section = if finding.code == Code::NetworkMissing {
                "networks"
            } else {
                "volumes"
            };
            remove(is, &[section, resource]);
        }
        Code::NetworkExtra | Code::VolumeExtra => {
            let section = if finding.code == Code::NetworkExtra {
                "networks"
            } else {
                "volumes"
            };
            set(is, &[section, resource], json!({ "name": observed }));
        }
        Code::ServiceMissing => remove(is, &["services", resource]),
        Code::NetworkDetached => remove(is, &["services", resource, "networks", text(expected)]),
        Code::NetworkAttached => {
            set(
                is,
                &["services", resource, "networks", text(observed)],
                json!({}),
            );
        }
        Code::NetworkAlias | Code::NetworkChanged if is_service(is, resource) => {
            both(wanted, is, &["services", resource, field], finding);
        }
        Code::PortMissing | Code::PortExtra | Code::PortChanged => ports(finding, is),
        Code::MountChanged => {
            let name = format!("{field}: {}", finding.message);
            set(
                wanted,
                &["services", resource, "mounts changed", &name],
                expected.clone(),
            );
            set(
                is,
                &["services", resource, "mounts changed", &name],
                observed.clone(),
            );
        }
        Code::NetworkChanged | Code::NetworkUnlabelled => {
            both(wanted, is, &["networks", resource, field], finding);
        }
        Code::VolumeChanged | Code::VolumeOwner => {
            both(wanted, is, &["volumes", resource, field], finding);
        }
        Code::NetworkForeign | Code::VolumeForeign | Code::PortForeign => {
            push(is, &["foreign", resource, field], observed.clone());
        }
        Code::ServiceConfig if field.contains('.') => {
            let (section, name) = field.split_once('.').unwrap_or((field, ""));
            both(wanted, is, &["services", resource, section, name], finding);
        }
        Code::ServiceOrphan => set(
            is,
            &["services", resource],
            json!({ "container": observed }),
        ),
        Code::ProjectMoved => both(wanted, is, &["project"], finding),
        Code::AnswerUnreadable => both(wanted, is, &["unreadable", resource, field], finding),
        Code::FileStale | Code::IgnoreExpired | Code::IgnoreUnused => {}
        _ => both(wanted, is, &["services", resource, field], finding),
    }
}

/// A port as it is in a state, taken out and put in by its text.
fn ports(finding: &Finding, is: &mut Value) {
    let path = ["services", finding.resource.as_str(), "ports"];
    if let Some(port) = finding
        .observed
        .as_str()
        .filter(|_| finding.code == Code::PortExtra)
    {
        push(is, &path, json!(port));
        return;
    }
    let Some(ports) = at(is, &path).as_array_mut() else {
        return;
    };
    let field = finding.field.as_deref().unwrap_or_default();
    if finding.code == Code::PortMissing {
        ports.retain(|port| {
            let parsed: Result<crate::state::Port, _> = serde_json::from_value(port.clone());
            parsed.map_or(true, |parsed| finding.expected != parsed.to_string())
        });
        return;
    }
    let changed = ports.iter_mut().find(|port| {
        let parsed: Result<crate::state::Port, _> = serde_json::from_value((*port).clone());
        parsed.is_ok_and(|parsed| finding.subject == Some(parsed.to_string()))
    });
    if let Some(Value::Object(port)) = changed {
        port.insert(field.to_owned(), finding.observed.clone());
    }
}

fn both(wanted: &mut Value, is: &mut Value, path: &[&str], finding: &Finding) {
    set(wanted, path, finding.expected.clone());
    if is_hidden(&finding.expected, &finding.observed) {
        // The lines must differ as the values do.
        set(
            is,
            path,
            json!(format!("{} differs", shown(&finding.observed))),
        );
    } else {
        set(is, path, finding.observed.clone());
    }
}

fn shown(value: &Value) -> &str {
    value.as_str().unwrap_or(HIDDEN)
}

fn is_service(value: &Value, name: &str) -> bool {
    value
        .get("services")
        .is_some_and(|services| services.get(name).is_some())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The value at a path, made where it is not there.
fn at<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Value {
    let mut at = value;
    for key in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[*key];
    }
    at
}

fn set(value: &mut Value, path: &[&str], to: Value) {
    *at(value, path) = to;
}

fn push(value: &mut Value, path: &[&str], item: Value) {
    let list = at(value, path);
    if let Value::Array(items) = list {
        items.push(item);
    } else {
        *list = json!([item]);
    }
}

fn remove(value: &mut Value, path: &[&str]) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    if let Value::Object(entries) = at(value, above) {
        entries.remove(*last);
    }
}
