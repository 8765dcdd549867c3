//! Capabilities beyond the default ones.

use super::capability_added::each_added;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "capability-extra",
    severity: Severity::Hardening,
    title: "A container adds no capability that few programs need",
    why: "Few programs but VPNs, debuggers and databases with locked memory need one of these, and an intruder can use it too.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    equivalents: &[
        compose_lint("CL-0011"),
        compose_lint("CL-0027"),
        compose_lint("CL-0029"),
    ],
    bad: service!("cap_add: [NET_ADMIN]"),
    good: service!("cap_add: [NET_BIND_SERVICE]"),
    check: Check::File(|deployed| each_added(deployed, false)),
    ..Rule::DEFAULT
};
