//! A user that is root.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "root-user",
    severity: Severity::Warning,
    title: "No service says that it runs as root",
    why: "It overrides the user that the image has been given, and root in a container is root to the kernel.",
    origin: "compose-lint CL-0018, OWASP Docker Security rule 2, CIS Docker 4.1",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    user: root\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    user: '1000:1000'\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.get("user") else {
            return Vec::new();
        };
        let text = service.text("user").unwrap_or_default();
        let user = text.split(':').next().unwrap_or_default();
        if user != "root" && user.parse::<u32>() != Ok(0) {
            return Vec::new();
        }
        let message = format!("`{}` runs as root", service.name);
        vec![Found::new(service.name, message, at.place()).label("expected another user")]
    })
}
