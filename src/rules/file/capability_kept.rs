//! Capabilities that nobody asked for.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "capability-kept",
    severity: Severity::Warning,
    title: "A container drops all capabilities",
    why: "Without it a container keeps fourteen capabilities that hardly any program needs, forging packets among them.",
    origin: "compose-lint CL-0006, KICS `Container Capabilities Unrestricted`, OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    cap_drop: [ALL]\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let dropped = service.capabilities("cap_drop");
        if dropped.iter().any(|(name, _)| name == "ALL") {
            return Vec::new();
        }
        let message = format!("`{}` keeps the default capabilities", service.name);
        vec![
            Found::new(service.name, message, service.place())
                .help("add `cap_drop: [ALL]`, and under `cap_add` what it needs"),
        ]
    })
}
