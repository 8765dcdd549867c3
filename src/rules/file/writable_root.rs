//! A root that can be written to.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "writable-root",
    severity: Severity::Warning,
    title: "The root of a container is read-only",
    why: "Who breaks into a container writes a program into it first.",
    origin: "compose-lint CL-0007, OWASP Docker Security rule 8, CIS Docker 5.13 (5.12 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    read_only: true\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        if service.is_on("read_only") {
            return Vec::new();
        }
        let place = service
            .get("read_only")
            .map_or(service.place(), |at| at.place());
        let message = format!("`{}` can write to its own root", service.name);
        vec![
            Found::new(service.name, message, place)
                .help("add `read_only: true`, and a `tmpfs` where it writes"),
        ]
    })
}
