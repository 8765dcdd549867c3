//! The project's networks.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::difference::{Difference, Unchecked, UncheckedSet, compared_labels};
use super::resource::{Resource as _, left_over};
use super::states::States;
use crate::fields::FieldDifference;
use crate::finding::{Code, Severity};
use crate::state::Network;

/// Compares every network of the file with the one of its name, and finds others that belong to the
/// project.
pub(super) fn networks(states: &States<'_>, unchecked: &mut UncheckedSet) -> Vec<Difference> {
    let mut differences = Vec::new();
    let expected = &states.expected.networks;
    for (key, network) in expected {
        match states.index.network(&network.name) {
            None => differences.push(missing(key, network)),
            Some(observed) if network.external => {
                differences.extend(external(key, network, observed, states));
            }
            Some(observed) => {
                differences.extend(owner(key, network, observed, states));
                differences.extend(fields(key, network, observed, states, unchecked));
            }
        }
    }
    let unused = &states.expected.unused.networks;
    let observed = &states.observed.networks;
    for (key, network) in left_over(&states.expected.project, expected, unused, observed) {
        let name = network.name.as_str();
        let message =
            format!("network `{name}` belongs to this project but is not in the Compose file");
        differences.push(
            Difference::new(Code::NetworkExtra, key, message)
                .values("networks", Value::Null, name)
                .at(&["networks", key]),
        );
    }
    differences
}

fn missing(key: &str, network: &Network) -> Difference {
    let name = network.name.as_str();
    Difference::new(
        Code::NetworkMissing,
        key,
        format!("network `{name}` is missing"),
    )
    .values("networks", name, Value::Null)
    .at(&["networks", key])
}

/// Compose refuses a network that it knows by its name and not by its labels.
fn owner(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
) -> Option<Difference> {
    let (name, project) = (&expected.name, states.expected.project.as_str());
    let (severity, message) = match observed.owner() {
        Some(owner) if owner == project => return None,
        Some(owner) => (
            Severity::Exposure,
            format!("network `{name}` belongs to the project `{owner}`"),
        ),
        None => (
            Severity::Drift,
            format!("network `{name}` has no Compose labels"),
        ),
    };
    Some(
        Difference::new(Code::NetworkUnlabelled, key, message)
            .severity(severity)
            .values("labels", project, observed.owner())
            .by_hand()
            .at(&["networks", key, "project"]),
    )
}

fn fields(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
    unchecked: &mut UncheckedSet,
) -> Vec<Difference> {
    let name = &expected.name;
    let mut differences = Vec::new();
    for difference in differing(expected, observed) {
        let field = difference.field.as_str();
        if states.is_unset("networks", key, field) {
            continue;
        }
        if states.live.habits.hides_network_options
            && difference.observed.is_null()
            && field.starts_with("options.")
        {
            unchecked.insert(Unchecked {
                what: format!("`{field}` of network `{name}`"),
                why: "the engine does not show whether it applied it".into(),
            });
            continue;
        }
        let message = match field {
            "internal" if expected.internal => {
                format!("network `{name}` is not internal; expected `internal: true`")
            }
            "internal" => internal(name),
            _ => difference.message(&format!("network `{name}`")),
        };
        // What is not internal lets its containers reach out, and be reached.
        let severity = if field == "internal" && expected.internal {
            Severity::Exposure
        } else {
            Severity::Drift
        };
        differences.push(
            Difference::new(Code::NetworkChanged, key, message)
                .severity(severity)
                .at_field("networks", key, field)
                .values(field, difference.expected, difference.observed),
        );
    }
    differences
}

/// The owner of an external network decides how it is created. But on an internal one, no port can be
/// published.
fn external(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
) -> Option<Difference> {
    let is_useless = observed.internal && !expected.internal && states.index.publishes_on(key);
    is_useless.then(|| {
        Difference::new(Code::NetworkChanged, key, internal(&expected.name))
            .values("internal", false, true)
            .by_hand()
            .at(&["networks", key, "internal"])
    })
}

fn internal(name: &str) -> String {
    format!("network `{name}` is internal: containers attached only to it cannot publish ports")
}

/// The fields that differ, among those that the file pins.
fn differing(expected: &Network, observed: &Network) -> Vec<FieldDifference> {
    let mut differences = Vec::new();
    let mut compare = |field: &str, expected: Value, observed: Value| {
        differences.extend(FieldDifference::of(field, expected, observed));
    };
    compare(
        "internal",
        json!(expected.internal),
        json!(observed.internal),
    );
    // It means nothing to any other driver, and not every engine keeps it for one.
    if expected.driver.as_deref() == Some("overlay") {
        compare(
            "attachable",
            json!(expected.attachable),
            json!(observed.attachable),
        );
    }
    if expected.driver.is_some() {
        compare("driver", json!(expected.driver), json!(observed.driver));
    }
    if expected.ipv6.is_some() && observed.ipv6.is_some() {
        compare("ipv6", json!(expected.ipv6), json!(observed.ipv6));
    }
    if !expected.subnets.is_empty() && subnets(expected) != subnets(observed) {
        compare("subnets", json!(expected.subnets), json!(observed.subnets));
    }
    for (name, value) in &expected.options {
        let field = format!("options.{name}");
        let observed = observed.options.get(name);
        differences.extend(FieldDifference::of_sensitive(field, Some(value), observed));
    }
    for (name, value) in compared_labels(&expected.labels) {
        let field = format!("labels.{name}");
        let observed = observed.labels.get(name);
        differences.extend(FieldDifference::of_sensitive(field, Some(value), observed));
    }
    differences
}

/// The subnets of a network, each in one spelling.
fn subnets(network: &Network) -> BTreeSet<String> {
    let written = |subnet: &String| match subnet.parse::<IpNet>() {
        Ok(parsed) => parsed.to_string(),
        Err(_) => subnet.clone(),
    };
    network.subnets.iter().map(written).collect()
}
