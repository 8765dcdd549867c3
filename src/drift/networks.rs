//! The project's networks.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::cause::recreation;
use super::made::{Made as _, by_name, left_over};
use super::{Comparer, compared_labels, difference, is_hidden};
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::state::Network;

impl Comparer<'_> {
    /// Compares every network of the file with the one that bears its name, and looks for others
    /// that are the project's.
    pub(super) fn networks(&mut self) {
        let (expected, observed) = (&self.expected.networks, &self.observed.networks);
        let there = by_name(observed);
        for (key, expected) in expected {
            match there.get(expected.name.as_str()) {
                Some(observed) => self.network(key, expected, observed),
                None => self.missing_network(key, expected),
            }
        }
        let (project, unused) = (&self.expected.project, &self.expected.unused.networks);
        for (key, observed) in left_over(project, expected, unused, observed) {
            self.note(
                Finding::new(
                    Code::NetworkExtra,
                    Severity::Drift,
                    key,
                    format!(
                        "network `{}` is the project's and not in its file",
                        observed.name
                    ),
                )
                .field("networks", Value::Null, observed.name.as_str())
                .help(format!("remove it: docker network rm {}", observed.name)),
            );
        }
    }

    fn missing_network(&mut self, key: &str, expected: &Network) {
        // A container that was made on a network keeps it by its ID, and cannot start without it.
        let is_in_use = self.index.is_in_use(&expected.name);
        let finding = Finding::new(
            Code::NetworkMissing,
            Severity::Drift,
            key,
            format!("network `{}` is not there", expected.name),
        )
        .field("networks", expected.name.as_str(), Value::Null);
        self.note(if expected.external {
            finding
                .after_up(AfterUp::Fails)
                .help(format!("make it: docker network create {}", expected.name))
        } else if is_in_use {
            finding.after_up(AfterUp::Fails).help(
                "make the containers that were on it anew: docker compose up -d --force-recreate",
            )
        } else {
            finding.after_up(AfterUp::Heals)
        });
    }

    fn network(&mut self, key: &str, expected: &Network, observed: &Network) {
        if expected.external {
            return self.external_network(key, expected, observed);
        }
        let owner = observed.owner();
        if owner != Some(self.expected.project.as_str()) {
            let (severity, whose) = match owner {
                Some(owner) => (
                    Severity::Exposure,
                    format!("belongs to the project `{owner}`"),
                ),
                None => (Severity::Drift, "bears no label of Compose".to_owned()),
            };
            self.note(
                Finding::new(
                    Code::NetworkUnlabelled,
                    severity,
                    key,
                    format!("network `{}` {whose}", expected.name),
                )
                .field("labels", self.expected.project.as_str(), owner)
                .cause(Cause::OutOfBand)
                .after_up(AfterUp::Fails)
                .help(format!(
                    "stop what is on it, remove it (docker network rm {}), and run docker compose up -d",
                    expected.name
                )),
            );
        }
        let cause = self.cause_of(expected, observed);
        let after_up = if observed.has_hash() {
            recreation(cause)
        } else {
            AfterUp::Ignores
        };
        let after_up = if owner.is_none() {
            AfterUp::Fails
        } else {
            after_up
        };
        for (field, expected_value, observed_value) in differences(expected, observed) {
            if self.cannot_tell("networks", key, &field) {
                continue;
            }
            if observed_value.is_null()
                && field.starts_with("options.")
                && self.live.engine.is_podman()
            {
                self.cannot_check(
                    format!("`{field}` of network `{}`", expected.name),
                    "Podman does not say whether it took it",
                );
                continue;
            }
            // A network that was to have no way out has one.
            let severity = if field == "internal" && expected.internal {
                Severity::Exposure
            } else {
                Severity::Drift
            };
            let message = match field.as_str() {
                "internal" if expected.internal => {
                    format!(
                        "network `{}` has a way out, and was to have none",
                        expected.name
                    )
                }
                "internal" => {
                    format!(
                        "network `{}` has no way out, so nothing on it alone can publish a port",
                        expected.name
                    )
                }
                field if is_hidden(&expected_value, &observed_value) => {
                    format!(
                        "`{field}` of network `{}` differs, values hidden",
                        expected.name
                    )
                }
                field => format!("network `{}` has another `{field}`", expected.name),
            };
            self.note(
                Finding::new(Code::NetworkChanged, severity, key, message)
                    .field(field, expected_value, observed_value)
                    .cause(cause)
                    .after_up(after_up)
                    .help("take the project down and up again, so that the network is made anew: docker compose down && docker compose up -d"),
            );
        }
    }

    /// Somebody else makes an external network, and the file says nothing of how. But on one
    /// without a way out, no port can be published.
    fn external_network(&mut self, key: &str, expected: &Network, observed: &Network) {
        let publishes = self.index.publishes_on(key);
        if observed.internal && !expected.internal && publishes {
            self.note(
                Finding::new(
                    Code::NetworkChanged,
                    Severity::Drift,
                    key,
                    format!(
                        "network `{}` has no way out, so nothing on it alone can publish a port",
                        expected.name
                    ),
                )
                .field("internal", false, true)
                .cause(Cause::OutOfBand)
                .help("ask its owner to make it without --internal"),
            );
        }
    }
}

/// The fields that differ, among those that the file pins.
fn differences(expected: &Network, observed: &Network) -> Vec<(String, Value, Value)> {
    let mut differences: Vec<(String, Value, Value)> = Vec::new();
    let mut differs = |field: &str, expected: Value, observed: Value| {
        if expected != observed {
            differences.push((field.to_owned(), expected, observed));
        }
    };
    differs(
        "internal",
        json!(expected.internal),
        json!(observed.internal),
    );
    // It means nothing to any other driver, and Podman does not keep it.
    if expected.driver.as_deref() == Some("overlay") {
        differs(
            "attachable",
            json!(expected.attachable),
            json!(observed.attachable),
        );
    }
    if expected.driver.is_some() {
        differs("driver", json!(expected.driver), json!(observed.driver));
    }
    if expected.ipv6.is_some() && observed.ipv6.is_some() {
        differs("ipv6", json!(expected.ipv6), json!(observed.ipv6));
    }
    if !expected.subnets.is_empty() {
        let same = |network: &Network| -> BTreeSet<String> {
            network
                .subnets
                .iter()
                .map(|subnet| written(subnet))
                .collect()
        };
        if same(expected) != same(observed) {
            differs("subnets", json!(expected.subnets), json!(observed.subnets));
        }
    }
    for (name, value) in &expected.options {
        let is = observed.options.get(name);
        let is = is.or_else(|| observed.options.get(of_podman(name)?));
        differences.extend(difference(format!("options.{name}"), Some(value), is));
    }
    for (name, value) in compared_labels(&expected.labels) {
        let is = observed.labels.get(name);
        differences.extend(difference(format!("labels.{name}"), Some(value), is));
    }
    differences
}

/// What Podman calls an option of Docker's (podman, `pkg/api/handlers/compat/networks.go`).
fn of_podman(name: &str) -> Option<&'static str> {
    (name == "com.docker.network.driver.mtu").then_some("mtu")
}

/// A subnet in one spelling.
fn written(subnet: &str) -> String {
    subnet
        .parse::<IpNet>()
        .map_or_else(|_| subnet.to_owned(), |network| network.to_string())
}
