//! Placement constraints: those that a swarm refuses, and those that it takes and that no node meets (moby/swarmkit,
//! `manager/constraint/constraint.go`).

use std::net::IpAddr;

use ipnet::IpNet;

/// The keys that a constraint can have besides labels.
const KEYS: [&str; 6] = [
    "node.id", "node.hostname", "node.ip", "node.role", "node.platform.os", "node.platform.arch",
];

/// What the keys of labels begin with.
const LABELS: [&str; 2] = ["node.labels.", "engine.labels."];

const ROLES: [&str; 2] = ["manager", "worker"];

/// The architectures that images name differently from nodes, which have the names of `uname -m` (moby,
/// `daemon/cluster/executor/container/executor.go`: `Describe`).
const ARCHITECTURES: [(&str, &str); 4] = [
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("386", "i686"),
    ("arm", "armv7l"),
];

/// A constraint that the swarm takes and that no node meets, so that tasks stay pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmet<'a> {
    /// The part of it that no node has.
    pub(crate) part: &'a str,
    /// What is expected instead.
    pub(crate) expected: String,
    /// The words that could be meant.
    pub(crate) known: &'static [&'static str],
}

/// Its key, whether the value has to be equal, and the value.
fn parts(text: &str) -> Option<(&str, bool, &str)> {
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
    is_valid.then_some((key, is_equal, value))
}

/// Whether a swarm takes a constraint.
pub(super) fn is_constraint(text: &str) -> bool {
    parts(text).is_some()
}

/// Why no node meets a constraint that the swarm takes.
pub(crate) fn unmet(text: &str) -> Option<Unmet<'_>> {
    let (key, is_equal, value) = parts(text)?;
    // Keys, roles and architectures are the same in capital letters.
    let lower = key.to_ascii_lowercase();
    let is_label = LABELS.iter().any(|prefix| {
        let name = lower.strip_prefix(prefix);
        name.is_some_and(|name| !name.is_empty())
    });
    if is_label {
        return None;
    }
    if !KEYS.contains(&lower.as_str()) {
        let expected = format!(
            "expected {}, {}NAME or {}NAME",
            KEYS.join(", "),
            LABELS[0],
            LABELS[1]
        );
        return Some(Unmet {
            part: key,
            expected,
            known: &KEYS,
        });
    }
    let of_value = |expected: String, known| {
        Some(Unmet {
            part: value,
            expected,
            known,
        })
    };
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    match lower.as_str() {
        // An address that is none is met by no node, with either operator.
        "node.ip" if value.parse::<IpAddr>().is_err() && value.parse::<IpNet>().is_err() => {
            of_value("expected an address or a subnet".to_owned(), &[])
        }
        "node.role" if is_equal && !ROLES.into_iter().any(is) => {
            of_value("expected manager or worker".to_owned(), &ROLES)
        }
        "node.platform.arch" if is_equal => {
            let (_, name) = ARCHITECTURES.into_iter().find(|(image, _)| is(image))?;
            of_value(
                format!("expected the name of `uname -m`, such as {name}"),
                &[],
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_constraint, unmet};

    #[test]
    fn a_constraint_has_one_of_two_operators() {
        for text in ["node.role==manager", "node.labels.a != b c", "a_==b/c"] {
            assert!(is_constraint(text), "{text}");
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
            assert!(!is_constraint(text), "{text}");
        }
    }

    #[test]
    fn no_node_meets_an_unknown_key_or_value() {
        for (text, part) in [
            ("node.rol == manager", "node.rol"),
            ("node.rol != manager", "node.rol"),
            ("node.labels. == a", "node.labels."),
            ("node.label.a == b", "node.label.a"),
            ("labels.a == b", "labels.a"),
            ("node.platform == linux", "node.platform"),
            ("node.role == managers", "managers"),
            ("node.ip != 10.0.0", "10.0.0"),
            ("node.ip == 10.0.0.0/33", "10.0.0.0/33"),
            ("node.platform.arch == amd64", "amd64"),
            ("node.platform.arch == ARM64", "ARM64"),
        ] {
            assert_eq!(unmet(text).map(|one| one.part), Some(part), "{text}");
        }
        for text in [
            "node.role == manager",
            "Node.Role == WORKER",
            "node.role != managers",
            "node.id == x",
            "node.hostname != x",
            "node.ip == 10.0.0.1",
            "node.ip != 2001:db8::/32",
            "node.platform.os == linux",
            "node.platform.arch == x86_64",
            "node.platform.arch != amd64",
            "node.labels.a == b",
            "ENGINE.labels.a.b != c",
            // The swarm refuses it.
            "node.rol = manager",
        ] {
            assert_eq!(unmet(text), None, "{text}");
        }
    }
}
