//! Waiting for a service without a health check to become healthy.

use std::path::Path;

use super::{each, here, is_unchecked};
use crate::compose::{At, Dependency, Service};
use crate::files::{self, limits};
use crate::rules::prelude::*;
use crate::state::{HEALTHY, is_official_image};

pub(super) static RULE: Rule = Rule {
    code: "waits-for-health",
    severity: Severity::Error,
    title: "A service that others wait for until it is healthy has a health check",
    why: "A service without a health check never becomes healthy, so `docker compose up` fails and its dependents never start.",
    bad: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1, healthcheck: { disable: true } }
    "},
    good: compose! {"
        services:
          web:
            image: a:1
            depends_on: { db: { condition: service_healthy } }
          db: { image: d:1, healthcheck: { test: [CMD, ready] } }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

/// What is known of the health check of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// The file has one.
    Checked,
    /// The file disables it.
    Disabled,
    /// The file has none, nor has the image, or the Dockerfile that it is built with.
    Absent,
    /// The file has none, and the image may have one.
    Unknown,
}

impl Health {
    /// That of a service; `folder` is where relative paths start from, where the files there can be read.
    fn of(service: Service<'_>, folder: Option<&Path>) -> Self {
        if is_unchecked(service) {
            return Self::Disabled;
        }
        if service.dig(&["healthcheck", "test"]).is_some() {
            return Self::Checked;
        }
        match service.get("build") {
            Some(build) => Self::of_build(build, folder),
            None => Self::of_image(&service.text("image").unwrap_or_default()),
        }
    }

    fn of_image(image: &str) -> Self {
        if is_official_image(image) {
            Self::Absent
        } else {
            Self::Unknown
        }
    }

    fn of_build(build: At<'_>, folder: Option<&Path>) -> Self {
        let of = |key: &str| build.get(key).and_then(|at| at.text());
        let target = of("target");
        if let Some(inline) = of("dockerfile_inline") {
            return Self::of_dockerfile(&inline, target.as_deref());
        }
        let (context, file) = here::build(build);
        let read = || {
            let context = here::resolved(folder?, &context)?;
            let path = here::resolved(Path::new(&context), &file)?;
            files::named(Path::new(&path), limits::DOCKERFILE).ok()
        };
        match read() {
            Some(text) => Self::of_dockerfile(&text.text, target.as_deref()),
            None => Self::Unknown,
        }
    }

    /// That of the last stage of a Dockerfile, or of the one that is named.
    fn of_dockerfile(text: &str, target: Option<&str>) -> Self {
        // The image, the name, and the health check of each stage.
        let mut stages: Vec<(&str, Option<&str>, Option<Self>)> = Vec::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
            match (instruction.as_str(), stages.last_mut()) {
                ("FROM", _) => {
                    let mut words = words.filter(|word| !word.starts_with("--"));
                    let image = words.next().unwrap_or_default();
                    stages.push((image, words.nth(1), None));
                }
                ("HEALTHCHECK", Some(stage)) => {
                    let is_none = words
                        .next()
                        .is_some_and(|word| word.eq_ignore_ascii_case("none"));
                    stage.2 = Some(if is_none {
                        Self::Disabled
                    } else {
                        Self::Checked
                    });
                }
                _ => {}
            }
        }
        let named = |name: &str| {
            let is_it = |own: &str| own.eq_ignore_ascii_case(name);
            stages.iter().position(|stage| stage.1.is_some_and(is_it))
        };
        let mut at = match target {
            Some(target) => named(target),
            None => stages.len().checked_sub(1),
        };
        while let Some((image, _, health)) = at.and_then(|at| stages.get(at)) {
            if let Some(health) = health {
                return *health;
            }
            // A stage begins with an image, or with a stage above it.
            match named(image).filter(|other| at.is_some_and(|at| *other < at)) {
                Some(other) => at = Some(other),
                None => return Self::of_image(image),
            }
        }
        Self::Unknown
    }
}

/// The services that others wait for until they are healthy. `look` is given who waits, for whom, that
/// service, and what is known of its health check.
pub(super) fn each_awaited(
    deployed: &Deployed<'_>,
    look: impl Fn(Service<'_>, Dependency<'_>, Service<'_>, Health) -> Option<Found>,
) -> Vec<Found> {
    let folder = here::folder(deployed);
    each(deployed, |service| {
        let needs = service.needs();
        let for_health = needs.filter(|need| need.condition == HEALTHY);
        let found = for_health.filter_map(|need| {
            let other = deployed.file.service(need.name)?;
            // A provider says by itself when it is ready.
            other.get("provider").is_none().then_some(())?;
            look(service, need, other, Health::of(other, folder))
        });
        found.collect::<Vec<_>>()
    })
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_awaited(deployed, |service, need, other, health| {
        let (place, reason) = match health {
            Health::Checked | Health::Unknown => return None,
            Health::Disabled | Health::Absent
                if other.get("build").is_some() && !is_unchecked(other) =>
            {
                (
                    other.get("build")?.key_place(),
                    "neither the file nor its Dockerfile has a health check",
                )
            }
            Health::Disabled => (
                other.get("healthcheck")?.key_place(),
                "its health check is disabled",
            ),
            Health::Absent => (
                other.get("image")?.place(),
                "neither the file nor this image has a health check",
            ),
        };
        let message = format!(
            "`{}` never starts: `{}` has no health check",
            service.name, need.name
        );
        Some(
            Found::new(service.name, message, need.at.key_place())
                .label("it should wait until this is healthy")
                .related(place, reason),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn a_dockerfile_shows_whether_its_last_stage_has_a_health_check() {
        for (text, target, health) in [
            ("FROM scratch", None, Health::Absent),
            (
                "FROM postgres:17\nhealthcheck cmd pg_isready",
                None,
                Health::Checked,
            ),
            ("FROM index.docker.io/library/redis:8", None, Health::Absent),
            ("FROM localhost/redis", None, Health::Unknown),
            ("FROM me/base:1", None, Health::Unknown),
            (
                "FROM node:22 AS build\nFROM --platform=linux/amd64 build",
                None,
                Health::Absent,
            ),
            (
                "FROM a AS b\nHEALTHCHECK CMD x\nFROM b",
                None,
                Health::Checked,
            ),
            (
                "FROM a AS b\nHEALTHCHECK CMD x\nFROM node AS c\n",
                Some("B"),
                Health::Checked,
            ),
            ("FROM a\nHEALTHCHECK NONE", None, Health::Disabled),
            ("FROM node AS node", None, Health::Absent),
            ("FROM a", Some("gone"), Health::Unknown),
            ("", None, Health::Unknown),
        ] {
            assert_eq!(Health::of_dockerfile(text, target), health, "{text}");
        }
    }
}
