//! Placement constraints that a swarm takes and that no node meets (moby/swarmkit, `manager/constraint/constraint.go`).

use crate::state::{CONSTRAINT_KEYS, CONSTRAINT_LABELS, Constraint};

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

/// Why no node meets a constraint that the swarm takes.
pub(crate) fn unmet(text: &str) -> Option<Unmet<'_>> {
    let constraint = Constraint::parse(text)?;
    let Constraint {
        key,
        is_equal,
        value,
    } = constraint;
    let lower = constraint.key();
    let is_label = CONSTRAINT_LABELS.iter().any(|prefix| {
        let name = lower.strip_prefix(prefix);
        name.is_some_and(|name| !name.is_empty())
    });
    if is_label {
        return None;
    }
    if !CONSTRAINT_KEYS.contains(&lower.as_str()) {
        let expected = format!(
            "expected {}, {}NAME",
            CONSTRAINT_KEYS.join(", "),
            CONSTRAINT_LABELS.join("NAME or ")
        );
        return Some(Unmet {
            part: key,
            expected,
            known: &CONSTRAINT_KEYS,
        });
    }
    let of_value = |expected: String, known| {
        Some(Unmet {
            part: value,
            expected,
            known,
        })
    };
    // Roles and architectures are the same in capital letters.
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    match lower.as_str() {
        // What is not an address is met by no node, with either operator.
        "node.ip" if constraint.addresses().is_none() => {
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
    use super::unmet;

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
