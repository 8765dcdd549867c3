//! An image that moves.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "unpinned-image",
    severity: Severity::Warning,
    title: "An image has a version that does not move",
    why: "Two deployments of one file would run two programs, and going back would not go back.",
    origin: "compose-lint CL-0004, dclint `service-image-require-explicit-tag`, OWASP Docker Security rule 13",
    bad: Example::Compose(&["services:\n  web:\n    image: a:latest\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: a:1.2\n"]),
    check: Check::File(check),
};

/// Tags that are moved on purpose.
const MOVING: [&str; 15] = [
    "latest", "stable", "edge", "test", "testing", "nightly", "dev", "develop", "main", "master",
    "beta", "alpha", "canary", "lts", "rolling",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let Some(at) = service.get("image") else {
            return Vec::new();
        };
        let text = service.text("image").unwrap_or_default();
        if text.contains('@') || service.get("build").is_some() {
            return Vec::new();
        }
        // The port of a registry is no tag.
        let name = text.rsplit('/').next().unwrap_or_default();
        // Of what stands in a variable nothing is known.
        if name.contains(['$', '}']) {
            return Vec::new();
        }
        let tag = name.split_once(':').map(|(_, tag)| tag);
        let expected = match tag {
            None => "expected a tag: without one it is `latest`",
            Some(tag) if MOVING.contains(&tag) => "this tag moves",
            Some(_) => return Vec::new(),
        };
        let message = format!("what `{}` runs may change under it", service.name);
        vec![Found::new(service.name, message, at.place()).label(expected)]
    })
}
