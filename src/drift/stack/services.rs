//! The services of a stack: which there are, and every field of each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::known::{Known, known_differences, without_options_of_whole};
use super::{Stacks, at_service};
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::drift::forms::{Sides, opens};
use crate::drift::ports::{not_in_file, not_published, published_instead};
use crate::fields::{Field, FieldDifference, Form, STACK};
use crate::finding::Code;
use crate::state::{StackService, image_name, is_port_of_nodes, port_of_stack};
use crate::text::host_path;

/// Compares all services, and finds those that are missing or too many.
pub(super) fn services(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, wanted) in &stacks.declared.services {
        let full = stacks.full_name(name);
        match stacks.deployed.services.get(name) {
            Some(is) => differences.extend(service(name, wanted, is, stacks, coverage)),
            None if stacks.live.taken.contains(name) => {
                let message = stacks.taken(&format!("service `{full}`"), None);
                let taken = Difference::new(Code::NameTaken, name, message);
                differences.push(at_service(taken, name, "name"));
            }
            None => {
                let message = format!("service `{full}` is missing");
                let missing = Difference::new(Code::ServiceMissing, name, message);
                differences.push(at_service(missing, name, "name").values(
                    "name",
                    full,
                    Value::Null,
                ));
            }
        }
    }
    for name in stacks.deployed.services.keys() {
        if !stacks.declared.services.contains_key(name) {
            let full = stacks.full_name(name);
            let message = format!("service `{full}` is not in the Compose file");
            let extra = Difference::new(Code::ServiceOrphan, name, message);
            differences.push(at_service(extra, name, "name").values("name", Value::Null, full));
        }
    }
    for name in &stacks.live.unprefixed {
        let prefix = stacks.full_name("");
        let message = format!(
            "service `{name}` has the label of the stack, but its name does not start with `{prefix}`"
        );
        let extra = Difference::new(Code::ServiceOrphan, name, message).by_hand();
        differences.push(extra.values("name", Value::Null, name.as_str()));
    }
    differences
}

/// Compares a service with the live one.
fn service(
    name: &str,
    wanted: &StackService,
    is: &StackService,
    stacks: Stacks<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    coverage.count(!stacks.is_unset("services", name, "image"));
    differences.extend(image(name, wanted, is, stacks));
    let sides = Sides {
        wanted: &wanted.fields,
        is: &is.fields,
    };
    let live = stacks.observed.live.as_ref();
    let unsupported = live.map_or(&[][..], |live| live.dialect.unknown);
    let is_unsupported = |path: &str| unsupported.contains(&path);
    let known = Known::of(wanted, is);
    for field in STACK {
        let is_known = |path: &str| !stacks.is_unset("services", name, path);
        if is_unsupported(field.path) {
            // No hand sets it either.
            if wanted.fields.get(field.path).is_some() {
                unsupported_here(field.path, name, coverage);
            }
            continue;
        }
        let is_whole = is_known(field.path) && field.with.iter().all(|path| is_known(path));
        coverage.count(is_whole);
        if field.form == Form::Ports {
            if is_known("ports") {
                differences.extend(ports(name, sides));
            }
            continue;
        }
        let found = known_differences(name, field, sides, stacks, &known);
        let found = without_options_of_whole(field, found);
        let is_dropped = |one: &FieldDifference| {
            let option = one.entry.as_deref().and_then(|entry| entry.split_once(','));
            option.is_some_and(|(_, option)| is_unsupported(option))
        };
        let (dropped, found): (Vec<_>, Vec<_>) = found.into_iter().partition(is_dropped);
        for one in dropped {
            unsupported_here(&one.field, name, coverage);
        }
        differences.extend(found.into_iter().map(|one| explained(name, field, one)));
    }
    differences
}

/// Says that the engines of the swarm drop a field of the file.
fn unsupported_here(field: &str, service: &str, coverage: &mut CoverageTracker) {
    coverage.count(false);
    let what = format!("`{field}` of service `{service}`");
    coverage.unchecked(what, "this swarm does not support it");
}

/// The image; one that was resolved has a digest too.
fn image(
    name: &str,
    wanted: &StackService,
    is: &StackService,
    stacks: Stacks<'_>,
) -> Option<Difference> {
    let (wanted, is) = (
        wanted.image.as_deref()?,
        is.image.as_deref().unwrap_or_default(),
    );
    let undigested = is.split_once('@').map_or(is, |(image, _)| image);
    let is_same = image_name(wanted) == image_name(is)
        || !wanted.contains('@') && image_name(wanted) == image_name(undigested);
    if is_same || stacks.is_unset("services", name, "image") {
        return None;
    }
    let message = format!("image of service `{name}` differs: expected `{wanted}`, found `{is}`");
    let differs = Difference::new(Code::ServiceImage, name, message).values("image", wanted, is);
    Some(at_service(differs, name, "image"))
}

/// The ports, each by its target.
fn ports(name: &str, sides: Sides<'_>) -> Vec<Difference> {
    let set = |list: &[String]| -> BTreeSet<String> { list.iter().cloned().collect() };
    let wanted = set(sides.wanted.list("ports"));
    let is = set(sides.is.list("ports"));
    let target = |port: &str| -> String {
        let port = port.split(' ').next().unwrap_or_default();
        port.rsplit(':').next().unwrap_or_default().to_owned()
    };
    // The swarm chooses a port for each of two that are alike.
    let mut matched = BTreeSet::new();
    let mut extra: Vec<&String> = sides
        .is
        .list("ports")
        .iter()
        .filter(|port| !(wanted.contains(*port) && matched.insert(*port)))
        .collect();
    let mut differences = Vec::new();
    let mut add = |code, message: String, expected: Value, observed: Value, subject: &str| {
        let port =
            port_of_stack(subject).map_or_else(|| subject.to_owned(), |port| port.to_string());
        let difference = Difference::new(code, name, message).subject(subject);
        let difference = difference.at(&["services", name, "ports", &port]);
        differences.push(difference.values("ports", expected, observed));
    };
    for port in wanted.difference(&is) {
        let other = extra.iter().position(|other| target(other) == target(port));
        match other.map(|at| extra.remove(at)) {
            Some(other) => add(
                Code::PortChanged,
                published_instead(name, other, port),
                json!(port),
                json!(other),
                port,
            ),
            None => add(
                Code::PortMissing,
                not_published(name, port),
                json!(port),
                Value::Null,
                port,
            ),
        }
    }
    for port in extra {
        add(
            Code::PortExtra,
            not_in_file(name, port),
            Value::Null,
            json!(port),
            port,
        );
    }
    differences
        .into_iter()
        .map(|difference| {
            let opens = opens_port(&difference);
            difference.exposure_if(opens)
        })
        .collect()
}

/// Whether a difference of a port opens it to more. A swarm publishes on every address of every node; the nodes of the tasks alone
/// are fewer.
fn opens_port(difference: &Difference) -> bool {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let is_narrowed = text(&difference.expected)
        .zip(text(&difference.observed))
        .is_some_and(|(wanted, is)| is_port_of_nodes(&is) && is.starts_with(&format!("{wanted} ")));
    difference.code != Code::PortMissing && !is_narrowed
}

/// A field that differs.
fn explained(name: &str, field: &Field, one: FieldDifference) -> Difference {
    let entry = one.entry.clone().unwrap_or_default();
    let (_, option) = split_entry(&entry);
    let (code, message) = code_and_message(name, field, &one, &entry);
    let is_open = match (field.path, option) {
        ("volumes", None) => observed(&one).strip_prefix("bind ").is_some_and(exposes),
        ("volumes", Some("read_only")) => one.observed.is_null(),
        ("volumes", _) => false,
        _ => opens(field, &one.expected, &one.observed),
    };
    Difference::new(code, name, message)
        .exposure_if(is_open)
        .of(&["services", name], field, one)
}

/// An entry of a mount or a network, and the option of it that differs: `front,aliases`.
fn split_entry(entry: &str) -> (&str, Option<&str>) {
    match entry.split_once(',') {
        Some((what, option)) => (what, Some(option)),
        None => (entry, None),
    }
}

fn code_and_message(
    name: &str,
    field: &Field,
    one: &FieldDifference,
    entry: &str,
) -> (Code, String) {
    let of = format!("service `{name}`");
    let (what, option) = split_entry(entry);
    let (is_missing, is_extra) = (one.observed.is_null(), one.expected.is_null());
    match (field.path, option) {
        ("networks", None) if is_missing => (
            Code::NetworkDetached,
            format!("{of} is not attached to network `{what}`"),
        ),
        ("networks", None) => (
            Code::NetworkAttached,
            format!("{of} is attached to network `{what}`, which is not one of its networks"),
        ),
        ("networks", Some("aliases")) => (
            Code::NetworkAlias,
            format!(
                "aliases of {of} on network `{what}` differ: {}",
                values(one)
            ),
        ),
        ("networks", Some(option)) => (
            Code::NetworkChanged,
            format!(
                "`{option}` of {of} on network `{what}` differs: {}",
                values(one)
            ),
        ),
        ("volumes", None) => (
            Code::MountChanged,
            match (is_missing, is_extra) {
                (true, _) => format!("{of} has no mount at `{what}`"),
                (_, true) => {
                    format!("{of} has a mount at `{what}` that is not in the Compose file")
                }
                _ => format!("mount at `{what}` of {of} differs: {}", values(one)),
            },
        ),
        ("volumes", Some(option)) => (
            Code::MountChanged,
            format!(
                "`{option}` of the mount at `{what}` of {of} differs: {}",
                values(one)
            ),
        ),
        ("configs" | "secrets", _) => {
            let kind = field.path.trim_end_matches('s');
            let message = match (is_missing, is_extra) {
                (true, _) => format!("{of} has no {kind} at `{entry}`"),
                (_, true) => {
                    format!("{of} has a {kind} at `{entry}` that is not in the Compose file")
                }
                _ => format!("{kind} at `{entry}` of {of} differs: {}", values(one)),
            };
            (Code::ServiceConfig, message)
        }
        ("deploy.replicas" | "deploy.mode", _) => (Code::ServiceReplicas, one.message(&of)),
        _ => (Code::ServiceConfig, one.message(&of)),
    }
}

/// Whether a bind of a path gives access to the host.
fn exposes(path: &str) -> bool {
    host_path::exposes(path, false)
}

/// The observed value of a difference; empty if it is not a text.
fn observed(one: &FieldDifference) -> &str {
    one.observed.as_str().unwrap_or_default()
}

/// Both values of a difference.
fn values(one: &FieldDifference) -> String {
    let text = |value: &Value| match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    format!(
        "expected {}, found {}",
        text(&one.expected),
        text(&one.observed)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Known, Sides, ports};
    use crate::drift::table;
    use crate::fields::{STACK, Value, Values};
    use crate::finding::Code;
    use crate::finding::Severity;

    fn with(path: &'static str, value: Value) -> Values {
        [(path, value)].into_iter().collect()
    }

    #[test]
    fn each_port_that_the_swarm_chose_counts() {
        let list = |ports: &[&str]| {
            let ports = ports.iter().map(|&port| port.to_owned()).collect();
            with("ports", Value::List(ports))
        };
        let (wanted, is) = (list(&["80/tcp"]), list(&["80/tcp", "80/tcp", "90/tcp"]));
        let sides = |wanted, is| Sides { wanted, is };
        let found = ports("web", sides(&wanted, &is));
        let found: Vec<_> = found.iter().map(|one| (one.code, &one.observed)).collect();
        let extra = Code::PortExtra;
        assert_eq!(
            found,
            [(extra, &json!("80/tcp")), (extra, &json!("90/tcp"))]
        );
        assert!(ports("web", sides(&wanted, &wanted)).is_empty());
        // On the nodes of the tasks alone, it is less exposed than on all.
        for (wanted, is, severity) in [
            ("80:80/tcp", "80:80/tcp (host)", Severity::Drift),
            ("80:80/tcp (host)", "80:80/tcp", Severity::Exposure),
            ("80:80/tcp", "8080:80/tcp (host)", Severity::Exposure),
        ] {
            let (wanted, is) = (list(&[wanted]), list(&[is]));
            let sides = Sides {
                wanted: &wanted,
                is: &is,
            };
            let found = ports("web", sides);
            let found: Vec<_> = found.iter().map(|one| (one.code, one.severity)).collect();
            assert_eq!(found, [(Code::PortChanged, severity)], "{wanted:?} {is:?}");
        }
    }

    #[test]
    fn durations_are_written_as_such_whatever_a_container_has_under_that_name() {
        for path in ["stop_grace_period", "deploy.restart_policy.delay"] {
            let field = STACK.iter().find(|field| field.path == path).unwrap();
            let of = |seconds: i64| with(field.path, Value::Number(seconds * 1_000_000_000));
            let (wanted, is) = (of(63), of(3));
            let sides = Sides {
                wanted: &wanted,
                is: &is,
            };
            let found = table::differences(field, sides, &Known::default());
            let found: Vec<_> = found
                .iter()
                .map(|one| (&one.expected, &one.observed))
                .collect();
            assert_eq!(found, [(&json!("1m3s"), &json!("3s"))], "{path}");
        }
    }
}
