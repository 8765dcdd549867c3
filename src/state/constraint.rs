//! Placement constraints, and the nodes that meet them (moby/swarmkit, `manager/constraint/constraint.go`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Swarm, SwarmNode};
use ipnet::IpNet;

/// The keys that a constraint can have besides labels.
pub const CONSTRAINT_KEYS: [&str; 6] = [
    "node.id", "node.hostname", "node.ip", "node.role", "node.platform.os", "node.platform.arch",
];

/// What the keys of labels begin with: those of a node, and those of its engine.
pub const CONSTRAINT_LABELS: [&str; 2] = ["node.labels.", "engine.labels."];

/// A placement constraint as a swarm takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint<'a> {
    /// `node.role`.
    pub key: &'a str,
    /// Whether a node meets it by having the value, or by not having it.
    pub is_equal: bool,
    /// `manager`.
    pub value: &'a str,
}

impl<'a> Constraint<'a> {
    /// Reads a constraint; nothing where a swarm refuses it.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let equal = text.split_once("==").map(|(key, value)| (key, true, value));
        let other = || {
            text.split_once("!=")
                .map(|(key, value)| (key, false, value))
        };
        let (key, is_equal, value) = equal.or_else(other)?;
        let (key, value) = (key.trim(), value.trim());
        let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_of_value = |c: char| {
            c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":-_.*()?+[]\\^$|/".contains(c)
        };
        let is_valid = key.len() > 1
            && key.starts_with(is_start)
            && key.chars().all(is_of_key)
            && !value.is_empty()
            && value.chars().all(is_of_value);
        is_valid.then_some(Self {
            key,
            is_equal,
            value,
        })
    }

    /// Its key in lower case: a swarm takes any.
    #[must_use]
    pub fn key(&self) -> String {
        self.key.to_ascii_lowercase()
    }

    /// The addresses that it names, where those are valid.
    #[must_use]
    pub fn addresses(&self) -> Option<IpNet> {
        let one = self.value.parse::<IpAddr>().map(IpNet::from);
        one.or_else(|_| self.value.parse()).ok()
    }

    /// Whether a node meets it, as far as that is known.
    #[must_use]
    pub fn is_met_by(&self, node: &SwarmNode) -> Option<bool> {
        let is = |found: &str| found.eq_ignore_ascii_case(self.value) == self.is_equal;
        let traits = || node.traits.as_ref();
        let is_known = |found: &str| (!found.is_empty()).then(|| is(found));
        let label = |labels: &BTreeMap<String, Option<String>>, prefix: &str| {
            // The names of labels are case sensitive.
            let name = self.key.get(prefix.len()..)?;
            match labels.get(name) {
                None => Some(is("")),
                Some(value) => value.as_deref().map(is),
            }
        };
        let key = self.key();
        let [of_node, of_engine] = CONSTRAINT_LABELS;
        match key.as_str() {
            "node.id" => Some(is(&node.id)),
            "node.hostname" => Some(is(&node.hostname)),
            "node.ip" => {
                let Some(wanted) = self.addresses() else {
                    return Some(false);
                };
                let address: IpAddr = traits()?.address.parse().ok()?;
                Some(wanted.contains(&address) == self.is_equal)
            }
            "node.role" => is_known(&traits()?.role),
            "node.platform.os" => is_known(&traits()?.os),
            "node.platform.arch" => is_known(&traits()?.architecture),
            key if is_name(key, of_node) => label(&traits()?.labels, of_node),
            key if is_name(key, of_engine) => label(&traits()?.engine_labels, of_engine),
            _ => Some(false),
        }
    }
}

impl Swarm {
    /// The nodes that new tasks can start on, and which meet all of these constraints, as far as that is known.
    pub fn nodes_for<'a>(
        &'a self,
        constraints: &'a [String],
    ) -> impl Iterator<Item = &'a SwarmNode> {
        let nodes = self
            .nodes
            .iter()
            .filter(|node| node.state == "ready" && node.availability == "active");
        nodes.filter(|node| {
            constraints.iter().all(|text| {
                let constraint = Constraint::parse(text);
                constraint.is_none_or(|constraint| constraint.is_met_by(node) != Some(false))
            })
        })
    }
}

fn is_name(key: &str, prefix: &str) -> bool {
    key.len() > prefix.len() && key.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::Constraint;
    use crate::state::{NodeTraits, SwarmNode};

    #[test]
    fn a_constraint_has_one_of_two_operators() {
        for text in ["node.role==manager", "node.labels.a != b c", "a_==b/c"] {
            assert!(Constraint::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "node.role",
            "node.role = manager",
            "node.role === manager",
            "no de == a",
            "node.id == ",
            "a==b",
            "node.id == a,b",
        ] {
            assert_eq!(Constraint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_node_meets_what_it_has() {
        let mut node = SwarmNode {
            id: "n1".to_owned(),
            hostname: "one".to_owned(),
            traits: Some(NodeTraits {
                role: "manager".to_owned(),
                address: "10.0.0.1".to_owned(),
                os: "linux".to_owned(),
                architecture: "x86_64".to_owned(),
                labels: [
                    ("disk".to_owned(), Some("ssd".to_owned())),
                    ("token".to_owned(), None),
                ]
                .into(),
                ..NodeTraits::default()
            }),
            ..SwarmNode::default()
        };
        let is = |text: &str, node: &SwarmNode| Constraint::parse(text).unwrap().is_met_by(node);
        for text in [
            "node.id == N1",
            "node.hostname != two",
            "node.ip == 10.0.0.1",
            "node.ip == 10.0.0.0/24",
            "node.ip != 10.1.0.0/24",
            "NODE.Role == Manager",
            "node.platform.arch != amd64",
            "node.labels.disk == SSD",
            "node.labels.gone != x",
            "engine.labels.gone != x",
        ] {
            assert_eq!(is(text, &node), Some(true), "{text}");
        }
        for text in [
            "node.id == one",
            "node.ip != 10.0.0.0/24",
            "node.ip != 10.0.0",
            "node.role == worker",
            "node.platform.arch == amd64",
            "node.labels.Disk == ssd",
            "node.labels.gone == x",
            "node.label.disk != hdd",
            "node.labels. != x",
        ] {
            assert_eq!(is(text, &node), Some(false), "{text}");
        }
        assert_eq!(is("node.labels.token == x", &node), None);
        node.traits = None;
        assert_eq!(is("node.role == worker", &node), None);
        assert_eq!(is("node.id == n1", &node), Some(true));
    }
}
