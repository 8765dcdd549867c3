//! An allowance that allows nothing hides the next finding.
//!
//! What matches is known only when every other rule was held, so this one looks at nothing itself:
//! the engine says what it finds (`rules/allow.rs`).

use crate::rules::rule::{Check, Example, Rule, Severity};

pub(in crate::rules) static RULE: Rule = Rule {
    code: "unused-allowance",
    severity: Severity::Error,
    title: "An allowance allows something",
    why: "An allowance that matches nothing is a door left open for a finding that nobody has seen yet.",
    origin: "",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  db: { allow: { public-port: It once was. } }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  gate: { allow: { public-port: The gate is the way in. } }\n",
    },
    check: Check::Spec(|_| Vec::new()),
};
