//! Both states as Compose files, for those who read a diff faster than a list of findings.

use std::fmt::Write as _;

use serde_json::{Value, json};
use similar::{DiffTag, TextDiff};

use super::document::{self, at};
use crate::fields::is_hidden;
use crate::finding::{Code, Finding};
use crate::redact::{self, HIDDEN};
use crate::state::{Port, State, is_predefined};
use crate::text::visible;

/// What the two texts of a diff are called.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) expected: &'a str,
    pub(super) observed: &'a str,
}

/// A unified diff from what is expected to what is there; empty where nothing was found. The heading of a hunk names the service,
/// network or volume of its first changed line: the line above the hunk, which git takes, often belongs to another one.
///
/// What an engine fills in would drown what differs, so the second text is the first one with what
/// was found.
pub(super) fn diff(expected: &State, findings: &[Finding], names: Names<'_>) -> String {
    let (expected, observed) = sides(expected, findings);
    let (expected_headings, observed_headings) = (headings(&expected), headings(&observed));
    let lines = TextDiff::from_lines(&expected, &observed);
    let mut diff = String::new();
    for hunk in lines.unified_diff().iter_hunks() {
        if diff.is_empty() {
            let (expected, observed) = (visible(names.expected), visible(names.observed));
            diff = format!("--- {expected}\n+++ {observed}\n");
        }
        let heading = match hunk.ops().iter().find(|op| op.tag() != DiffTag::Equal) {
            Some(op) if op.tag() == DiffTag::Insert => {
                heading_at(&observed_headings, op.new_range().start)
            }
            Some(op) => heading_at(&expected_headings, op.old_range().start),
            None => None,
        };
        let hunk = hunk.to_string();
        let (header, changes) = hunk.split_once('\n').unwrap_or((&hunk, ""));
        let _ = match heading {
            Some(name) => write!(diff, "{header} {name}\n{changes}"),
            None => write!(diff, "{header}\n{changes}"),
        };
    }
    redact::text(&diff).into_owned()
}

/// The texts of what is expected and of what is there.
fn sides(expected: &State, findings: &[Finding]) -> (String, String) {
    let mut expected = serde_json::to_value(expected).unwrap_or_default();
    name_entries(&mut expected);
    let mut observed = expected.clone();
    for finding in findings {
        if let Some((last, above)) = finding.place.split_last() {
            // What is not expected has no place in the observed text.
            if !finding.expected.is_null() {
                put(finding, at(&mut expected, above), last, Side::Expected);
            }
            put(finding, at(&mut observed, above), last, Side::Observed);
        }
        if finding.code == Code::ProjectMissing {
            keep_external(&mut observed);
        }
    }
    leave_one_way_to_networks(&mut observed);
    let text = |state: &Value| serde_yaml::to_string(&document::of(state)).unwrap_or_default();
    (text(&expected), text(&observed))
}

/// Takes the networks of services that have a `network_mode` instead, as Compose refuses both together. What is on a network of the
/// engine alone has its mode.
fn leave_one_way_to_networks(state: &mut Value) {
    let declared = state.get("networks").and_then(Value::as_object).cloned();
    let is_of_engine = |name: &str| {
        let is_declared = declared.as_ref().is_some_and(|all| all.contains_key(name));
        is_predefined(name) && !is_declared
    };
    let services = state.get_mut("services").and_then(Value::as_object_mut);
    let services = services.into_iter().flat_map(|all| all.values_mut());
    for service in services.filter_map(Value::as_object_mut) {
        let networks = service.get("networks").and_then(Value::as_object);
        let mut names = networks.into_iter().flat_map(serde_json::Map::keys);
        if let (Some(name), None) = (names.next(), names.next())
            && is_of_engine(name)
        {
            let mode = json!(name);
            service.insert("network_mode".to_owned(), mode);
        }
        if service
            .get("network_mode")
            .is_some_and(|mode| !mode.is_null())
        {
            service.remove("networks");
        }
    }
}

/// Leaves what is not part of the project of its networks and volumes.
fn keep_external(state: &mut Value) {
    for section in ["networks", "volumes"] {
        if let Some(things) = state.get_mut(section).and_then(Value::as_object_mut) {
            things.retain(|_, thing| thing["external"] == true);
        }
    }
}

/// The name of the service, network or volume in which a line is.
fn heading_at(headings: &[(usize, Option<String>)], line: usize) -> Option<&str> {
    let above = headings.partition_point(|(at, _)| *at <= line);
    let (_, name) = headings.get(above.checked_sub(1)?)?;
    name.as_deref()
}

/// The lines at which another service, network or volume begins, as `services.web`; nothing where a
/// section does.
fn headings(text: &str) -> Vec<(usize, Option<String>)> {
    let mut section = "";
    let mut headings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let entry = line.trim_start();
        // An unexpected resource, of which only the name is known, is an empty mapping.
        let Some(name) = entry
            .strip_suffix(':')
            .or_else(|| entry.strip_suffix(": {}"))
        else {
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
        Side::Expected
            if (observed.is_null() || finding.whole.is_some()) && entries.contains_key(key) =>
        {
            return;
        }
        Side::Expected => expected.clone(),
        Side::Observed if observed.is_null() => {
            entries.remove(key);
            return;
        }
        Side::Observed if finding.whole.is_some() => finding.whole.clone().unwrap_or_default(),
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

    use super::{Names, diff, sides};
    use crate::fields::Values;
    use crate::finding::{Code, Finding, Severity};
    use crate::state::{Attachment, Mount, MountKind, Network, Service, State};

    /// The diff of one finding in a project of the services `app` and `db`.
    fn diff_of(place: &[&str], expected: Value, observed: Value) -> String {
        let service = || Service {
            replicas: 1,
            image: Some("app:1".into()),
            ..Service::default()
        };
        let services = ["app", "db"].map(|name| (name.to_owned(), service()));
        let state = State {
            services: services.into(),
            ..State::empty("p")
        };
        let finding = Finding {
            place: place.iter().map(|&part| part.to_owned()).collect(),
            ..Finding::new(Code::ServiceConfig, Severity::Drift, "db", "")
                .field("", expected, observed)
        };
        let names = Names {
            expected: "spec",
            observed: "host",
        };
        diff(&state, &[finding], names)
    }

    /// The diff of the mounts of a service where a container has what `is` says at a place.
    fn diff_of_mounts(target: &str, expected: Value, observed: Value, is: Option<Value>) -> String {
        let mount = |kind: MountKind, source: Option<&str>, target: &str| Mount {
            target: target.to_owned(),
            kind,
            source: source.map(str::to_owned),
            fields: Values::default(),
        };
        let service = Service {
            replicas: 1,
            mounts: vec![
                mount(MountKind::Volume, Some("data"), "/data"),
                mount(MountKind::Tmpfs, None, "/tmp"),
            ],
            ..Service::default()
        };
        let state = State {
            services: [("db".to_owned(), service)].into(),
            ..State::empty("p")
        };
        let place = ["services", "db", "mounts", target].map(str::to_owned);
        let finding = Finding {
            place: place.into(),
            whole: is,
            ..Finding::new(Code::MountChanged, Severity::Drift, "db", "")
                .field("source", expected, observed)
        };
        let names = Names {
            expected: "spec",
            observed: "host",
        };
        let diff = diff(&state, &[finding], names);
        let changes = diff.lines().skip(3).filter(|line| !line.starts_with(' '));
        changes.flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn mounts_that_one_side_has_are_whole() {
        let lost = diff_of_mounts("/data", json!("data"), Value::Null, None);
        assert_eq!(
            lost,
            "-    - source: data\n-      target: /data\n-      type: volume\n"
        );
        let lost = diff_of_mounts("/tmp", json!("a tmpfs"), Value::Null, None);
        assert_eq!(lost, "-    - target: /tmp\n-      type: tmpfs\n");
        let is = json!({ "type": "tmpfs", "target": "/run", "source": null });
        let new = diff_of_mounts("/run", Value::Null, json!("a tmpfs"), Some(is));
        assert_eq!(new, "+    - target: /run\n+      type: tmpfs\n");
        let is = json!({ "type": "bind", "target": "/data", "source": "/srv" });
        let other = diff_of_mounts("/data", json!("volume"), json!("bind"), Some(is));
        assert_eq!(
            other,
            "-    - source: data\n+    - source: /srv\n-      type: volume\n+      type: bind\n"
        );
    }

    #[test]
    fn networks_are_not_beside_a_network_mode() {
        let service = Service {
            replicas: 1,
            networks: [("front".to_owned(), Attachment::default())].into(),
            ..Service::default()
        };
        let state = State {
            services: [("db".to_owned(), service)].into(),
            ..State::empty("p")
        };
        let place = ["services", "db", "network_mode"].map(str::to_owned);
        let finding = Finding {
            place: place.into(),
            ..Finding::new(Code::ServiceConfig, Severity::Drift, "db", "").field(
                "network_mode",
                Value::Null,
                json!("host"),
            )
        };
        let (expected, observed) = sides(&state, &[finding]);
        assert!(expected.contains("networks:"), "{expected}");
        assert!(observed.contains("network_mode: host"), "{observed}");
        assert!(!observed.contains("networks:"), "{observed}");
    }

    #[test]
    fn what_is_on_a_network_of_the_engine_has_its_mode() {
        let on = |key: &str| Service {
            replicas: 1,
            networks: [(key.to_owned(), Attachment::default())].into(),
            ..Service::default()
        };
        let own = Network {
            name: "p_bridge".into(),
            ..Network::default()
        };
        let attached = |key: &str, declared: &[&str]| {
            let state = State {
                services: [("db".to_owned(), on(key))].into(),
                networks: declared
                    .iter()
                    .map(|key| ((*key).to_owned(), own.clone()))
                    .collect(),
                ..State::empty("p")
            };
            let finding = |code, network: &str, expected: Value, observed: Value| Finding {
                place: ["services", "db", "networks", network]
                    .map(str::to_owned)
                    .into(),
                ..Finding::new(code, Severity::Drift, "db", "").field("", expected, observed)
            };
            let findings = [
                finding(
                    Code::NetworkAttached,
                    "bridge",
                    Value::Null,
                    json!("bridge"),
                ),
                finding(Code::NetworkDetached, "front", json!("front"), Value::Null),
            ];
            sides(&state, if key == "front" { &findings } else { &[] }).1
        };
        assert!(attached("front", &[]).contains("network_mode: bridge"));
        let own = attached("bridge", &["bridge"]);
        assert!(!own.contains("network_mode"), "{own}");
    }

    #[test]
    fn of_a_project_that_is_missing_only_what_is_external_is_left() {
        let network = |is_external| Network {
            name: "n".into(),
            external: is_external,
            ..Network::default()
        };
        let networks = [("own", false), ("theirs", true)];
        let state = State {
            services: [("db".to_owned(), Service::default())].into(),
            networks: networks
                .map(|(key, is_external)| (key.to_owned(), network(is_external)))
                .into(),
            ..State::empty("p")
        };
        let finding = Finding {
            place: vec!["services".to_owned()],
            ..Finding::new(Code::ProjectMissing, Severity::Drift, "p", "").field(
                "project",
                "p",
                Value::Null,
            )
        };
        let names = Names {
            expected: "spec",
            observed: "host",
        };
        let diff = diff(&state, &[finding], names);
        assert!(diff.contains("\n-  own:\n"), "{diff}");
        assert!(diff.contains("\n   theirs:\n"), "{diff}");
    }

    #[test]
    fn a_label_may_be_called_like_a_field() {
        let label = "com.example.labels.team";
        let place = ["services", "db", "labels", label];
        let text = diff_of(&place, Value::Null, json!("blue"));
        assert!(
            text.contains(&format!("+    labels:\n+      {label}: blue")),
            "{text}"
        );
    }

    #[test]
    fn a_hunk_names_the_service_of_its_first_change() {
        // The context of each hunk begins in `app`.
        for (place, expected, observed, heading) in [
            (
                ["services", "db", "image"].as_slice(),
                json!("app:1"),
                json!("app:2"),
                "services.db",
            ),
            (
                &["services", "db"],
                json!({"image": "app:1"}),
                Value::Null,
                "services.db",
            ),
            (
                &["services", "cache"],
                Value::Null,
                json!("cache"),
                "services.cache",
            ),
            (
                &["services", "app", "labels", "a"],
                Value::Null,
                json!("b"),
                "services.app",
            ),
        ] {
            let text = diff_of(place, expected, observed);
            let header = text.lines().nth(2).unwrap_or_default();
            assert!(header.ends_with(&format!("@@ {heading}")), "{text}");
        }
    }
}
