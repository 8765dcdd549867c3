//! An allowance that allows nothing hides the next finding.
//!
//! What it matches is known only after all other rules, so `rules/allow.rs` does the work.

use crate::rules::prelude::*;

pub(in crate::rules) static RULE: Rule = Rule {
    code: "unused-allowance",
    severity: Severity::Warning,
    title: "Every allowance allows something",
    why: "An allowance that matches nothing would hide a future finding unseen.",
    bad: spec! {"prod.yaml", "
        services:
          db: { allow: { public-port: It once was. } }
    "},
    good: spec! {"prod.yaml", "
        services:
          gate: { allow: { public-port: The gate is the way in. } }
    "},
    check: Check::Allowances,
    ..Rule::DEFAULT
};
