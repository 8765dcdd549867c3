//! A mutable image tag.

use std::collections::BTreeSet;

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "unpinned-image",
    severity: Severity::Warning,
    title: "An image has a version that does not change",
    why: "Otherwise two deployments of one file may run different programs, and a rollback may not bring the old one back.",
    origin: "OWASP Docker Security rule 13",
    equivalents: &[
        compose_lint("CL-0004").except(
            "Not for an image that the file builds: its tag names the build, and nothing is \
             pulled. Not for an image whose name ends in a variable: its value is unknown, but \
             may be empty (`variable-may-be-empty`).",
        ),
        dclint("service-image-require-explicit-tag")
            .except("Not for an image that the file builds, as for CL-0004 of compose-lint."),
    ],
    bad: compose! {"
        services:
          web:
            image: a:latest
    "},
    good: compose! {"
        services:
          web:
            image: a:1.2
    "},
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Tags that are moved to new images on purpose.
const MOVING: [&str; 15] = [
    "latest", "stable", "edge", "test", "testing", "nightly", "dev", "develop", "main", "master",
    "beta", "alpha", "canary", "lts", "rolling",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // An image that the file builds is not pulled, by whichever service.
    let built: BTreeSet<_> = deployed
        .file
        .entries("services")
        .filter(|(_, service)| service.get("build").is_some())
        .filter_map(|(_, service)| service.get("image")?.text())
        .collect();
    each(deployed, |service| {
        let at = service.get("image")?;
        let text = at.text().unwrap_or_default();
        if built.contains(&text) {
            return None;
        }
        // The port of a registry is not a tag.
        let name = text.rsplit('/').next().unwrap_or_default();
        // The value of a variable is unknown.
        if text.contains('@') || service.get("build").is_some() || name.contains(['$', '}']) {
            return None;
        }
        let expected = match name.split_once(':') {
            None => "expected a tag: the default is `latest`",
            Some((_, tag)) if MOVING.contains(&tag) => {
                "expected a version: this tag is moved to new images"
            }
            Some(_) => return None,
        };
        let message = format!("the image tag of `{}` is mutable", service.name);
        Some(Found::new(service.name, message, at.place()).label(expected))
    })
}
