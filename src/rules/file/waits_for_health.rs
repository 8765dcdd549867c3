//! Waiting for a service without a health check to become healthy.

use super::{each, is_unchecked};
use crate::compose::{Need, Service};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "waits-for-health",
    severity: Severity::Error,
    title: "A service that others wait for until it is healthy has a health check",
    why: "A service without a health check never becomes healthy, so its dependents never start.",
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
    only: Some(Engine::Docker),
    ..Rule::DEFAULT
};

/// Images of the Docker library, which have no health check of their own.
const LIBRARY: [&str; 32] = [
    "alpine", "busybox", "caddy", "cassandra", "consul", "couchdb", "debian", "eclipse-temurin",
    "elasticsearch", "golang", "haproxy", "httpd", "kong", "mariadb", "memcached", "mongo",
    "mysql", "nats", "neo4j", "nginx", "node", "php", "postgres", "python", "rabbitmq", "redis",
    "ruby", "tomcat", "traefik", "ubuntu", "wordpress", "zookeeper",
];

/// What is known of the health check of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// The file has one.
    Checked,
    /// The file disables it.
    Disabled,
    /// The file has none, nor has the image.
    Absent,
    /// The file has none, and the image may have one.
    Unknown,
}

impl Health {
    pub(super) fn of(service: Service<'_>) -> Self {
        if is_unchecked(service) {
            return Self::Disabled;
        }
        if service.dig(&["healthcheck", "test"]).is_some() {
            return Self::Checked;
        }
        let image = service.text("image").unwrap_or_default();
        let image = image.strip_prefix("docker.io/").unwrap_or(&image);
        let image = image.strip_prefix("library/").unwrap_or(image);
        let name = image.split([':', '@']).next().unwrap_or_default();
        let is_built = service.get("build").is_some();
        if LIBRARY.contains(&name) && !is_built {
            Self::Absent
        } else {
            Self::Unknown
        }
    }
}

/// The services that others wait for until they are healthy. `look` is given who waits, for whom, that
/// service, and what is known of its health check.
pub(super) fn each_awaited(
    deployed: &Deployed<'_>,
    look: impl Fn(Service<'_>, Need<'_>, Service<'_>, Health) -> Option<Found>,
) -> Vec<Found> {
    each(deployed, |service| {
        let needs = service.needs();
        let for_health = needs.filter(|need| need.condition == "service_healthy");
        let found = for_health.filter_map(|need| {
            let other = deployed.file.service(need.name)?;
            // A provider says by itself when it is ready.
            other.get("provider").is_none().then_some(())?;
            look(service, need, other, Health::of(other))
        });
        found.collect::<Vec<_>>()
    })
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_awaited(deployed, |service, need, other, health| {
        let (place, reason) = match health {
            Health::Checked | Health::Unknown => return None,
            Health::Disabled => (
                other.get("healthcheck")?.key_place(),
                "its health check is disabled",
            ),
            Health::Absent => (
                other.get("image")?.place(),
                "neither the file nor this image has a health check",
            ),
        };
        let message = format!("`{}` waits for `{}` forever", service.name, need.name);
        Some(
            Found::new(service.name, message, need.at.key_place())
                .label("it waits until this is healthy")
                .related(place, reason),
        )
    })
}
