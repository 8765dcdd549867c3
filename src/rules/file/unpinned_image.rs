//! A mutable image tag.

use std::collections::BTreeSet;

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "unpinned-image",
    severity: Severity::Warning,
    title: "An image tag is a version, not one that is moved to new images",
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
const MOVING: [&str; 16] = [
    "latest", "stable", "edge", "test", "testing", "nightly", "dev", "develop", "main", "mainline",
    "master", "beta", "alpha", "canary", "lts", "rolling",
];

/// Whether a tag is moved to new images: one without a number, which names no version (`alpine`, `fpm`, `bookworm`), or one
/// of [`MOVING`] with what it is built on (`lts-jdk17`, `latest-pg16`). A date, a version or a commit after it is a version.
fn is_moving(tag: &str) -> bool {
    if !tag.contains(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let (first, rest) = tag.split_once(['-', '_', '.']).unwrap_or((tag, ""));
    let word = rest
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    let is_commit = word == "sha" || word.chars().all(|c| c.is_ascii_hexdigit());
    MOVING.contains(&first) && !is_commit && word != "v"
}

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
        let (message, expected) = match name.split_once(':') {
            None => (
                format!("the image of `{}` has no tag", service.name),
                "expected a version: the default is `latest`, which is moved to new images",
            ),
            Some((_, tag)) if is_moving(tag) => (
                format!("the image tag of `{}` is mutable", service.name),
                "expected a version: this tag is moved to new images",
            ),
            Some(_) => return None,
        };
        Some(Found::new(service.name, message, at.place()).label(expected))
    })
}

#[cfg(test)]
mod tests {
    use super::is_moving;

    #[test]
    fn a_tag_is_moved_if_it_names_no_version() {
        for tag in [
            "latest", "alpine", "fpm-alpine", "bookworm", "production", "lts-alpine", "lts-jdk17",
            "latest-pg16", "stable-alpine3.20", "main-ubuntu22.04",
        ] {
            assert!(is_moving(tag), "{tag}");
        }
        for tag in [
            "17", "1.2.3-alpine", "v2", "stable-20240101", "nightly-2024-01-01", "main-3f2a1b9",
            "main-cafe12", "main-sha12345", "sha-3f2a1b9", "edge-v1.2", "beta.12", "dev-1", "pg16",
            "jdk17",
        ] {
            assert!(!is_moving(tag), "{tag}");
        }
    }
}
