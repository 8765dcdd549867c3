//! A container that is the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "privileged",
    severity: Severity::Error,
    title: "No container is privileged",
    why: "A privileged container has every capability and device of the host, and one step leads out of it.",
    origin: "compose-lint CL-0002, KICS `Privileged Containers Enabled`, OWASP Docker Security rule 3, CIS Docker 5.4",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    privileged: true\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    privileged: false\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service
            .get("privileged")
            .filter(|_| service.is_on("privileged"))
        else {
            return Vec::new();
        };
        let message = format!("`{}` is privileged", service.name);
        vec![
            Found::new(service.name, message, at.place())
                .label("this is root on the host")
                .help("give it the capability or device that it needs"),
        ]
    })
}
